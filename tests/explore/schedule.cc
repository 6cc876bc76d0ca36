// schedule.cc - one thread runs, up to its next visible operation; then it
// is decided who goes on.
//
// Plain memory is not visible: two threads that race for it fail whoever
// comes first. So between two atomic operations nobody is interrupted.
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "tests/explore/context.h"
#include "tests/explore/run.h"
#include "tests/explore/state.h"
#include "tests/explore/story.h"

namespace explore {
namespace {

// Has anybody else written since this thread began to wait for that?
bool OthersChanged(int t) {
  return state.all_changes - state.changes_by[t] !=
         state.threads[t].changes_then;
}

bool OthersRan(int t) {
  return uint64_t(state.events_used) - state.threads[t].events !=
         state.threads[t].others_then;
}

// Can it go on? `politely`: a thread that spins or yields lets others.
bool IsEnabled(int t, bool politely) {
  const Thread &thread = state.threads[t];
  if (thread.ended) return false;
  switch (thread.pending.need) {
    case Need::kMutex:
      return state.objects[thread.pending.object].owner < 0;
    case Need::kWoken:
      return thread.woken;
    case Need::kFlag:
      return *thread.pending.word != 0;
    case Need::kOthers:
      return !politely || OthersRan(t);
    default:
      return !politely || !thread.spins || OthersChanged(t);
  }
}

uint8_t Enabled(bool politely) {
  uint8_t mask = 0;
  for (int t = 1; t < state.thread_count; t++)
    if (IsEnabled(t, politely)) mask |= uint8_t(1 << t);
  return mask;
}

bool AllEnded() {
  for (int t = 1; t < state.thread_count; t++)
    if (!state.threads[t].ended) return false;
  return true;
}

void SwitchTo(int next) {
  int old = state.self;
  if (next == old) return;
  state.self = next;
  SwitchContext(old, next);
}

// Nobody can go on, but for who waits with a timeout: it is time.
bool TimeOutSomebody() {
  for (int t = 1; t < state.thread_count; t++) {
    Thread &thread = state.threads[t];
    if (thread.ended || thread.pending.need != Need::kWoken || !thread.is_timed)
      continue;
    thread.woken = thread.timed_out = true;
    for (int i = 0; i < state.objects_used; i++)
      state.objects[i].waiters &= uint8_t(~(1 << t));
    return true;
  }
  return false;
}

[[noreturn]] void FailStuck() {
  char text[900];
  size_t used = 0;
  for (int t = 1; t < state.thread_count; t++) {
    const Thread &thread = state.threads[t];
    if (thread.ended) continue;
    const Object *object = thread.pending.object >= 0
                               ? &state.objects[thread.pending.object]
                               : nullptr;
    used += size_t(
        snprintf(text + used, sizeof text - used, "\n  %s waits: %s %s, at %s",
                 TellThread(t), thread.pending.verb,
                 object != nullptr ? TellName(object->address, 4) : "",
                 TellPlace(thread.pending.pc)));
    if (thread.pending.need == Need::kMutex)
      used += size_t(snprintf(
          text + used, sizeof text - used, ", which %s has locked at %s",
          TellThread(object->owner), TellPlace(object->owner_pc)));
    if (used > 700) break;
  }
  Fail("deadlock: everybody waits, and nobody is left to wake them%s", text);
}

void Reschedule() {
  uint8_t enabled = Enabled(true);
  if (enabled == 0) enabled = Enabled(false);
  if (enabled == 0 && AllEnded()) return SwitchTo(0);
  if (enabled == 0 && TimeOutSomebody()) enabled = Enabled(false);
  if (enabled == 0) FailStuck();
  if (state.events_used >= options.steps || state.events_used >= kMaxEvents)
    Fail("livelock: %d operations, and no end\nlast, %s", state.events_used,
         TellThreadPlace("by", state.self, self().pending.pc));
  self().spins_alone = enabled == 1 << state.self && self().spins &&
                       !IsEnabled(state.self, true);
  int next = Pick(enabled);
  if (next < 0) Cut();
  SwitchTo(next);
}

// The entry of each thread's context.
void RunThread() {
  self().started = true;
  Commit(Touch::kNothing, -1, -1);
  RunBody(state.self);
  self().ended = true;
  self().pending.need = Need::kNone;
  Reschedule();
  __builtin_unreachable();
}

}  // namespace

void Visible(const Pending &pending) {
  Thread &thread = self();
  thread.pending = pending;
  if (state.phase == Phase::kThreads) {
    thread.others_then = uint64_t(state.events_used) - thread.events;
    Reschedule();
  }
  if (thread.last_object != pending.object || pending.object < 0) {
    thread.elsewhere = thread.now;
    thread.last_object = pending.object;
  }
  thread.now.at[state.self]++;
  thread.before = thread.now;
  NoteElsewhere(pending.object);
}

void RunThreads() {
  const Thread &setup = state.threads[0];
  for (int t = 1; t < state.thread_count; t++) {
    Thread &thread = state.threads[t];
    thread.now = setup.now;
    thread.acquired = setup.now;
    thread.now.at[t] = 1;
    thread.last_object = -1;
    thread.pending = {Touch::kNothing, Need::kNone, 0,      -1,
                      "start",         nullptr,     nullptr};
    ResetContext(t, RunThread);
  }
  state.phase = Phase::kThreads;
  Reschedule();
  state.phase = Phase::kFinish;
  for (int t = 1; t < state.thread_count; t++)
    state.threads[0].now.Join(state.threads[t].now);
}

void Cut() {
  outcome = Outcome::kCut;
  LeaveContext(state.self, kMainContext);
}

void Fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(failure, sizeof failure, format, arguments);
  va_end(arguments);
  outcome = Outcome::kFailed;
  LeaveContext(state.self, kMainContext);
}

}  // namespace explore
