// spin.cc - loops that go round until somebody else does something.
//
// A thread that has done the same, with the same results, four times over
// spins. From then on it reads the newest stores only, as C11 asks ("in a
// finite time"), and goes on only when another thread has written. If there is
// nobody to do that, it is a livelock.
#include "tests/explore/state.h"
#include "tests/explore/story.h"

namespace explore {
namespace {

// Loops that change something may be there for another reason: they get more
// rounds. (To exchange 1 for 1, as a lock that spins does, is no change; but a
// loop that does it has an end, perhaps.)
constexpr uint32_t kRounds = 3, kRoundsThatWrite = 12;

// The length of the loop that it is in; 0: none.
uint32_t Period(const Thread &thread) {
  for (uint32_t period = 1; period <= kPeriods; period++) {
    bool writes = thread.last_write + period > thread.ring_used;
    if (thread.same[period] >= period * (writes ? kRoundsThatWrite : kRounds))
      return period;
  }
  return 0;
}

}  // namespace

uint64_t SpinKey(const void *pc, int object, uint64_t what) {
  uint64_t key = reinterpret_cast<uintptr_t>(pc) * 0x9E3779B97F4A7C15u;
  return (key ^ uint64_t(object)) * 0xC2B2AE3D27D4EB4Fu ^ what;
}

void NoteSpin(uint64_t key, Effect effect) {
  if (state.phase != Phase::kThreads) return;
  Thread &thread = self();
  uint32_t at = thread.ring_used++;
  for (uint32_t period = 1; period <= kPeriods; period++) {
    bool same = at >= period && thread.ring[(at - period) % kRing] == key;
    thread.same[period] = same ? thread.same[period] + 1 : 0;
  }
  thread.ring[at % kRing] = key;
  if (effect != Effect::kNone) thread.last_update = thread.ring_used;
  if (effect == Effect::kChanges) thread.last_write = thread.ring_used;
  uint32_t period = Period(thread);
  thread.spins = period > 0;
  if (!thread.spins) return;
  thread.changes_then = state.all_changes - state.changes_by[state.self];
  bool pure = thread.last_update + period <= thread.ring_used;
  if (pure && thread.spins_alone && thread.same[period] >= 6 * period)
    Fail(
        "livelock: it looks again and again, and nobody is left to change "
        "what it sees\n%s",
        TellThreadPlace("by", state.self, thread.pending.pc));
}

}  // namespace explore
