// queue.cc - futex words and condition variables have a queue each.
//
// A wait that times out does so at once: whatever happens while it sleeps,
// short of a wake, it does not see.
#include "tests/explore/queue.h"

#include "tests/explore/story.h"

namespace explore {

Wake ChooseWake(bool is_timed) {
  Wake endings[3] = {Wake::kWoken};
  int count = 1;
  if (is_timed && state.timeouts < options.timeouts)
    endings[count++] = Wake::kTimedOut;
  if (state.spurious_wakes < options.spurious_wakes)
    endings[count++] = Wake::kSpuriously;
  Wake ending = endings[Choose(count)];
  if (ending == Wake::kTimedOut) state.timeouts++;
  if (ending == Wake::kSpuriously) state.spurious_wakes++;
  return ending;
}

void Enqueue(int object, bool is_timed) {
  state.objects[object].waiters |= uint8_t(1 << state.self);
  self().woken = self().timed_out = false;
  self().is_timed = is_timed;
}

bool Sleep(int object, const char *verb, const void *pc) {
  if (state.phase != Phase::kThreads)
    Fail("deadlock: a wait in [setup] or [end], where nobody wakes\n%s",
         TellThreadPlace("by", state.self, pc));
  Visible({Touch::kNothing, Need::kWoken, 0, object, verb, pc, nullptr});
  if (recording)
    TellLine(pc, "%s: %s", verb, self().timed_out ? "timed out" : "woken");
  Commit(Touch::kNothing, -1, -1);
  End();
  return !self().timed_out;
}

uint8_t ChooseWaiters(int object, int most) {
  uint8_t waiters = state.objects[object].waiters, chosen = 0;
  int count = __builtin_popcount(waiters);
  if (most >= count) return waiters;
  if (most <= 0) return 0;
  // The rest is woken from the lowest on; which is first, is a choice.
  int first = Choose(count);
  for (int i = 0; i < most; i++) {
    uint8_t left = waiters & uint8_t(~chosen);
    for (int skip = i == 0 ? first : 0; skip > 0; skip--)
      left &= uint8_t(left - 1);
    chosen |= uint8_t(left & -left);
  }
  return chosen;
}

void WakeWaiters(int object, uint8_t waiters) {
  state.objects[object].waiters &= uint8_t(~waiters);
  for (int t = 1; t < state.thread_count; t++) {
    if (!(waiters >> t & 1)) continue;
    state.threads[t].woken = true;
    state.threads[t].cause.Join(self().cause);
  }
}

}  // namespace explore
