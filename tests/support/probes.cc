// probes.cc - the wakers and futures that count, and small measurements.
#include "tests/support/probes.h"

#include <gtest/gtest.h>

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <dirent.h>
#include <poll.h>

#include <atomic>
#include <mutex>
#include <ostream>

#include "tests/support/board.h"
#include "tests/support/calm.h"
#include "tests/support/run.h"

void PrintTo(enum poll poll, std::ostream *stream) {
  *stream << (poll == POLL_PENDING ? "POLL_PENDING"
              : poll == POLL_READY ? "POLL_READY"
                                   : "no poll's result");
}

namespace gate {
namespace {

double Seconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return double(now.tv_sec) + double(now.tv_nsec) / 1e9;
}

template <typename Slot, int count>
int TakeSlot(Slot (&slots)[count], const char *name) {
  for (int i = 0; i < count; i++) {
    int unused = 0;
    if (!slots[i].used.compare_exchange_strong(unused, 1)) continue;
    snprintf(slots[i].name, sizeof slots[i].name, "%s", name);
    return i;
  }
  ADD_FAILURE() << "the gate itself ran out of probes";
  abort();
}

// ------------------------------------------------------------- wakers

WakerSlot *Waker(const void *data) {
  return static_cast<WakerSlot *>(const_cast<void *>(data));
}

void Consume(WakerSlot *slot) {
  if (--slot->live < 0) slot->overdropped = 1;
}

struct waker CloneWaker(void *data);

void WakeByValue(void *data) {
  Waker(data)->wakes++;
  Waker(data)->wakes_by_value++;
  Consume(Waker(data));
}

void WakeByRef(void *data) {
  Waker(data)->wakes++;
  Waker(data)->wakes_by_ref++;
}

void DropWaker(void *data) {
  Waker(data)->drops++;
  Consume(Waker(data));
}

const struct waker_ops kWakerOps = {CloneWaker, WakeByValue, WakeByRef,
                                    DropWaker};

struct waker CloneWaker(void *data) {
  Waker(data)->clones++;
  Waker(data)->live++;
  return {&kWakerOps, data};
}

// ------------------------------------------------------------- futures

// The waker that a pending probe future keeps. Completion may come from any
// thread; the lock is never held across a call out.
struct Kept {
  std::mutex lock;
  struct waker waker = {nullptr, nullptr};
};
Kept kept[kFutureSlots];

struct waker SwapKept(int slot, struct waker fresh) {
  std::lock_guard<std::mutex> guard(kept[slot].lock);
  struct waker old = kept[slot].waker;
  kept[slot].waker = fresh;
  board()->futures[slot].holds_waker = fresh.ops != nullptr;
  return old;
}

probe_future *Self(struct future *self) {
  return reinterpret_cast<probe_future *>(self);
}

void CheckPlace(FutureSlot &slot, const void *self) {
  uintptr_t none = 0, here = reinterpret_cast<uintptr_t>(self);
  if (!slot.address.compare_exchange_strong(none, here) && none != here)
    slot.moved = 1;
}

enum poll ProbePending(probe_future *probe, FutureSlot &slot,
                       struct context *cx) {
  if (slot.ready_at >= 0) {  // scripted: it wakes itself
    waker_wake_by_ref(cx->waker);
    return POLL_PENDING;
  }
  struct waker old = SwapKept(probe->slot, waker_clone(cx->waker));
  waker_drop(&old);
  // Complete() may have come in between: look again.
  if (slot.ready_at != -2) return POLL_PENDING;
  struct waker unused = SwapKept(probe->slot, {nullptr, nullptr});
  waker_drop(&unused);
  slot.ready = 1;
  probe->base.result = slot.result;
  return POLL_READY;
}

// ready_at: -1 waits for Complete(), -2 completed, n >= 0 ready at poll n+1.
enum poll PollProbe(struct future *self, struct context *cx) {
  probe_future *probe = Self(self);
  FutureSlot &slot = board()->futures[probe->slot];
  CheckPlace(slot, self);
  if (slot.drops > 0) slot.polls_after_drop++;
  if (slot.ready) {
    slot.polls_after_ready++;
    return POLL_READY;
  }
  int polls = ++slot.polls;
  bool ready =
      slot.ready_at == -2 || (slot.ready_at >= 0 && polls > slot.ready_at);
  if (!ready) return ProbePending(probe, slot, cx);
  struct waker old = SwapKept(probe->slot, {nullptr, nullptr});
  waker_drop(&old);
  slot.ready = 1;
  probe->base.result = slot.result;
  return POLL_READY;
}

void DropProbe(struct future *self) {
  probe_future *probe = Self(self);
  FutureSlot &slot = board()->futures[probe->slot];
  if (slot.polls > 0) CheckPlace(slot, self);
  slot.drops++;
  struct waker old = SwapKept(probe->slot, {nullptr, nullptr});
  waker_drop(&old);
}

const struct future_ops kFutureOps = {PollProbe, DropProbe};

}  // namespace

WakerProbe::WakerProbe(const char *name)
    : slot_(TakeSlot(board()->wakers, name)) {
  waker_ = {&kWakerOps, &board()->wakers[slot_]};
  context_ = {&waker_};
}

WakerProbe::~WakerProbe() {
  if (live() != 0) FailureIs(Kind::kLeak);
  EXPECT_LE(live(), 0) << "W2: every clone of a waker is dropped or consumed "
                          "by a wake; these were leaked";
  EXPECT_FALSE(overdropped())
      << "W2: a waker was dropped or consumed more often than it was cloned";
}

#define WAKER_COUNT(name) \
  int WakerProbe::name() const { return board()->wakers[slot_].name; }
WAKER_COUNT(clones)
WAKER_COUNT(wakes)
WAKER_COUNT(wakes_by_value)
WAKER_COUNT(wakes_by_ref)
WAKER_COUNT(drops)
WAKER_COUNT(live)

bool WakerProbe::overdropped() const {
  return board()->wakers[slot_].overdropped != 0;
}
struct context *WakerProbe::context() {
  return &context_;
}
const struct waker *WakerProbe::waker() const { return &waker_; }

void WakerProbe::Reset() {
  WakerSlot &slot = board()->wakers[slot_];
  slot.clones = slot.wakes = slot.wakes_by_value = 0;
  slot.wakes_by_ref = slot.drops = 0;
}

FutureProbe::FutureProbe(const char *name, int pending_polls, int result)
    : slot_(TakeSlot(board()->futures, name)) {
  FutureSlot &slot = board()->futures[slot_];
  slot.ready_at = pending_polls;
  slot.result = result;
  own_ = {{{&kFutureOps}, 0}, slot_};
}

FutureProbe::~FutureProbe() {
  EXPECT_EQ(0, polls_after_ready())
      << "P4: " << board()->futures[slot_].name
      << " was polled again after it had returned POLL_READY";
  EXPECT_EQ(0, polls_after_drop())
      << "P5: " << board()->futures[slot_].name << " was polled after its drop";
  EXPECT_FALSE(moved()) << "P6: " << board()->futures[slot_].name
                        << " was moved after its first poll";
  EXPECT_LE(drops(), 1) << "P5: " << board()->futures[slot_].name
                        << " was dropped more than once";
  if (polls() > 0 && drops() == 0) {
    FailureIs(Kind::kLeak);
    ADD_FAILURE() << "P5: " << board()->futures[slot_].name
                  << " was polled and never dropped";
  }
}

#define FUTURE_COUNT(type, name, field) \
  type FutureProbe::name() const { return board()->futures[slot_].field; }
FUTURE_COUNT(int, polls, polls)
FUTURE_COUNT(int, drops, drops)
FUTURE_COUNT(int, polls_after_ready, polls_after_ready)
FUTURE_COUNT(int, polls_after_drop, polls_after_drop)
FUTURE_COUNT(bool, moved, moved)
FUTURE_COUNT(bool, holds_waker, holds_waker)
FUTURE_COUNT(bool, is_ready, ready)

struct future *FutureProbe::future() {
  return &own_.base.base;
}
struct int_future *FutureProbe::int_future() {
  return &own_.base;
}
const struct probe_future &FutureProbe::value() const { return own_; }

void FutureProbe::Complete(int result) {
  FutureSlot &slot = board()->futures[slot_];
  slot.result = result;
  slot.ready_at = -2;
  struct waker waker = SwapKept(slot_, {nullptr, nullptr});
  if (waker.ops != nullptr) waker_wake(&waker);
}

int OpenDescriptors() {
  DIR *directory = opendir("/proc/self/fd");
  if (directory == nullptr) return -1;
  int count = 0;
  while (struct dirent *entry = readdir(directory))
    count += entry->d_name[0] != '.';
  closedir(directory);
  return count - 1;  // the directory's own
}

// Seconds of a processor, less than the runner lets a step have (run.cc). What
// somebody waits for here takes milliseconds.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr double kBusyInVain = 30;
#else
constexpr double kBusyInVain = 3;
#endif

// How long somebody waits in vain: half of a step's shortest deadline
// (steps.awk), so that it is the test that gives up, and not the runner; or
// until all the rest of this step is asleep for good, since nothing happens any
// more then. The runner asks the same of a whole step (run.cc). Who has waited
// in vain once waits for little more: a test that goes on has its verdict
// within the other half. Where the code is busy meanwhile, or sleeps, it was so
// in vain long before.
std::atomic<int> patience{10};

class Patience {
 public:
  // Often enough.
  bool IsOver() {
    double now = Seconds(CLOCK_MONOTONIC);
    if (now - last_look_ < 0.25) return false;
    last_look_ = now;
    calm_.Look();
    long seen = Activity(getpgid(0), gettid());
    if (seen < 0 || seen != activity_) since_ = calm_.seconds();
    activity_ = seen;
    return calm_.seconds() > patience || calm_.seconds() - since_ > 3 ||
           Seconds(CLOCK_PROCESS_CPUTIME_ID) > busy_end_;
  }

 private:
  double last_look_ = Seconds(CLOCK_MONOTONIC), since_ = 0;
  double busy_end_ = Seconds(CLOCK_PROCESS_CPUTIME_ID) + kBusyInVain;
  long activity_ = -1;
  CalmTime calm_{getpgid(0)};
};

bool Eventually(const char *what, bool (*condition)(void *), void *data) {
  Note("waiting until %s", what);
  Patience patience_left;
  while (!condition(data)) {
    if (TodoReached()) return false;
    if (patience_left.IsOver()) return patience = 1, false;
    poll(nullptr, 0, 1);  // leaves the processor to those we wait for
  }
  Note("%s", "");
  return true;
}

bool TodoReached() { return (board()->todos & board()->due) != 0; }

Stopwatch::Stopwatch()
    : cpu_(Seconds(CLOCK_PROCESS_CPUTIME_ID)),
      wall_(Seconds(CLOCK_MONOTONIC)) {}
double Stopwatch::cpu_seconds() const {
  return Seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_;
}
double Stopwatch::wall_seconds() const {
  return Seconds(CLOCK_MONOTONIC) - wall_;
}

enum poll Poll(struct future *future, WakerProbe &probe) {
  return future_poll(future, probe.context());
}

bool PollToEnd(struct future *future, WakerProbe &probe, int limit) {
  for (int polls = 0; polls < limit; polls++) {
    int wakes = probe.wakes();
    if (Poll(future, probe) == POLL_READY) return true;
    if (probe.wakes() == wakes) {
      ADD_FAILURE() << "P2: pending after " << polls + 1
                    << " polls, and no wake is due: nobody would ever poll "
                       "it again";
      return false;
    }
  }
  FailureIs(Kind::kSpin);
  ADD_FAILURE() << "still pending after " << limit << " polls: it wakes itself "
                << "for ever";
  return false;
}

void Note(const char *format, ...) {
  static std::mutex *lock = new std::mutex;  // two threads may say something
  std::lock_guard<std::mutex> guard(*lock);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(board()->note, sizeof board()->note, format, arguments);
  va_end(arguments);
}

}  // namespace gate
