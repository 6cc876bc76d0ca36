// timer_test.cc - steps 7.4 and 7.5: the driver, and time that passes by
// itself.
#include <memory>
#include <string>
#include <vector>

#include "tests/07_timer/timer_fixture.h"
#include "tests/support/acting_waker.h"
#include "tests/support/panics.h"

extern "C" {
#include "chapters/06_reactor/reactor.h"
}

namespace {

using gate::Allocations;
using gate::FutureProbe;
using gate::WakerProbe;
using Timeouts = std::vector<int64_t>;

// ---------------------------------------------------------------- step 7.4

class DriverStep : public TimerFixture {
 protected:
  void SetUp() override {
    TimerFixture::SetUp();
    for (auto &entry : entries_) timer_entry_init(&entry);
  }
  bool Start(int entry, int64_t duration, const struct waker *waker) {
    return timer_start(&timer_, &entries_[entry], now() + duration, waker);
  }
  bool Start(int entry, int64_t duration) {
    return Start(entry, duration, probe_.waker());
  }
  void Stop(int entry) { timer_stop(&timer_, &entries_[entry]); }

  struct timer_entry entries_[4];
  WakerProbe probe_{"who waits for a deadline"};
};

TEST_F(DriverStep, WithoutTimersItIsNotThere) {
  inner_.act = [](int64_t timeout) { return timeout == 5; };
  EXPECT_FALSE(Park(-1));
  EXPECT_TRUE(Park(5)) << "D1: the inner driver's news is news";
  EXPECT_FALSE(Park(0));
  EXPECT_EQ((Timeouts{-1, 5, 0}), inner_.timeouts) << "T1";
}

TEST_F(DriverStep, NotLongerThanUntilTheNextDeadline) {
  ASSERT_TRUE(Start(0, MILLISECONDS(10)));
  ASSERT_TRUE(Start(1, MILLISECONDS(20)));
  Park(-1);
  Park(MILLISECONDS(3));
  Park(MILLISECONDS(30));
  Park(0);
  EXPECT_EQ((Timeouts{MILLISECONDS(10), MILLISECONDS(3), MILLISECONDS(10), 0}),
            inner_.timeouts)
      << "T1: the shorter of the two; negative means without end";
  inner_.timeouts.clear();
  clock_advance(&clock_, MICROSECONDS(300));
  Park(-1);
  EXPECT_EQ(Timeouts{MICROSECONDS(9700)}, inner_.timeouts)
      << "T1: a part of the time is over";
  Stop(0);
  Stop(1);
}

TEST_F(DriverStep, WokenWhenTheDeadlineHasCome) {
  ASSERT_TRUE(Start(0, MILLISECONDS(2)));
  EXPECT_EQ(1, probe_.clones()) << "it keeps a clone of the waker";
  EXPECT_EQ(1u, timer_.live);
  Pass(MILLISECONDS(1));
  EXPECT_EQ(0, probe_.wakes()) << "T2: never early";
  clock_advance(&clock_, MILLISECONDS(1));
  EXPECT_TRUE(Park(0)) << "D1: a deadline that has come is news";
  EXPECT_EQ(1, probe_.wakes()) << "T3";
  EXPECT_EQ(0, probe_.live());
  EXPECT_EQ(0u, timer_.live);
  EXPECT_FALSE(entries_[0].is_started);
  Pass(SECONDS(1));
  EXPECT_EQ(1, probe_.wakes()) << "T3: once";
}

TEST_F(DriverStep, RoundedUpToATick) {
  clock_advance(&clock_, MICROSECONDS(700));
  ASSERT_TRUE(Start(0, MICROSECONDS(500)));  // at 1.2 ms
  Pass(MICROSECONDS(400));                   // 1.1
  EXPECT_EQ(0, probe_.wakes()) << "T2: never early";
  Pass(MICROSECONDS(899));
  EXPECT_EQ(0, probe_.wakes()) << "T2: its tick is at 2 ms";
  Pass(MICROSECONDS(1));
  EXPECT_EQ(1, probe_.wakes()) << "T2: its tick is at 2 ms";
}

TEST_F(DriverStep, WhatIsOverIsNotStarted) {
  EXPECT_FALSE(Start(0, 0));
  EXPECT_FALSE(Start(0, -SECONDS(1)));
  EXPECT_FALSE(timer_start(&timer_, &entries_[0], INT64_MIN, probe_.waker()));
  EXPECT_EQ(0u, timer_.live);
  EXPECT_EQ(0, probe_.clones());
}

TEST_F(DriverStep, TheEndOfTime) {
  ASSERT_TRUE(timer_start(&timer_, &entries_[0], INT64_MAX, probe_.waker()));
  Park(-1);
  EXPECT_LE(-1, inner_.timeouts[0]);
  for (int i = 0; i < 50; i++) Pass(SECONDS(86400) * 365);
  EXPECT_EQ(0, probe_.wakes()) << "T2: that is 292 years away";
  Stop(0);
}

TEST_F(DriverStep, InOrder) {
  std::string order;
  ActingWaker a([&] { order += "a"; }), b([&] { order += "b"; }),
      c([&] { order += "c"; });
  ASSERT_TRUE(Start(0, MILLISECONDS(300), c.waker()));
  ASSERT_TRUE(Start(1, MILLISECONDS(2), a.waker()));
  ASSERT_TRUE(Start(2, MILLISECONDS(70), b.waker()));
  Pass(SECONDS(1));
  EXPECT_EQ("abc", order) << "T3: in order of the deadlines";
  EXPECT_EQ(3u, timer_.fired);
}

// The clock has gone on since the last park, and nobody has looked yet.
TEST_F(DriverStep, StartedWhenAnotherIsDue) {
  ASSERT_TRUE(Start(0, MILLISECONDS(5)));
  clock_advance(&clock_, MILLISECONDS(70));
  ASSERT_TRUE(Start(1, MILLISECONDS(5)));
  Park(0);
  EXPECT_EQ(1, probe_.wakes())
      << "T3: whoever is due is woken in the next park";
  Pass(MILLISECONDS(5));
  EXPECT_EQ(2, probe_.wakes());
}

TEST_F(DriverStep, StoppedIsForgotten) {
  ASSERT_TRUE(Start(0, MILLISECONDS(5)));
  Stop(0);
  EXPECT_EQ(0u, timer_.fired) << "it was stopped";
  EXPECT_EQ(0, probe_.live()) << "the waker is given back";
  EXPECT_EQ(0u, timer_.live);
  Stop(0);
  EXPECT_EQ(0u, timer_.live) << "stopping what is not started does nothing";
  Pass(SECONDS(1));
  EXPECT_EQ(0, probe_.wakes());
  ASSERT_TRUE(Start(0, MILLISECONDS(5))) << "it may be started again";
  Pass(SECONDS(1));
  EXPECT_EQ(1, probe_.wakes());
}

TEST_F(DriverStep, AWakeStopsAnotherThatIsDue) {
  ActingWaker stopping([&] {
    Stop(1);
    Stop(2);
  });
  ASSERT_TRUE(Start(0, MILLISECONDS(1), stopping.waker()));
  ASSERT_TRUE(Start(1, MILLISECONDS(2)));
  ASSERT_TRUE(Start(2, MILLISECONDS(3)));
  ASSERT_TRUE(Start(3, MILLISECONDS(4)));
  Pass(SECONDS(1));
  EXPECT_EQ(1, probe_.wakes())
      << "T3: two of the three were stopped before their turn";
  EXPECT_EQ(0, probe_.live());
  EXPECT_EQ(0u, timer_.live) << "T3: and are counted once";
}

TEST_F(DriverStep, AWakeStartsAnother) {
  ActingWaker starting([&] {
    EXPECT_TRUE(Start(1, MILLISECONDS(5)));
    Stop(2);
    EXPECT_TRUE(Start(2, MILLISECONDS(5)));  // it was due, and is not now
  });
  ASSERT_TRUE(Start(0, MILLISECONDS(1), starting.waker()));
  ASSERT_TRUE(Start(2, MILLISECONDS(2)));
  Pass(MILLISECONDS(10));
  EXPECT_EQ(0, probe_.wakes()) << "T3: both have another five milliseconds";
  EXPECT_EQ(2u, timer_.live);
  Pass(MILLISECONDS(5));
  EXPECT_EQ(2, probe_.wakes()) << "T3";
}

TEST_F(DriverStep, AWakeStartsItsOwnAgain) {
  int times = 0;
  ActingWaker *self = nullptr;
  ActingWaker again([&] {
    if (++times < 3) Start(0, MILLISECONDS(1), self->waker());
  });
  self = &again;
  ASSERT_TRUE(Start(0, MILLISECONDS(1), again.waker()));
  for (int i = 0; i < 5; i++) Pass(MILLISECONDS(1));
  EXPECT_EQ(3, times) << "T3";
}

TEST_F(DriverStep, TheUnparkerIsTheInnerOne) {
  struct waker waker = driver_unparker(&timer_.driver);
  waker_wake(&waker);
  EXPECT_EQ(1, inner_.unparked.wakes()) << "D2";
}

TEST_F(DriverStep, NoAllocationNoCall) {
  long before = Allocations::total();
  for (int i = 0; i < 100; i++) {
    ASSERT_TRUE(Start(0, MILLISECONDS(i + 1)));
    Stop(0);
  }
  EXPECT_EQ(before, Allocations::total()) << "T5";
  EXPECT_EQ(Timeouts(), inner_.timeouts) << "T5";
}

TEST_F(DriverStep, AnEndWithTimersIsAMistake) {
  int wakes = 0;  // no probe: it would count the other process's clone
  ActingWaker nobody([&] { wakes++; });
  EXPECT_TRUE(gate::Panics(
      [&] {
        Start(0, SECONDS(1), nobody.waker());
        timer_end(&timer_);
      },
      "still started"));
}

// ---------------------------------------------------------------- step 7.5

class PausedStep : public TimerFixture {
 protected:
  void SetUp() override {
    TimerFixture::SetUp();
    clock_.advances_by_itself = true;
    timer_entry_init(&entry_);
  }
  void Start(int64_t duration) {
    ASSERT_TRUE(
        timer_start(&timer_, &entry_, now() + duration, probe_.waker()));
  }
  // As often as an executor with nothing to do would.
  void ParkUntilWoken() {
    for (int i = 0; i < 20 && probe_.wakes() == 0; i++) Park(-1);
  }

  struct timer_entry entry_;
  WakerProbe probe_{"who waits for a deadline"};
};

TEST_F(PausedStep, AnHourTakesNoTime) {
  Start(SECONDS(3600));
  ParkUntilWoken();
  EXPECT_EQ(1, probe_.wakes()) << "T4";
  EXPECT_EQ(kStart + SECONDS(3600), now()) << "T4: exactly to the deadline";
  for (int64_t timeout : inner_.timeouts)
    ASSERT_EQ(0, timeout) << "T4: it looks, and does not sleep";
}

TEST_F(PausedStep, NewsComesFirst) {
  Start(SECONDS(3600));
  inner_.act = [](int64_t) { return true; };
  EXPECT_TRUE(Park(-1)) << "D1";
  EXPECT_EQ(kStart, now())
      << "T4: somebody was woken, and has things to do before time goes on";
  inner_.act = nullptr;
  ParkUntilWoken();
  EXPECT_EQ(1, probe_.wakes());
}

TEST_F(PausedStep, ALookIsNotAWait) {
  Start(SECONDS(3600));
  Park(0);
  EXPECT_EQ(kStart, now()) << "T4: only a park that may sleep";
  timer_stop(&timer_, &entry_);
}

TEST_F(PausedStep, WithoutTimersItSleeps) {
  Park(-1);
  EXPECT_EQ(Timeouts{-1}, inner_.timeouts)
      << "T4: there is no deadline to go on to";
  EXPECT_EQ(kStart, now());
}

TEST_F(PausedStep, NotFurtherThanItWasAsked) {
  Start(SECONDS(3600));
  EXPECT_FALSE(Park(MILLISECONDS(10)))
      << "D1 of driver.h: time has passed, and nobody was woken";
  EXPECT_EQ(kStart + MILLISECONDS(10), now()) << "D1, T4";
  timer_stop(&timer_, &entry_);
}

TEST_F(PausedStep, HeldByHand) {
  clock_.advances_by_itself = false;
  Start(MILLISECONDS(5));
  Park(-1);
  EXPECT_EQ(kStart, now()) << "K3: only if it may";
  EXPECT_EQ(Timeouts{MILLISECONDS(5)}, inner_.timeouts);
  timer_stop(&timer_, &entry_);
}

TEST_F(PausedStep, AWakeFromElsewhereComesFirst) {
  struct reactor reactor;
  struct timer timer;
  ASSERT_EQ(0, reactor_init(&reactor));
  timer_init(&timer, &clock_, &reactor.driver);
  ASSERT_TRUE(
      timer_start(&timer, &entry_, now() + SECONDS(3600), probe_.waker()));
  struct waker waker = driver_unparker(&timer.driver);
  waker_wake(&waker);
  driver_park(&timer.driver, -1);
  EXPECT_EQ(kStart, now()) << "T4: a wake is news, and was not lost (D2)";
  timer_stop(&timer, &entry_);
  timer_end(&timer);
  reactor_end(&reactor);
}

}  // namespace
