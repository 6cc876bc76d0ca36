// sleep_test.cc - steps 7.6 to 7.10: futures that wait for time.
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "tests/07_timer/timer_fixture.h"
#include "tests/support/acting_waker.h"
#include "tests/support/budget.h"
#include "tests/support/epoll.h"
#include "tests/support/interrupt.h"
#include "tests/support/lock_looker.h"
#include "tests/support/panics.h"

extern "C" {
#include "chapters/04_executor/executor.h"
#include "chapters/06_reactor/linger.h"
#include "chapters/06_reactor/reactor.h"
#include "chapters/06_reactor/socket.h"
#include "chapters/07_timer/interval.h"
#include "chapters/07_timer/sleep.h"
#include "chapters/07_timer/timeout.h"
}

namespace {

using gate::Allocations;
using gate::Epoll;
using gate::FutureProbe;
using gate::Poll;
using gate::WakerProbe;

// ---------------------------------------------------------------- step 7.6

class SleepStep : public TimerFixture {
 protected:
  enum poll PollSleep(WakerProbe &probe) {
    return Poll(&sleep_.base.base, probe);
  }
  void Drop() { future_drop(&sleep_.base.base); }

  struct sleep sleep_;
  WakerProbe probe_{"sleeper"};
};

TEST_F(SleepStep, UntilItsTimeHasCome) {
  sleep_init(&sleep_, &timer_, MILLISECONDS(10));
  ASSERT_EQ(POLL_PENDING, PollSleep(probe_))
      << "S1: the sleep was made for ten milliseconds from now, and was ready "
         "in "
         "the same moment: its deadline is now and the duration";
  EXPECT_EQ(1u, timer_.live) << "P2: the timer knows of it";
  Pass(MILLISECONDS(9));
  EXPECT_EQ(0, probe_.wakes()) << "S2: never before";
  Pass(MILLISECONDS(1));
  EXPECT_EQ(1, probe_.wakes()) << "P2";
  ASSERT_EQ(POLL_READY, PollSleep(probe_)) << "S2";
  EXPECT_EQ(0, sleep_.base.result) << "S4";
  Drop();
}

TEST_F(SleepStep, ItCountsFromWhenItIsMade) {
  sleep_init(&sleep_, &timer_, MILLISECONDS(10));
  EXPECT_EQ(0u, timer_.live) << "P1, S1: the timer hears of it at the poll";
  clock_advance(&clock_, MILLISECONDS(4));
  ASSERT_EQ(POLL_PENDING, PollSleep(probe_));
  Pass(MILLISECONDS(6));
  EXPECT_EQ(1, probe_.wakes()) << "S1: ten milliseconds after it was made";
  ASSERT_EQ(POLL_READY, PollSleep(probe_));
  Drop();
}

TEST_F(SleepStep, NothingToWaitFor) {
  for (int64_t duration : {int64_t(0), int64_t(-5), INT64_MIN}) {
    sleep_init(&sleep_, &timer_, duration);
    EXPECT_EQ(POLL_READY, PollSleep(probe_)) << "S2: " << duration;
    Drop();
  }
  for (int64_t deadline : {kStart, kStart - 1, int64_t(0), INT64_MIN}) {
    sleep_until_init(&sleep_, &timer_, deadline);
    EXPECT_EQ(POLL_READY, PollSleep(probe_)) << "S2: in the past";
    Drop();
  }
  EXPECT_EQ(0, probe_.clones());
}

TEST_F(SleepStep, ForEver) {
  for (int64_t duration : {INT64_MAX, INT64_MAX - 1, INT64_MAX - kStart / 2}) {
    sleep_init(&sleep_, &timer_, duration);
    ASSERT_EQ(POLL_PENDING, PollSleep(probe_))
        << "S2: now plus so much is more than the clock can count";
    Pass(SECONDS(86400) * 365);
    ASSERT_EQ(POLL_PENDING, PollSleep(probe_)) << "S2";
    Drop();
  }
}

TEST_F(SleepStep, UntilAMoment) {
  sleep_until_init(&sleep_, &timer_, kStart + MILLISECONDS(3));
  ASSERT_EQ(POLL_PENDING, PollSleep(probe_));
  Pass(MILLISECONDS(3));
  ASSERT_EQ(POLL_READY, PollSleep(probe_));
  Drop();
}

TEST_F(SleepStep, DroppedIsForgotten) {
  sleep_init(&sleep_, &timer_, MILLISECONDS(10));
  ASSERT_EQ(POLL_PENDING, PollSleep(probe_));
  Drop();
  EXPECT_EQ(0u, timer_.live) << "P5: no timer is left behind";
  EXPECT_EQ(0, probe_.live()) << "P5: nor a waker";
  Pass(SECONDS(1));
  EXPECT_EQ(0, probe_.wakes());
}

// The time comes in the middle of the poll, at every place in turn: a real
// clock does not stand still while it is looked at.
TEST_F(SleepStep, TheTimeComesDuringThePoll) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    enum poll poll = POLL_READY;
    probe_.Reset();
    sleep_init(&sleep_, &timer_, MILLISECONDS(1));
    came = gate::InterruptAt(
        nth, [&] { poll = future_poll(&sleep_.base.base, probe_.context()); },
        [&] { clock_advance(&clock_, MILLISECONDS(1)); });
    if (poll == POLL_PENDING) {
      Pass(MILLISECONDS(1));
      EXPECT_EQ(1, probe_.wakes())
          << "P2: it is pending, and nobody will ever wake it: timer_start() "
             "has said that the time has come";
    }
    Drop();
  }
}

TEST_F(SleepStep, ItMayMoveBeforeItsFirstPoll) {
  struct sleep made;
  sleep_init(&made, &timer_, MILLISECONDS(10));
  sleep_ = made;
  memset(&made, 0xdd, sizeof made);
  ASSERT_EQ(POLL_PENDING, PollSleep(probe_)) << "P6";
  Pass(MILLISECONDS(10));
  EXPECT_EQ(1, probe_.wakes()) << "P6";
  Drop();
}

TEST_F(SleepStep, TheNewestWakerWins) {
  WakerProbe newer("another task");
  sleep_init(&sleep_, &timer_, MILLISECONDS(10));
  ASSERT_EQ(POLL_PENDING, PollSleep(probe_));
  ASSERT_EQ(POLL_PENDING, PollSleep(probe_));
  EXPECT_EQ(1, probe_.clones()) << "the same task: its waker is there already";
  ASSERT_EQ(POLL_PENDING, PollSleep(newer));
  EXPECT_EQ(0, probe_.live()) << "P3: the old one is given back";
  Pass(SECONDS(1));
  EXPECT_EQ(1, newer.wakes()) << "P3";
  EXPECT_EQ(0, probe_.wakes()) << "P3";
  Drop();
}

TEST_F(SleepStep, WakersAreUsedWithoutTheLock) {
  gate::LockLooker first(&timer_.lock), second(&timer_.lock);
  sleep_init(&sleep_, &timer_, MILLISECONDS(10));
  for (gate::LockLooker *looker : {&first, &second}) {
    ASSERT_EQ(POLL_PENDING, future_poll(&sleep_.base.base, looker->context()));
    ASSERT_EQ(POLL_PENDING, future_poll(&sleep_.base.base, looker->context()));
  }
  EXPECT_TRUE(first.always_free() && second.always_free())
      << "W1: the newest waker is cloned before the lock, and the old one "
         "dropped after it";
  Pass(MILLISECONDS(10));
  EXPECT_EQ(1, second.wakes()) << "P3";
  Drop();
}

TEST_F(SleepStep, EachPollTakesTheLock) {
  sleep_init(&sleep_, &timer_, MILLISECONDS(10));
  ASSERT_EQ(POLL_PENDING, PollSleep(probe_));
  EXPECT_TRUE(gate::TakesLock(&timer_.lock, [&] {
    future_poll(&sleep_.base.base, probe_.context());
  })) << "T6: another thread may be taking the waker out";
  Drop();
}

// The timer fires, on another thread, in the middle of a poll with a newer
// waker.
TEST_F(SleepStep, FiredDuringThePoll) {
  WakerProbe newer("another task");
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    enum poll poll = POLL_READY;
    newer.Reset();
    sleep_init(&sleep_, &timer_, MILLISECONDS(1));
    ASSERT_EQ(POLL_PENDING, PollSleep(probe_));
    came = gate::InterruptAt(
        nth, [&] { poll = future_poll(&sleep_.base.base, newer.context()); },
        [&] {
          if (gate::IsFree(&timer_.lock)) Pass(MILLISECONDS(1));
        });
    if (poll == POLL_PENDING) {
      Pass(MILLISECONDS(1));
      EXPECT_EQ(1, newer.wakes())
          << "P2, P3: it is pending, and its waker came too late: "
             "timer_renew() says whether the timer has it";
    }
    Drop();
    EXPECT_EQ(0, newer.live()) << "P5";
    EXPECT_EQ(0, probe_.live()) << "P5";
  }
}

TEST_F(SleepStep, ReadyBeforeItIsWoken) {
  sleep_init(&sleep_, &timer_, MILLISECONDS(10));
  ASSERT_EQ(POLL_PENDING, PollSleep(probe_));
  clock_advance(&clock_, MILLISECONDS(10));
  ASSERT_EQ(POLL_READY, PollSleep(probe_))
      << "S2: the clock decides, not the wake";
  Drop();
  Pass(SECONDS(1));
  EXPECT_EQ(0, probe_.wakes()) << "P5: nothing is left in the timer";
}

TEST_F(SleepStep, WokenForAnotherReason) {
  sleep_init(&sleep_, &timer_, MILLISECONDS(10));
  ASSERT_EQ(POLL_PENDING, PollSleep(probe_));
  Pass(MILLISECONDS(5));
  ASSERT_EQ(POLL_PENDING, PollSleep(probe_)) << "S2: it is not time yet";
  EXPECT_EQ(1u, timer_.live) << "it is in the timer once";
  Pass(MILLISECONDS(5));
  EXPECT_EQ(1, probe_.wakes());
  Drop();
}

// An executor on this timer on a reactor, with a clock that goes by itself.
TEST_F(SleepStep, ASleepPays) {
  struct sleep sleeps[3];
  sleep_init(&sleeps[0], &timer_, 0);
  sleep_init(&sleeps[1], &timer_, 0);
  sleep_init(&sleeps[2], &timer_, SECONDS(1));
  gate::CheckItPays(&sleeps[0].base.base, &sleeps[1].base.base,
                    &sleeps[2].base.base);
  EXPECT_EQ(0u, timer_.live) << "P5: no timer is left behind";
}

// How many that are over does a loop get in one turn?
TEST_F(SleepStep, SoManyInOneTurn) {
  gate::Budget budget;
  int ready = 0;
  for (; ready < 1000; ready++) {
    sleep_init(&sleep_, &timer_, 0);
    enum poll poll = PollSleep(probe_);
    Drop();
    if (poll == POLL_PENDING) break;
  }
  EXPECT_EQ(int(gate::kTurn), ready)
      << "B4 of budget_poll.h: so many operations, and then the others have a "
         "turn";
}

class RuntimeFixture : public TimerFixture {
 protected:
  void SetUp() override {
    TimerFixture::SetUp();
    clock_.advances_by_itself = true;
    ASSERT_EQ(0, reactor_init(&reactor_));
    timer_end(&timer_);
    timer_init(&timer_, &clock_, &reactor_.driver);
    ASSERT_EQ(0, executor_init(&executor_));
    executor_set_driver(&executor_, &timer_.driver);
  }
  void TearDown() override {
    if (!HasFailure()) {
      executor_end(&executor_);
      reactor_end(&reactor_);
    }
    TimerFixture::TearDown();
  }
  struct reactor reactor_;
  struct executor executor_;
};

// A task that sleeps so many times and writes down when it wakes.
struct sleepy {
  struct int_future base;
  struct timer *timer;
  std::vector<int64_t> *woke;
  int64_t duration;
  int times;
  struct sleep sleep;
};

enum poll SleepyPoll(struct future *self, struct context *cx) {
  auto *sleepy = reinterpret_cast<struct sleepy *>(self);
  while (sleepy->times > 0) {
    if (future_poll(&sleepy->sleep.base.base, cx) == POLL_PENDING)
      return POLL_PENDING;
    future_drop(&sleepy->sleep.base.base);
    sleepy->woke->push_back(timer_now(sleepy->timer));
    sleepy->times--;
    sleep_init(&sleepy->sleep, sleepy->timer, sleepy->duration);
  }
  return POLL_READY;
}

void SleepyDrop(struct future *self) {
  future_drop(&reinterpret_cast<struct sleepy *>(self)->sleep.base.base);
}

const struct future_ops kSleepyOps = {SleepyPoll, SleepyDrop};

// ---------------------------------------------------------------- step 7.7

class ResetStep : public SleepStep {};

TEST_F(ResetStep, Later) {
  sleep_init(&sleep_, &timer_, MILLISECONDS(10));
  ASSERT_EQ(POLL_PENDING, PollSleep(probe_));
  sleep_reset(&sleep_, kStart + MILLISECONDS(30));
  Pass(MILLISECONDS(10));
  EXPECT_EQ(0, probe_.wakes()) << "S3: what was due before does not matter";
  Pass(MILLISECONDS(20));
  EXPECT_EQ(1, probe_.wakes())
      << "S3: whoever waits is woken at the new deadline, polled or not";
  ASSERT_EQ(POLL_READY, PollSleep(probe_));
  Drop();
}

TEST_F(ResetStep, Earlier) {
  sleep_init(&sleep_, &timer_, SECONDS(10));
  ASSERT_EQ(POLL_PENDING, PollSleep(probe_));
  sleep_reset(&sleep_, kStart + MILLISECONDS(3));
  Pass(MILLISECONDS(3));
  EXPECT_EQ(1, probe_.wakes()) << "S3";
  ASSERT_EQ(POLL_READY, PollSleep(probe_));
  Drop();
}

TEST_F(ResetStep, EachDeadlinePays) {
  gate::Budget budget(0);
  sleep_init(&sleep_, &timer_, 0);
  EXPECT_EQ(POLL_PENDING, PollSleep(probe_)) << "B4 of budget_poll.h";
  EXPECT_EQ(POLL_READY, PollSleep(probe_)) << "B6 of budget_poll.h";
  sleep_reset(&sleep_, kStart - 1);
  EXPECT_EQ(POLL_PENDING, PollSleep(probe_))
      << "S3, B4 of budget_poll.h: it has another deadline, and that was not "
         "refused yet. A loop that resets and awaits would never end its turn";
  Drop();
}

TEST_F(ResetStep, IntoThePast) {
  sleep_init(&sleep_, &timer_, SECONDS(10));
  ASSERT_EQ(POLL_PENDING, PollSleep(probe_));
  sleep_reset(&sleep_, kStart - 1);
  EXPECT_EQ(1, probe_.wakes()) << "S3: it is ready now, and its task waits";
  EXPECT_EQ(0u, timer_.live);
  ASSERT_EQ(POLL_READY, PollSleep(probe_));
  Drop();
}

TEST_F(ResetStep, ToThisVeryMoment) {
  sleep_init(&sleep_, &timer_, SECONDS(10));
  ASSERT_EQ(POLL_PENDING, PollSleep(probe_));
  sleep_reset(&sleep_, now());
  EXPECT_EQ(1, probe_.wakes()) << "S2, S3: now is not after the clock";
  Drop();
}

TEST_F(ResetStep, BetweenTheWakeAndThePoll) {
  sleep_init(&sleep_, &timer_, MILLISECONDS(10));
  ASSERT_EQ(POLL_PENDING, PollSleep(probe_));
  Pass(MILLISECONDS(10));
  ASSERT_EQ(1, probe_.wakes());
  sleep_reset(&sleep_, now() + MILLISECONDS(10));
  ASSERT_EQ(POLL_PENDING, PollSleep(probe_))
      << "S3: what was due before does not matter any more, though it has "
         "woken";
  Pass(MILLISECONDS(10));
  EXPECT_EQ(2, probe_.wakes()) << "S3";
  Drop();
}

TEST_F(ResetStep, BeforeTheFirstPoll) {
  sleep_init(&sleep_, &timer_, MILLISECONDS(10));
  sleep_reset(&sleep_, kStart + MILLISECONDS(20));
  EXPECT_EQ(0u, timer_.live) << "P1";
  ASSERT_EQ(POLL_PENDING, PollSleep(probe_));
  Pass(MILLISECONDS(10));
  EXPECT_EQ(0, probe_.wakes()) << "S3";
  Drop();
}

TEST_F(ResetStep, AfterItWasReady) {
  sleep_init(&sleep_, &timer_, MILLISECONDS(10));
  clock_advance(&clock_, MILLISECONDS(10));
  ASSERT_EQ(POLL_READY, PollSleep(probe_));
  sleep_reset(&sleep_, now() + MILLISECONDS(10));
  ASSERT_EQ(POLL_PENDING, PollSleep(probe_)) << "S3: it can be used again";
  Pass(MILLISECONDS(10));
  ASSERT_EQ(POLL_READY, PollSleep(probe_)) << "S3";
  Drop();
}

TEST_F(ResetStep, InTheMomentWhenItIsDue) {
  sleep_init(&sleep_, &timer_, MILLISECONDS(10));
  ActingWaker resetting(
      [&] { sleep_reset(&sleep_, now() + MILLISECONDS(10)); });
  struct sleep first;
  sleep_init(&first, &timer_, MILLISECONDS(9));
  ASSERT_EQ(POLL_PENDING, future_poll(&first.base.base, resetting.context()));
  ASSERT_EQ(POLL_PENDING, PollSleep(probe_));
  Pass(MILLISECONDS(10));
  EXPECT_EQ(0, probe_.wakes()) << "T3, S3: reset before its turn";
  Pass(MILLISECONDS(10));
  EXPECT_EQ(1, probe_.wakes()) << "S3";
  future_drop(&first.base.base);
  Drop();
}

// The timer fires, on another thread, in the middle of a reset.
TEST_F(ResetStep, FiredDuringTheReset) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    probe_.Reset();
    sleep_init(&sleep_, &timer_, MILLISECONDS(1));
    ASSERT_EQ(POLL_PENDING, PollSleep(probe_));
    int64_t deadline = now() + MILLISECONDS(3);
    came = gate::InterruptAt(
        nth, [&] { sleep_reset(&sleep_, deadline); },
        [&] {
          if (gate::IsFree(&timer_.lock)) Pass(MILLISECONDS(1));
        });
    Pass(MILLISECONDS(3));
    EXPECT_EQ(1, probe_.wakes())
        << "S3: at the old deadline, if that came first; else at the new one";
    Drop();
    EXPECT_EQ(0, probe_.live()) << "P5";
  }
}

TEST_F(ResetStep, NoWakerIsLost) {
  sleep_init(&sleep_, &timer_, SECONDS(10));
  ASSERT_EQ(POLL_PENDING, PollSleep(probe_));
  for (int i = 1; i <= 5; i++) sleep_reset(&sleep_, kStart + SECONDS(i));
  EXPECT_EQ(1, probe_.live()) << "S3: one waker, as before";
  EXPECT_EQ(1u, timer_.live);
  Drop();
  EXPECT_EQ(0, probe_.live()) << "P5";
}

// ---------------------------------------------------------------- step 7.8

// Work that is always ready: it ends its poll when the budget of the turn is
// spent, and then it has woken its task.
struct Endless {
  struct int_future base = {{&kOps}, 0};
  int done = 0;
  static enum poll PollIt(struct future *self, struct context *cx) {
    for (; gate::Budget::left() > 0;
         gate::Budget::Set(gate::Budget::left() - 1))
      reinterpret_cast<Endless *>(self)->done++;
    waker_wake_by_ref(cx->waker);
    return POLL_PENDING;
  }
  static constexpr struct future_ops kOps = {PollIt, [](struct future *) {}};
};

class TimeoutStep : public RuntimeFixture {
 protected:
  enum poll PollTimeout() { return Poll(&timeout_.base.base, probe_); }
  void Drop() { future_drop(&timeout_.base.base); }
  void Make(FutureProbe &inner, int64_t duration) {
    timeout_init(&timeout_, &timer_, inner.int_future(), duration);
  }
  void SetUp() override {
    RuntimeFixture::SetUp();
    clock_.advances_by_itself = false;
  }

  struct timeout timeout_;
  WakerProbe probe_{"who waits, but not for ever"};
};

TEST_F(TimeoutStep, InTime) {
  FutureProbe inner("an answer");
  Make(inner, SECONDS(1));
  ASSERT_EQ(POLL_PENDING, PollTimeout());
  inner.Complete(7);
  ASSERT_EQ(POLL_READY, PollTimeout()) << "O1";
  EXPECT_EQ(7, timeout_.base.result) << "O1: with its result";
  EXPECT_EQ(1, inner.drops()) << "O3: dropped, once";
  Drop();
  EXPECT_EQ(1, inner.drops()) << "O3: dropped, once";
  EXPECT_EQ(0u, timer_.live) << "O3: nothing is left in the timer";
  EXPECT_EQ(0, probe_.live()) << "O3";
}

TEST_F(TimeoutStep, TooLate) {
  FutureProbe inner("an answer that does not come");
  Make(inner, MILLISECONDS(100));
  ASSERT_EQ(POLL_PENDING, PollTimeout());
  Pass(MILLISECONDS(99));
  EXPECT_EQ(0, probe_.wakes());
  Pass(MILLISECONDS(1));
  EXPECT_EQ(1, probe_.wakes()) << "O2: the time is up";
  ASSERT_EQ(POLL_READY, PollTimeout())
      << "O2: the time was up, and the timeout waited on";
  EXPECT_EQ(-ETIMEDOUT, timeout_.base.result)
      << "O2: the time was up, and the result does not say so";
  EXPECT_EQ(1, inner.drops())
      << "O2: the inner future is dropped at once: what it holds is given back "
         "now, not when somebody looks at the result";
  Drop();
  EXPECT_EQ(1, inner.drops()) << "O3: once";
}

TEST_F(TimeoutStep, TheNewestWaker) {
  FutureProbe inner("an answer that does not come");
  WakerProbe newer("another task");
  Make(inner, MILLISECONDS(100));
  ASSERT_EQ(POLL_PENDING, PollTimeout());
  ASSERT_EQ(POLL_PENDING, Poll(&timeout_.base.base, newer));
  Pass(MILLISECONDS(100));
  EXPECT_EQ(1, newer.wakes()) << "P3: the sleep is polled each time, too";
  EXPECT_EQ(0, probe_.wakes()) << "P3";
  Drop();
}

TEST_F(TimeoutStep, ReadyInTheLastMoment) {
  FutureProbe inner("an answer");
  Make(inner, MILLISECONDS(100));
  ASSERT_EQ(POLL_PENDING, PollTimeout());
  Pass(MILLISECONDS(100));
  inner.Complete(7);
  ASSERT_EQ(POLL_READY, PollTimeout());
  EXPECT_EQ(7, timeout_.base.result)
      << "O1: both are ready; the answer counts, it is there";
  Drop();
}

TEST_F(TimeoutStep, ReadyAtOnce) {
  FutureProbe inner("an answer that is there", 0, 7);
  Make(inner, SECONDS(1));
  ASSERT_EQ(POLL_READY, PollTimeout());
  EXPECT_EQ(7, timeout_.base.result);
  EXPECT_EQ(0u, timer_.live) << "O1: no timer was needed";
  Drop();
}

TEST_F(TimeoutStep, NoTimeAtAll) {
  FutureProbe ready("an answer that is there", 0, 7), never("no answer");
  Make(ready, 0);
  ASSERT_EQ(POLL_READY, PollTimeout());
  EXPECT_EQ(7, timeout_.base.result) << "O1: it is polled first";
  Drop();
  Make(never, 0);
  ASSERT_EQ(POLL_READY, PollTimeout());
  EXPECT_EQ(-ETIMEDOUT, timeout_.base.result) << "O2";
  EXPECT_EQ(1, never.polls()) << "O1: it had its chance";
  Drop();
}

TEST_F(TimeoutStep, DroppedWhileItWaits) {
  FutureProbe inner("an answer"), other("another one");
  Make(inner, SECONDS(1));
  ASSERT_EQ(POLL_PENDING, PollTimeout());
  Drop();
  EXPECT_EQ(1, inner.drops()) << "O3";
  EXPECT_EQ(0u, timer_.live) << "O3";
  EXPECT_EQ(0, probe_.live()) << "P5";
  Make(other, SECONDS(1));
  Drop();
  EXPECT_EQ(1, other.drops()) << "P5: also if it was never polled";
}

// A turn a millisecond.
TEST_F(TimeoutStep, AroundEndlessWork) {
  for (int64_t limit : {0, 1, 2, 10, 100}) {
    SCOPED_TRACE("a limit of " + std::to_string(limit) + " ms");
    Endless work;
    timeout_init(&timeout_, &timer_, &work.base, MILLISECONDS(limit));
    int64_t turns = 0;
    for (enum poll poll = POLL_PENDING; poll == POLL_PENDING; turns++) {
      ASSERT_GT(limit + 2, turns)
          << "O2: the work is ready again and again, and spends the budget of "
             "each turn. The deadline is over, and was refused each time: a "
             "timeout that has no budget left is no timeout";
      if (turns > 0) Pass(MILLISECONDS(1));
      gate::Budget budget;
      poll = PollTimeout();
    }
    EXPECT_EQ(-ETIMEDOUT, timeout_.base.result) << "O2: the time is up";
    EXPECT_LE(limit, turns - 1) << "S2: never before";
    Drop();
    EXPECT_EQ(0u, timer_.live) << "O3: nothing is left in the timer";
  }
}

TEST_F(TimeoutStep, OneInAnother) {
  FutureProbe inner("an answer");
  struct timeout strict;
  timeout_init(&strict, &timer_, inner.int_future(), MILLISECONDS(50));
  timeout_init(&timeout_, &timer_, &strict.base, SECONDS(1));
  ASSERT_EQ(POLL_PENDING, PollTimeout());
  Pass(MILLISECONDS(50));
  ASSERT_EQ(POLL_READY, PollTimeout());
  EXPECT_EQ(-ETIMEDOUT, timeout_.base.result) << "the shorter one's";
  EXPECT_EQ(1, inner.drops());
  Drop();
  EXPECT_EQ(0u, timer_.live);
}

TEST_F(TimeoutStep, APeerThatNeverAnswers) {
  struct socket ends[2] = {};
  struct socket_read read;
  char bytes[10];
  ASSERT_EQ(0, socket_pair(ends, &reactor_));
  socket_read_init(&read, &ends[0], bytes, sizeof bytes);
  timeout_init(&timeout_, &timer_, &read.io.base, SECONDS(30));
  ASSERT_EQ(POLL_PENDING, PollTimeout());
  Pass(SECONDS(30));
  ASSERT_EQ(POLL_READY, PollTimeout());
  EXPECT_EQ(-ETIMEDOUT, timeout_.base.result) << "O2";
  Drop();
  struct socket_write write;
  socket_write_init(&write, &ends[1], "late", 4);
  ASSERT_EQ(POLL_READY, Poll(&write.io.base.base, probe_));
  future_drop(&write.io.base.base);
  Park(0);
  socket_read_init(&read, &ends[0], bytes, sizeof bytes);
  ASSERT_EQ(POLL_READY, Poll(&read.io.base.base, probe_));
  EXPECT_EQ(4, read.io.base.result)
      << "O3 of chapter 06: nothing was lost with the read that was dropped";
  future_drop(&read.io.base.base);
  for (struct socket &end : ends) socket_close(&end);
}

TEST_F(TimeoutStep, APeerThatNeverEnds) {
  struct socket ends[2] = {};
  struct socket_linger linger;
  ASSERT_EQ(0, socket_pair(ends, &reactor_));
  socket_linger_init(&linger, &ends[0]);
  timeout_init(&timeout_, &timer_, &linger.io.base, SECONDS(5));
  ASSERT_EQ(POLL_PENDING, PollTimeout());
  Pass(SECONDS(5));
  ASSERT_EQ(POLL_READY, PollTimeout());
  EXPECT_EQ(-ETIMEDOUT, timeout_.base.result) << "O2";
  EXPECT_EQ(nullptr, linger.socket.source)
      << "O2: dropped at once, and with it the socket is closed (L3 of "
         "linger.h)";
  Drop();
  socket_close(&ends[1]);
}

// ---------------------------------------------------------------- step 7.9

class IntervalStep : public TimerFixture {
 protected:
  void Make(int64_t period, enum interval_missed missed) {
    interval_init(&interval_, &timer_, period, missed);
  }
  // When the next tick was due, in milliseconds; -1 while it is pending.
  int64_t Tick() {
    struct interval_tick tick;
    interval_tick_init(&tick, &interval_);
    enum poll poll = Poll(&tick.base.base, probe_);
    int64_t due = tick.due - kStart;
    future_drop(&tick.base.base);
    return poll == POLL_READY ? due / MILLISECONDS(1) : -1;
  }
  // It is so many milliseconds after the start.
  void At(int64_t milliseconds) {
    int64_t time = kStart + MILLISECONDS(milliseconds);
    ASSERT_LE(now(), time);
    Pass(time - now());
  }
  struct interval interval_;
  WakerProbe probe_{"who ticks"};
};

TEST_F(IntervalStep, TheFirstAtOnceAndThenAPeriodApart) {
  Make(MILLISECONDS(10), INTERVAL_BURST);
  EXPECT_EQ(0, Tick()) << "V1: the first tick is due at once";
  EXPECT_EQ(-1, Tick()) << "V1: the second is not";
  for (int64_t at : {10, 20, 30}) {
    At(at - 1);
    EXPECT_EQ(-1, Tick()) << "V1: not before its time";
    At(at);
    EXPECT_EQ(at, Tick())
        << "V1, V3: a tick was due, and did not come; a poll that is pending "
           "takes no tick";
  }
}

TEST_F(IntervalStep, ATaskThatWaitsIsWoken) {
  Make(MILLISECONDS(10), INTERVAL_BURST);
  EXPECT_EQ(0, Tick());
  struct interval_tick tick;
  interval_tick_init(&tick, &interval_);
  ASSERT_EQ(POLL_PENDING, Poll(&tick.base.base, probe_));
  At(10);
  EXPECT_EQ(1, probe_.wakes()) << "P2";
  ASSERT_EQ(POLL_READY, Poll(&tick.base.base, probe_));
  EXPECT_EQ(0, tick.base.result) << "V3";
  future_drop(&tick.base.base);
}

TEST_F(IntervalStep, ATickThatIsDroppedIsNotLost) {
  Make(MILLISECONDS(10), INTERVAL_BURST);
  EXPECT_EQ(0, Tick());
  for (int i = 0; i < 3; i++) EXPECT_EQ(-1, Tick());
  EXPECT_EQ(0u, timer_.live) << "P5";
  At(10);
  EXPECT_EQ(10, Tick()) << "V4: the next one waits for the same time";
}

// The picture in the header: two ticks, then a task that is busy until 43.
// In one task with endless work, which is polled first. A turn a millisecond.
TEST_F(IntervalStep, BesideEndlessWork) {
  interval_init(&interval_, &timer_, MILLISECONDS(10), INTERVAL_BURST);
  Endless work;
  struct interval_tick tick;
  WakerProbe probe("a task that does both");
  std::vector<int64_t> ticks;
  interval_tick_init(&tick, &interval_);
  for (int turn = 0; turn <= 50; turn++) {
    gate::Budget budget;
    EXPECT_EQ(POLL_PENDING, Poll(&work.base.base, probe)) << "it never ends";
    while (Poll(&tick.base.base, probe) == POLL_READY) {
      ticks.push_back((now() - kStart) / MILLISECONDS(1));
      future_drop(&tick.base.base);
      interval_tick_init(&tick, &interval_);
    }
    Pass(MILLISECONDS(1));
  }
  future_drop(&tick.base.base);
  ASSERT_LE(5u, ticks.size())
      << "V1: the other half of the task spends the budget of each turn, and "
         "the interval has to tick all the same: 5 times in 50 ms";
  for (size_t i = 0; i < 5; i++) {
    EXPECT_LE(int64_t(i) * 10, ticks[i]) << "S2: never before";
    EXPECT_GE(int64_t(i) * 10 + 2, ticks[i])
        << "B6 of budget_poll.h: later by one turn at most, or by two for a "
           "new tick";
  }
}

TEST_F(IntervalStep, MissedTicksInABurst) {
  Make(MILLISECONDS(10), INTERVAL_BURST);
  EXPECT_EQ(0, Tick());
  At(10);
  EXPECT_EQ(10, Tick());
  At(43);
  EXPECT_EQ(20, Tick()) << "V2";
  EXPECT_EQ(30, Tick()) << "V2: what was missed, at once";
  EXPECT_EQ(40, Tick()) << "V2: what was missed, at once";
  EXPECT_EQ(-1, Tick()) << "V2: it has caught up";
  At(50);
  EXPECT_EQ(50, Tick());
}

TEST_F(IntervalStep, MissedTicksDelayTheRest) {
  Make(MILLISECONDS(10), INTERVAL_DELAY);
  EXPECT_EQ(0, Tick());
  At(10);
  EXPECT_EQ(10, Tick());
  At(43);
  EXPECT_EQ(20, Tick()) << "V3: it was due then";
  EXPECT_EQ(-1, Tick()) << "V2: the next one is a period from now";
  At(52);
  EXPECT_EQ(-1, Tick()) << "V2: a period from now";
  At(53);
  EXPECT_EQ(53, Tick()) << "V2: a period from now";
  At(63);
  EXPECT_EQ(63, Tick());
}

TEST_F(IntervalStep, MissedTicksAreSkipped) {
  Make(MILLISECONDS(10), INTERVAL_SKIP);
  EXPECT_EQ(0, Tick());
  At(10);
  EXPECT_EQ(10, Tick());
  At(43);
  EXPECT_EQ(20, Tick()) << "V3: it was due then";
  EXPECT_EQ(-1, Tick()) << "V2: those at 30 and 40 are over";
  At(50);
  EXPECT_EQ(50, Tick()) << "V2: the next multiple of the period";
  At(80);
  EXPECT_EQ(60, Tick());
  EXPECT_EQ(-1, Tick()) << "V2: the one at 80 is over in this very moment";
  At(90);
  EXPECT_EQ(90, Tick());
}

TEST_F(IntervalStep, ALittleLateMissesNothing) {
  for (enum interval_missed missed :
       {INTERVAL_BURST, INTERVAL_DELAY, INTERVAL_SKIP}) {
    int64_t start = (now() - kStart) / MILLISECONDS(1);
    Make(MILLISECONDS(10), missed);
    EXPECT_EQ(start, Tick());
    At(start + 15);
    EXPECT_EQ(start + 10, Tick());
    At(start + 20);
    EXPECT_EQ(start + 20, Tick())
        << "V2: within INTERVAL_GRACE the next one is a period after it was "
           "due";
  }
}

TEST_F(IntervalStep, SkippedFromItsOwnBeginning) {
  At(3);
  Make(MILLISECONDS(10), INTERVAL_SKIP);
  EXPECT_EQ(3, Tick());
  At(46);
  EXPECT_EQ(13, Tick()) << "V3";
  EXPECT_EQ(-1, Tick()) << "V2: those at 23, 33 and 43 are over";
  At(53);
  EXPECT_EQ(53, Tick())
      << "V2: whole periods after it was due, and not after the clock's 0";
}

TEST_F(IntervalStep, TheGraceIsTheSameForAll) {
  for (int64_t period : {8, 10, 100}) {
    int64_t start = (now() - kStart) / MILLISECONDS(1);
    Make(MILLISECONDS(period), INTERVAL_DELAY);
    EXPECT_EQ(start, Tick());
    At(start + period + 6);
    EXPECT_EQ(start + period, Tick());
    At(start + 2 * period + 5);
    EXPECT_EQ(-1, Tick()) << "V2: it was more than INTERVAL_GRACE late, of a "
                             "period of "
                          << period << " ms: the next is a period from then";
    At(start + 2 * period + 6);
    EXPECT_EQ(start + 2 * period + 6, Tick()) << "V2";
  }
}

TEST_F(IntervalStep, VeryLongPeriodsThatAreLate) {
  for (enum interval_missed missed : {INTERVAL_DELAY, INTERVAL_SKIP}) {
    Make(INT64_MAX - SECONDS(1), missed);
    Pass(SECONDS(2));
    EXPECT_NE(-1, Tick());
    EXPECT_EQ(-1, Tick()) << "V2: and no overflow";
  }
}

TEST_F(IntervalStep, VeryLongPeriods) {
  Make(INT64_MAX, INTERVAL_SKIP);
  EXPECT_EQ(0, Tick());
  Pass(SECONDS(86400) * 365);
  EXPECT_EQ(-1, Tick()) << "V1: and no overflow";
}

TEST_F(IntervalStep, APeriodOfNothing) {
  EXPECT_TRUE(gate::Panics([&] { Make(0, INTERVAL_BURST); }, "V5"));
}

// --------------------------------------------------------------- step 7.10

class CostStep : public RuntimeFixture {
 protected:
  int Spawn(std::vector<int64_t> &woke, int64_t duration, int times) {
    struct sleepy sleepy = {{{&kSleepyOps}, 0}, &timer_, &woke,
                            duration,           times,   {}};
    sleep_init(&sleepy.sleep, &timer_, duration);
    return executor_spawn(&executor_, &sleepy.base, sizeof sleepy, nullptr);
  }
};

TEST_F(CostStep, TasksThatSleepWakeInOrderAndInTime) {
  std::vector<int64_t> woke;
  for (int i = 0; i < 500; i++)
    ASSERT_EQ(0, Spawn(woke, MILLISECONDS(1 + i * 7919 % 100000), 1));
  executor_run(&executor_);
  ASSERT_EQ(500u, woke.size());
  for (size_t i = 1; i < woke.size(); i++)
    ASSERT_LE(woke[i - 1], woke[i]) << "T3: in order of the deadlines";
  EXPECT_LE(woke.back(), kStart + SECONDS(100)) << "T4: and no later";
  EXPECT_EQ(500u, timer_.fired);
}

TEST_F(CostStep, AWeekOfMinutes) {
  std::vector<int64_t> woke;
  ASSERT_EQ(0, Spawn(woke, SECONDS(60), 7 * 24 * 60));
  executor_run(&executor_);
  ASSERT_EQ(7u * 24 * 60, woke.size());
  EXPECT_EQ(kStart + SECONDS(7 * 24 * 3600), woke.back())
      << "S1, T4: every minute of a week, to the nanosecond";
}

TEST_F(CostStep, NothingIsAllocatedForATimer) {
  std::vector<int64_t> woke;
  woke.reserve(1000);
  ASSERT_EQ(0, Spawn(woke, MILLISECONDS(10), 1000));
  long before = Allocations::total();
  executor_run(&executor_);
  EXPECT_EQ(1000u, woke.size());
  EXPECT_EQ(before, Allocations::total()) << "T5";
}

TEST_F(CostStep, AThousandThatAreDueAreOneSleep) {
  std::vector<int64_t> woke;
  woke.reserve(1000);
  for (int i = 0; i < 1000; i++) ASSERT_EQ(0, Spawn(woke, MILLISECONDS(50), 1));
  executor_run(&executor_);
  EXPECT_EQ(1000u, woke.size());
  EXPECT_GE(1000 / DRIVER_INTERVAL * 2 + 3, Epoll::waits())
      << "T5: a look every so many turns, and one wait for all of them";
  EXPECT_EQ(0, Epoll::sleeps()) << "T4: and no time was slept";
}

TEST_F(CostStep, ARealClock) {
  std::vector<int64_t> woke;
  clock_init(&clock_);
  timer_end(&timer_);
  timer_init(&timer_, &clock_, &reactor_.driver);
  int64_t start = timer_now(&timer_);
  ASSERT_EQ(0, Spawn(woke, MILLISECONDS(5), 2));
  executor_run(&executor_);
  ASSERT_EQ(2u, woke.size());
  EXPECT_LE(start + MILLISECONDS(5), woke[0]) << "T2: never early";
  EXPECT_LE(woke[0] + MILLISECONDS(5), woke[1]) << "T2: never early";
  EXPECT_LE(Epoll::sleeps(), 6) << "T1: it sleeps in epoll_wait() meanwhile";
  EXPECT_LE(1, Epoll::sleeps());
}

}  // namespace
