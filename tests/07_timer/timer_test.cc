// timer_test.cc - steps 7.4 and 7.5: the driver, and time that passes by
// itself.
#include <atomic>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/07_timer/timer_fixture.h"
#include "tests/support/acting_waker.h"
#include "tests/support/epoll.h"
#include "tests/support/interrupt.h"
#include "tests/support/lock_looker.h"
#include "tests/support/panics.h"

extern "C" {
#include "chapters/06_reactor/reactor.h"
}

namespace {

using gate::Allocations;
using gate::Epoll;
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
  EXPECT_EQ(0u, timer_.fired) << "T3: timer_stop() counted it as fired";
  ASSERT_FALSE(list_is_linked(&entries_[0].wheel.link))
      << "T3: the entry was stopped, and is in the wheel still, which will "
         "fire "
         "it";
  EXPECT_EQ(0, probe_.live()) << "the waker is given back";
  EXPECT_EQ(0u, timer_.live) << "T3: it was stopped, and still counts as live";
  Stop(0);
  EXPECT_EQ(0u, timer_.live) << "stopping what is not started does nothing";
  Pass(SECONDS(1));
  EXPECT_EQ(0, probe_.wakes());
  ASSERT_TRUE(Start(0, MILLISECONDS(5))) << "it may be started again";
  Pass(SECONDS(1));
  EXPECT_EQ(1, probe_.wakes());
}

TEST_F(DriverStep, WakersAreUsedWithoutTheLock) {
  gate::LockLooker first(&timer_.lock), second(&timer_.lock);
  ASSERT_TRUE(Start(0, MILLISECONDS(1), first.waker()));
  ASSERT_TRUE(Start(1, MILLISECONDS(1), first.waker()));
  EXPECT_TRUE(first.always_free()) << "W1: a clone is made before the lock";
  Pass(MILLISECONDS(1));
  EXPECT_EQ(2, first.wakes());
  EXPECT_TRUE(first.always_free())
      << "W1, T3: a wake may stop and start others, which takes the lock";
  ASSERT_TRUE(Start(2, MILLISECONDS(1), second.waker()));
  Stop(2);
  EXPECT_TRUE(second.always_free()) << "W1: a waker is dropped after the lock";
  EXPECT_TRUE(gate::IsFree(&timer_.lock));
}

TEST_F(DriverStep, AnyThreadTakesTheLock) {
  EXPECT_TRUE(gate::TakesLock(&timer_.lock, [&] { Start(0, MILLISECONDS(5)); }))
      << "T6: any thread may start an entry";
  EXPECT_TRUE(gate::TakesLock(&timer_.lock, [&] { Stop(0); }))
      << "T6: any thread may stop its entry";
  ASSERT_TRUE(Start(0, MILLISECONDS(5)));
  EXPECT_TRUE(gate::TakesLock(&timer_.lock, [&] { Pass(MILLISECONDS(5)); }))
      << "T6: while another one parks";
  EXPECT_EQ(1, probe_.wakes());
  EXPECT_FALSE(gate::TakesLock(&timer_.lock, [&] { Stop(0); }))
      << "what is not started costs its owner no lock";
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

// Of two entries that are due, one is freed as soon as it is not started, and
// the other one stopped by another thread: at each place of the park.
TEST_F(DriverStep, StoppedAndFreedWhileItFires) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    bool is_freed = false, is_stopped = false;
    unsigned long fired = timer_.fired;
    probe_.Reset();
    timer_entry_init(&entries_[0]);
    ASSERT_TRUE(Start(0, MILLISECONDS(1)));
    ASSERT_TRUE(Start(1, MILLISECONDS(2)));
    clock_advance(&clock_, MILLISECONDS(2));
    came = gate::InterruptAt(
        nth, [&] { Park(0); },
        [&] {
          is_freed = !timer_is_started(&entries_[0]);
          if (is_freed) memset(&entries_[0], 0xdd, sizeof entries_[0]);
          if (!gate::IsFree(&timer_.lock)) return;
          is_stopped = timer_is_started(&entries_[1]);
          Stop(1);
        });
    ASSERT_EQ(is_stopped ? 1 : 2, probe_.wakes())
        << "T3, T6: an entry is stopped, or it fires";
    ASSERT_EQ(fired + (is_stopped ? 1 : 2), timer_.fired) << "T6";
    ASSERT_EQ(0u, timer_.live)
        << "T6: one entry has fired, and the other one too or it was stopped, "
           "and `live` counts another number: two threads have changed it at "
           "the same time, and one of them without the lock";
    if (is_freed) {
      ASSERT_EQ(0xdd, *reinterpret_cast<unsigned char *>(&entries_[0]))
          << "T6: the timer has written to an entry that was freed";
    }
  }
}

// The time comes, and another thread parks, in the middle of a start or a stop.
TEST_F(DriverStep, ItsTimeComesDuringTheStart) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    bool is_started = false;
    probe_.Reset();
    came = gate::InterruptAt(
        nth, [&] { is_started = Start(0, MILLISECONDS(1)); },
        [&] {
          if (gate::IsFree(&timer_.lock)) Pass(MILLISECONDS(2));
        });
    Pass(MILLISECONDS(2));
    ASSERT_EQ(is_started ? 1 : 0, probe_.wakes())
        << "T6: it is started, and fires; or it has said that it is not";
    ASSERT_EQ(0u, timer_.live) << "T6";
    ASSERT_EQ(0, probe_.live()) << "T6: nothing is left of what is not started";
  }
}

TEST_F(DriverStep, ItsTimeComesDuringTheStop) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    probe_.Reset();
    ASSERT_TRUE(Start(0, MILLISECONDS(1)));
    unsigned long fired = timer_.fired;
    came = gate::InterruptAt(
        nth, [&] { Stop(0); },
        [&] {
          if (gate::IsFree(&timer_.lock)) Pass(MILLISECONDS(2));
        });
    ASSERT_EQ(timer_.fired - fired, unsigned(probe_.wakes()))
        << "T6: it is stopped, or it fires";
    ASSERT_EQ(0u, timer_.live) << "T6: and is counted once";
    ASSERT_EQ(0, probe_.live()) << "T6";
  }
}

// While the inner driver sleeps, as another thread would.
TEST_F(DriverStep, AnEarlierDeadlineEndsTheSleep) {
  ASSERT_TRUE(Start(0, MILLISECONDS(10)));
  inner_.act = [&](int64_t) { return Start(1, MILLISECONDS(5)), false; };
  Park(-1);
  EXPECT_EQ(1, inner_.unparked.wakes())
      << "T7: it sleeps for ten milliseconds, and in five somebody is due";
  inner_.act = nullptr;
  Park(-1);
  EXPECT_EQ(MILLISECONDS(5), inner_.timeouts[1]) << "T1";
  Stop(0);
  Stop(1);
}

TEST_F(DriverStep, AFirstDeadlineEndsASleepWithoutEnd) {
  inner_.act = [&](int64_t) { return Start(0, SECONDS(3600)), false; };
  Park(-1);
  EXPECT_EQ(1, inner_.unparked.wakes()) << "T7: it would sleep for ever";
  Stop(0);
}

TEST_F(DriverStep, ALaterDeadlineEndsNoSleep) {
  ASSERT_TRUE(Start(0, MILLISECONDS(10)));
  inner_.act = [&](int64_t) {
    Start(1, MILLISECONDS(10));
    Start(2, MILLISECONDS(10) - 1);
    return Start(3, SECONDS(1)), false;
  };
  Park(-1);
  EXPECT_EQ(0, inner_.unparked.wakes())
      << "T7: it wakes by itself in the tick in which they are due, or before";
  for (int i = 0; i < 4; i++) Stop(i);
}

TEST_F(DriverStep, ASleepIsEndedOnce) {
  inner_.act = [&](int64_t) {
    for (int i = 0; i < 4; i++) Start(i, MILLISECONDS(10 - i));
    return false;
  };
  Park(-1);
  EXPECT_EQ(1, inner_.unparked.wakes())
      << "T7: four starts, each before the last one; but from the first on it "
         "is awake";
  inner_.act = nullptr;
  Park(-1);
  EXPECT_EQ(MILLISECONDS(7), inner_.timeouts[1]) << "T1";
  for (int i = 0; i < 4; i++) Stop(i);
}

TEST_F(DriverStep, AShortSleepIsNotEnded) {
  inner_.act = [&](int64_t) { return Start(0, MILLISECONDS(5)), false; };
  Park(MILLISECONDS(3));
  EXPECT_EQ(0, inner_.unparked.wakes()) << "T7: it was to be three, anyway";
  Stop(0);
  Park(MILLISECONDS(30));
  EXPECT_EQ(1, inner_.unparked.wakes()) << "T7";
  Stop(0);
}

TEST_F(DriverStep, NobodySleepsNobodyIsWoken) {
  inner_.act = [&](int64_t) { return Start(0, MILLISECONDS(1)), false; };
  Park(0);
  EXPECT_EQ(0, inner_.unparked.wakes()) << "T7: a look is no sleep";
  Stop(0);
  inner_.act = nullptr;
  Park(-1);
  ASSERT_TRUE(Start(0, MILLISECONDS(1)));
  EXPECT_EQ(0, inner_.unparked.wakes()) << "T7: the sleep is over";
  ActingWaker starting([&] { Start(1, MILLISECONDS(1)); });
  ASSERT_TRUE(Start(2, MILLISECONDS(1), starting.waker()));
  inner_.act = [&](int64_t limit) { return clock_advance(&clock_, limit), 0; };
  Park(-1);
  EXPECT_EQ(0, inner_.unparked.wakes())
      << "T7: whoever fires does not sleep any more";
  Stop(1);
}

TEST_F(DriverStep, TheUnparkerIsWokenWithoutTheLock) {
  gate::LockLooker looker(&timer_.lock);
  inner_.unparker = looker.waker();
  inner_.act = [&](int64_t) { return Start(0, MILLISECONDS(1)), false; };
  Park(-1);
  EXPECT_EQ(1, looker.wakes()) << "T7";
  EXPECT_TRUE(looker.always_free()) << "W1: it is a waker like any other";
  Stop(0);
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

// A real clock, a reactor, and a thread that parks as an executor would.
class ThreadsStep : public gate::Step {
 protected:
  void SetUp() override {
    gate::Step::SetUp();
    clock_init(&clock_);
    ASSERT_EQ(0, reactor_init(&reactor_));
    timer_init(&timer_, &clock_, &reactor_.driver);
    parking_ = std::thread([this] {
      while (!is_over_) driver_park(&timer_.driver, -1);
    });
  }
  void TearDown() override {
    is_over_ = true;
    struct waker waker = driver_unparker(&reactor_.driver);
    waker_wake(&waker);
    parking_.join();
    if (!HasFailure()) timer_end(&timer_);
    reactor_end(&reactor_);
    gate::Step::TearDown();
  }
  int64_t in(int64_t duration) { return timer_now(&timer_) + duration; }
  // Two threads that start and stop, and perhaps renew, while one parks.
  void ComeAndGo(bool renews) {
    std::atomic<unsigned long> fired{0}, lost{0};
    auto come_and_go = [&](unsigned seed) {
      std::mt19937 random(seed);
      WakerProbe probe("who waits");
      for (int round = 0; round < 400 && !gate::TodoReached(); round++) {
        auto entry = std::make_unique<struct timer_entry>();
        timer_entry_init(entry.get());
        int64_t duration = MICROSECONDS(random() % 3000);
        if (!timer_start(&timer_, entry.get(), in(duration), probe.waker()))
          continue;
        if (round % 4 == 0 && !gate::Eventually("it fires", [&] {
              return !timer_is_started(entry.get());
            }))
          lost++;
        if (round % 4 == 1)  // now before it fires, now after it: no matter
          for (unsigned n = random() % 200; n > 0; n--)
            std::this_thread::yield();
        if (renews && round % 4 == 2)
          timer_renew(&timer_, entry.get(), probe.waker());
        struct waker waker = timer_cancel(&timer_, entry.get());
        if (waker.ops == nullptr) fired++;
        waker_drop(&waker);
      }
      gate::Eventually("all wakes are over", [&] { return probe.live() == 0; });
    };
    gate::Note("two threads that start and stop, and one that parks");
    std::thread one(come_and_go, 1), two(come_and_go, 2);
    one.join();
    two.join();
    EXPECT_EQ(0u, lost) << "T6, T7";
    EXPECT_EQ(fired, timer_.fired) << "T6: each is stopped or fires, once";
    EXPECT_EQ(0u, timer_.live) << "T6";
  }

  struct clock clock_;
  struct reactor reactor_;
  struct timer timer_;
  std::atomic<bool> is_over_{false};
  std::thread parking_;
};

TEST_F(ThreadsStep, AnEarlierDeadlineFromAnotherThread) {
  WakerProbe late("who waits for an hour"), early("who waits for a moment");
  struct timer_entry entries[2];
  for (auto &entry : entries) timer_entry_init(&entry);
  gate::Eventually("the other thread sleeps in epoll_wait()",
                   [] { return Epoll::is_sleeping(); });
  ASSERT_TRUE(
      timer_start(&timer_, &entries[0], in(SECONDS(3600)), late.waker()));
  ASSERT_TRUE(
      timer_start(&timer_, &entries[1], in(MILLISECONDS(2)), early.waker()));
  gate::Eventually("the one that is due is woken",
                   [&] { return early.wakes() > 0; });
  EXPECT_EQ(1, early.wakes()) << "T7";
  EXPECT_GE(2, Epoll::eventfd_writes()) << "T7: one wake a sleep";
  timer_stop(&timer_, &entries[0]);
  EXPECT_EQ(0, late.wakes());
}

// Two threads start, stop, and free at once what they have stopped or what has
// fired.
TEST_F(ThreadsStep, StartedAndStoppedWhileItParks) { ComeAndGo(false); }

// Step 7.6, which is what timer_renew() is for.
class RenewedStep : public ThreadsStep {};

TEST_F(RenewedStep, RenewedWhileItParks) { ComeAndGo(true); }

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

TEST_F(PausedStep, AClockNeverGoesBackwards) {
  struct clock clock;
  EXPECT_TRUE(gate::Panics([&] { clock_init_paused(&clock, -1); }, "K1"))
      << "K1: a clock that begins before 0 panics";
  EXPECT_TRUE(gate::Panics([&] { clock_advance(&clock_, -1); }, "K1"))
      << "K1: a clock that is turned back panics";
  memset(&clock, 0xa5, sizeof clock);
  clock_init(&clock);
  EXPECT_TRUE(gate::Panics([&] { clock_advance(&clock, 1); }, "K3"))
      << "K3: only a paused clock can be advanced: any other one panics";
}

TEST_F(PausedStep, AnHourTakesNoTime) {
  Start(SECONDS(3600));
  ParkUntilWoken();
  EXPECT_EQ(1, probe_.wakes())
      << "T4: the clock is paused, an hour was asked for, and the sleeper was "
         "not "
         "woken: time goes on by itself when there is no news";
  EXPECT_EQ(kStart + SECONDS(3600), now()) << "T4: exactly to the deadline";
  for (int64_t timeout : inner_.timeouts)
    ASSERT_EQ(0, timeout) << "T4: it looks, and does not sleep";
}

TEST_F(PausedStep, NewsComesFirst) {
  Start(SECONDS(3600));
  inner_.act = [](int64_t) { return true; };
  EXPECT_TRUE(Park(-1))
      << "D1: the inner driver had news, and the timer's park did not ask it";
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
