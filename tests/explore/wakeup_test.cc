// wakeup_test.cc - every run of a thread that sleeps on an eventfd and of those
// who wake it.
#include "tests/explore/explore.h"
#include "tests/explore/kernel.h"

extern "C" {
#include "chapters/06_reactor/wakeup.h"
}

namespace {

using explore::Check;
using explore::kernel;
using explore::Scenario;

// A scenario's threads share these; its setup makes them anew.
struct wakeup *the_wakeup;
struct waker wakers[2];
explore::Var<int> news;
explore::Atomic is_there, more_is_there;

void MakeWakeup() {
  kernel.Reset();
  Check(wakeup_create(&the_wakeup) == 0, "memory");
  explore::NameRange(the_wakeup, sizeof(uint32_t), "wakeup.state");
  for (struct waker &waker : wakers) waker = wakeup_waker(the_wakeup);
  news.Init(0, "news");
  is_there.Init(0, "is there");
  more_is_there.Init(0, "more is there");
}

void EndWakeup() { wakeup_unref(the_wakeup); }

// As a reactor does.
void Sleep() {
  if (wakeup_prepare(the_wakeup)) kernel.SleepOnEventfd();
  wakeup_finish(the_wakeup);
}

void WakeBoth() {
  for (struct waker &waker : wakers) waker_wake(&waker);
}

}  // namespace

// ---------------------------------------------------------------- step 6.5

using WakeupRuns = ::testing::Test;

TEST_F(WakeupRuns, ASleepAndAWake) {
  Scenario scenario;
  scenario.setup = MakeWakeup;
  scenario.Thread("sleeps", [] {
    Sleep();
    Check(news.Get() == 1, "U3: what came before the wake is seen");
  });
  scenario.Thread("wakes", [] {
    news.Set(1);
    waker_wake(&wakers[0]);
  });
  scenario.finish = [] {
    waker_drop(&wakers[1]);
    EndWakeup();
  };
  EXPECT_HOLDS(scenario);
}

// Two wakes may end one sleep: then it has the news of both.
TEST_F(WakeupRuns, TwoWakesAtOnce) {
  Scenario scenario;
  scenario.setup = MakeWakeup;
  scenario.Thread("sleeps", [] {
    while (is_there.Load() == 0 || more_is_there.Load() == 0) Sleep();
  });
  scenario.Thread("wakes", [] {
    is_there.Store(1);
    waker_wake(&wakers[0]);
  });
  scenario.Thread("wakes too", [] {
    more_is_there.Store(1);
    waker_wake(&wakers[1]);
  });
  scenario.finish = EndWakeup;
  EXPECT_HOLDS(scenario);
}

TEST_F(WakeupRuns, OneOfTwoWakesWrites) {
  Scenario scenario;
  scenario.setup = MakeWakeup;
  scenario.Thread("sleeps", [] {
    if (wakeup_prepare(the_wakeup)) kernel.SleepOnEventfd();
  });
  scenario.Thread("wakes twice", WakeBoth);
  scenario.finish = [] {
    Check(kernel.eventfd_writes() <= 1, "U2: of several wakes one writes");
    Check(wakeup_is_notified(the_wakeup), "U2: and none is forgotten");
    EndWakeup();
  };
  EXPECT_HOLDS(scenario);
}

TEST_F(WakeupRuns, TheReactorGoesDuringAWake) {
  Scenario scenario;
  scenario.setup = [] {
    MakeWakeup();
    Check(wakeup_prepare(the_wakeup), "U1: nobody has woken it");
  };
  scenario.Thread("goes", [] { wakeup_unref(the_wakeup); });
  scenario.Thread("wakes", WakeBoth);
  EXPECT_HOLDS(scenario);
}
