// slot_wakers_test.cc - every run of a task that looks which of its slots were
// woken, and of those who wake them.
#include "tests/explore/explore.h"
#include "tests/explore/waker.h"

extern "C" {
#include "chapters/10_stream/slot_wakers.h"
}

namespace {

using explore::Check;
using explore::Scenario;

// A scenario's threads share these; its setup makes them anew.
struct slot_wakers *all;
struct waker wakers[2];
explore::Var<int> news, more_news;
bool is_due[2];  // the waiting thread's
explore::TestWaker owner;

// With a waker for each of these slots, as a future in there has kept it.
void MakeSlots(size_t first, size_t second) {
  all = slot_wakers_create(2);
  Check(all != nullptr, "memory");
  explore::Name(&all->owners, "owners");
  explore::Name(&all->owner.state, "the owner's cell");
  explore::Name(&all->owner.waker, "the owner's waker");
  explore::Name(&all->slots[0].is_woken, "flag 0");
  explore::Name(&all->slots[1].is_woken, "flag 1");
  explore::Name(&all->slots[0].next, "link 0");
  explore::Name(&all->slots[1].next, "link 1");
  explore::Name(&all->woken, "the list of the woken");
  is_due[0] = is_due[1] = false;
  const size_t slots[] = {first, second};
  for (int i = 0; i < 2; i++) {
    struct waker lent = slot_wakers_lend(all, slots[i]);
    wakers[i] = waker_clone(&lent);
  }
  news.Init(0, "news");
  more_news.Init(0, "more news");
  owner.Reset("the task's wake");
}

// Waits until the slot is due.
void WaitFor(size_t slot) {
  while (!is_due[slot]) {
    slot_wakers_register(all, owner.waker());
    slot_wakers_gather(all);
    size_t taken;
    while ((taken = slot_wakers_take(all)) != SLOT_NONE) is_due[taken] = true;
    if (!is_due[slot]) owner.Wait();
  }
  is_due[slot] = false;
}

void EndSlots() {
  slot_wakers_end(all);
  owner.CheckAllGivenBack();
}

void Wake() {
  news.Set(1);
  waker_wake(&wakers[0]);
}

void WakeToo() {
  more_news.Set(1);
  waker_wake(&wakers[1]);
}

}  // namespace

// --------------------------------------------------------------- step 10.8

using SlotRuns = ::testing::Test;

TEST_F(SlotRuns, AWakeAndALook) {
  Scenario scenario;
  scenario.setup = [] { MakeSlots(0, 1); };
  scenario.Thread("waits", [] {
    WaitFor(0);
    Check(news.Get() == 1, "K2: what came before the wake is seen");
  });
  scenario.Thread("wakes", Wake);
  scenario.finish = [] {
    waker_drop(&wakers[1]);
    EndSlots();
  };
  EXPECT_HOLDS(scenario);
}

TEST_F(SlotRuns, TwoSlotsAreWoken) {
  Scenario scenario;
  scenario.setup = [] { MakeSlots(0, 1); };
  scenario.Thread("waits", [] {
    WaitFor(0);
    Check(news.Get() == 1, "K2: what came before the wake is seen");
    WaitFor(1);
    Check(more_news.Get() == 1, "K2: what came before the wake is seen");
  });
  scenario.Thread("wakes", Wake);
  scenario.Thread("wakes too", WakeToo);
  scenario.finish = EndSlots;
  EXPECT_HOLDS(scenario);
}

// The second wake finds the flag set, and wakes nobody: the first one does, for
// both.
TEST_F(SlotRuns, TwoWakesOfOneSlot) {
  static explore::Atomic is_there, more_is_there;
  Scenario scenario;
  scenario.setup = [] {
    MakeSlots(0, 0);
    is_there.Init(0, "is there");
    more_is_there.Init(0, "more is there");
  };
  scenario.Thread("waits", [] {
    do {
      WaitFor(0);
    } while (is_there.Load() == 0 || more_is_there.Load() == 0);
  });
  scenario.Thread("wakes", [] {
    is_there.Store(1);
    waker_wake(&wakers[0]);
  });
  scenario.Thread("wakes too", [] {
    more_is_there.Store(1);
    waker_wake(&wakers[1]);
  });
  scenario.finish = EndSlots;
  EXPECT_HOLDS(scenario);
}

TEST_F(SlotRuns, TheTaskEndsDuringAWake) {
  Scenario scenario;
  scenario.setup = [] {
    MakeSlots(0, 1);
    slot_wakers_register(all, owner.waker());
  };
  scenario.Thread("ends", [] { slot_wakers_end(all); });
  scenario.Thread("wakes", Wake);
  scenario.Thread("drops", [] { waker_drop(&wakers[1]); });
  scenario.finish = [] { owner.CheckAllGivenBack(); };
  EXPECT_HOLDS(scenario);
}
