// bed_test.cc - every run of a worker that sleeps and of those who wake it, and
// of two that want the driver.
#include "tests/explore/explore.h"

extern "C" {
#include "chapters/12_work_stealing/bed.h"
}

namespace {

using explore::Check;
using explore::Scenario;

// A scenario's threads share these; its setup makes them anew.
struct driver_slot slot;
struct bed the_bed;
explore::Var<int> news;
explore::Atomic is_there, more_is_there;

// A driver that sleeps until its unparker is called, and tells nothing else.
explore::Flag unparked;
explore::Var<int> parks;  // whoever has the driver counts

const struct waker_ops kUnparkerOps = {[](void *) {
                                         return waker{&kUnparkerOps, nullptr};
                                       },
                                       [](void *) { unparked.SetSilently(); },
                                       [](void *) { unparked.SetSilently(); },
                                       [](void *) {}};

const struct driver_ops kDriverOps = {[](struct driver *, int64_t timeout) {
                                        parks.Set(parks.Get() + 1);
                                        if (timeout != 0)
                                          unparked.WaitAndTake();
                                        return true;
                                      },
                                      [](struct driver *) {
                                        return waker{&kUnparkerOps, nullptr};
                                      }};
struct driver the_driver = {&kDriverOps};

void MakeBed(struct driver *its_driver) {
  unparked.Reset("the unparker");
  parks.Init(0, "parks in the driver");
  driver_slot_init(&slot, its_driver);
  bed_init(&the_bed, &slot);
  explore::Name(&slot.is_taken, "is_taken");
  explore::Name(&the_bed.state, "bed.state");
  news.Init(0, "news");
  is_there.Init(0, "is there");
  more_is_there.Init(0, "more is there");
}

void SleepAndLook() {
  bed_sleep(&the_bed);
  Check(news.Get() == 1, "B4: what came before the wake is seen");
}

void BringNews() {
  news.Set(1);
  bed_wake(&the_bed);
}

}  // namespace

// --------------------------------------------------------------- step 12.6

using BedRuns = ::testing::Test;

TEST_F(BedRuns, ASleepAndAWake) {
  Scenario scenario;
  scenario.setup = [] { MakeBed(nullptr); };
  scenario.Thread("sleeps", SleepAndLook);
  scenario.Thread("wakes", BringNews);
  explore::Options options;
  options.spurious_wakes = 2;
  EXPECT_HOLDS(scenario, options);
}

// Two wakes may end one sleep: then it has the news of both.
TEST_F(BedRuns, TwoWakesAtOnce) {
  Scenario scenario;
  scenario.setup = [] { MakeBed(nullptr); };
  scenario.Thread("sleeps", [] {
    while (is_there.Load() == 0 || more_is_there.Load() == 0)
      bed_sleep(&the_bed);
  });
  scenario.Thread("wakes", [] {
    is_there.Store(1);
    bed_wake(&the_bed);
  });
  scenario.Thread("wakes too", [] {
    more_is_there.Store(1);
    bed_wake(&the_bed);
  });
  EXPECT_HOLDS(scenario);
}

// --------------------------------------------------------------- step 12.7

using DriverRuns = ::testing::Test;

TEST_F(DriverRuns, ASleepInTheDriverAndAWake) {
  Scenario scenario;
  scenario.setup = [] { MakeBed(&the_driver); };
  scenario.Thread("sleeps", SleepAndLook);
  scenario.Thread("wakes", BringNews);
  scenario.finish = [] {
    Check(driver_slot_take(&slot), "B3: the driver is free again");
  };
  EXPECT_HOLDS(scenario);
}

TEST_F(DriverRuns, OneAfterTheOther) {
  Scenario scenario;
  scenario.setup = [] { MakeBed(&the_driver); };
  for (const char *name : {"looks", "looks too"})
    scenario.Thread(name, [] { driver_slot_look(&slot); });
  EXPECT_HOLDS(scenario);
}
