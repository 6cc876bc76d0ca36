// timer_test.cc - every run of a thread that parks in a timer and of the owner
// of an entry, who starts, renews, stops and frees it.
#include <cstdlib>

#include "tests/explore/explore.h"
#include "tests/explore/waker.h"

extern "C" {
#include "chapters/07_timer/timer.h"
}

namespace {

using explore::Check;
using explore::Scenario;

// A scenario's threads share these; its setup makes them anew.
struct clock the_clock;  // it stands still while threads run
struct timer the_timer;
struct timer_entry *entry;
explore::TestWaker first, second;

// A driver that sleeps for the time it is given, or until it is woken; neither
// tells anything else.
explore::Flag unparked;
const struct waker_ops kUnparkerOps = {[](void *) {
                                         return waker{&kUnparkerOps, nullptr};
                                       },
                                       [](void *) { unparked.SetSilently(); },
                                       [](void *) { unparked.SetSilently(); },
                                       [](void *) {}};
const struct driver_ops kInnerOps = {[](struct driver *, int64_t timeout) {
                                       if (timeout < 0) unparked.WaitAndTake();
                                       return false;
                                     },
                                     [](struct driver *) {
                                       return waker{&kUnparkerOps, nullptr};
                                     }};
struct driver inner = {&kInnerOps};

void MakeTimer() {
  clock_init_paused(&the_clock, SECONDS(1));
  the_clock.advances_by_itself = false;
  timer_init(&the_timer, &the_clock, &inner);
  explore::Name(&the_timer.lock, "timer.lock");
  entry = static_cast<struct timer_entry *>(malloc(sizeof *entry));
  timer_entry_init(entry);
  explore::Name(&entry->wheel, "the entry");
  explore::Name(&entry->waker, "the entry's waker");
  explore::Name(&entry->is_started, "is_started");
  unparked.Reset("the inner driver's sleep");
  first.Reset("the first wake");
  second.Reset("the second wake");
}

bool Start() {
  return timer_start(&the_timer, entry, SECONDS(1) + MILLISECONDS(5),
                     first.waker());
}

// With an entry whose time has come.
void MakeDue() {
  MakeTimer();
  Check(Start(), "it is started");
  clock_advance(&the_clock, MILLISECONDS(5));
}

void Look() { driver_park(&the_timer.driver, 0); }

void EndTimer() {
  timer_end(&the_timer);
  first.CheckAllGivenBack();
  second.CheckAllGivenBack();
}

void StopAndFree() {
  timer_stop(&the_timer, entry);
  free(entry);
}

}  // namespace

// ---------------------------------------------------------------- step 7.4

using TimerRuns = ::testing::Test;

TEST_F(TimerRuns, WhoIsWokenFrees) {
  Scenario scenario;
  scenario.setup = MakeDue;
  scenario.Thread("parks", Look);
  scenario.Thread("waits", [] {
    while (timer_is_started(entry)) first.Wait();
    free(entry);
  });
  scenario.finish = EndTimer;
  EXPECT_HOLDS(scenario);
}

TEST_F(TimerRuns, WhoStopsFrees) {
  Scenario scenario;
  scenario.setup = MakeDue;
  scenario.Thread("parks", Look);
  scenario.Thread("stops", StopAndFree);
  scenario.finish = EndTimer;
  EXPECT_HOLDS(scenario);
}

// T7: whoever parks sees the entry, or is woken.
TEST_F(TimerRuns, AStartEndsASleepWithoutEnd) {
  Scenario scenario;
  scenario.setup = MakeTimer;
  scenario.Thread("parks", [] { driver_park(&the_timer.driver, -1); });
  scenario.Thread("starts", [] { Check(Start(), "it is started"); });
  scenario.finish = [] {
    StopAndFree();
    EndTimer();
  };
  EXPECT_HOLDS(scenario);
}

// ---------------------------------------------------------------- step 7.6

using RenewRuns = ::testing::Test;

TEST_F(RenewRuns, ANewWakerWhileItFires) {
  Scenario scenario;
  scenario.setup = MakeDue;
  scenario.Thread("parks", Look);
  scenario.Thread("renews", [] {
    if (timer_renew(&the_timer, entry, second.waker())) second.Wait();
    free(entry);
  });
  scenario.finish = EndTimer;
  EXPECT_HOLDS(scenario);
}
