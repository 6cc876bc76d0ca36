// The gate of chapter 02: futures that wait for no other.
#include <errno.h>

#include "tests/support/gate.h"
#include "tests/support/probes.h"

extern "C" {
#include "chapters/02_future/countdown.h"
#include "chapters/02_future/ready.h"
}

namespace {

using gate::Poll;
using gate::WakerProbe;

// 2.1 Ready at once.

class ReadyStep : public gate::Step {};

TEST_F(ReadyStep, ReadyOnTheFirstPoll) {
  WakerProbe waker;
  struct ready ready = {};

  ready_init(&ready, 42);
  ASSERT_EQ(POLL_READY, Poll(&ready.base.base, waker))
      << "R1: a ready future is ready on its first poll";
  EXPECT_EQ(42, ready.base.result) << "R1: with the value it was made with";
  EXPECT_EQ(0, waker.wakes()) << "R1: it asks for no other poll";
  EXPECT_EQ(0, waker.clones()) << "R1: it has no use for a waker";
  future_drop(&ready.base.base);
  EXPECT_EQ(42, ready.base.result) << "P5: drop leaves the output as it is";
}

TEST_F(ReadyStep, AnErrorIsAResultToo) {
  WakerProbe waker;
  struct ready ready = {};

  ready_init(&ready, -EPIPE);
  ASSERT_EQ(POLL_READY, Poll(&ready.base.base, waker))
      << "R1: an error is ready as much as a value";
  EXPECT_EQ(-EPIPE, ready.base.result) << "R1: the result is the error";
  future_drop(&ready.base.base);
}

TEST_F(ReadyStep, EachHasItsOwnValue) {
  WakerProbe waker;
  struct ready one = {}, two = {};

  ready_init(&one, 1);
  ready_init(&two, 2);
  ASSERT_EQ(POLL_READY, Poll(&two.base.base, waker)) << "R1: ready at once";
  ASSERT_EQ(POLL_READY, Poll(&one.base.base, waker)) << "R1: ready at once";
  EXPECT_EQ(1, one.base.result) << "R1: the value belongs to the future";
  EXPECT_EQ(2, two.base.result) << "R1: the value belongs to the future";
  future_drop(&one.base.base);
  future_drop(&two.base.base);
}

// 2.2 Pending once.

class PendingOnceStep : public gate::Step {};

TEST_F(PendingOnceStep, PendingWithAWakeThenReady) {
  WakerProbe waker;
  struct pending_once once;

  pending_once_init(&once, 7);
  ASSERT_EQ(POLL_PENDING, Poll(&once.base.base, waker))
      << "C1: the first poll is pending";
  ASSERT_EQ(1, waker.wakes())
      << "P2: a pending poll has arranged for a wake; without one nobody "
         "polls again";
  ASSERT_EQ(POLL_READY, Poll(&once.base.base, waker))
      << "C1: the second poll is ready";
  EXPECT_EQ(7, once.base.result) << "C1: with the value it was made with";
  EXPECT_EQ(1, waker.wakes()) << "C3: the ready poll wakes nobody";
  future_drop(&once.base.base);
}

TEST_F(PendingOnceStep, TwoFuturesDoNotShareTheirState) {
  WakerProbe waker;
  struct pending_once one, two;

  pending_once_init(&one, 1);
  pending_once_init(&two, 2);
  ASSERT_EQ(POLL_PENDING, Poll(&one.base.base, waker)) << "C1: first poll";
  ASSERT_EQ(POLL_PENDING, Poll(&two.base.base, waker))
      << "C1: this is the first poll of the second future: what a poll "
         "remembers stands in the struct, not in a static";
  EXPECT_EQ(2, waker.wakes()) << "C3: each pending poll wakes once";
  EXPECT_EQ(POLL_READY, Poll(&one.base.base, waker)) << "C1: second poll";
  EXPECT_EQ(POLL_READY, Poll(&two.base.base, waker)) << "C1: second poll";
  future_drop(&one.base.base);
  future_drop(&two.base.base);
}

TEST_F(PendingOnceStep, ItMayBeDroppedHalfWay) {
  WakerProbe waker;
  struct pending_once once;

  pending_once_init(&once, 7);
  ASSERT_EQ(POLL_PENDING, Poll(&once.base.base, waker)) << "C1: first poll";
  ASSERT_EQ(1, waker.wakes()) << "P2: a pending poll has arranged for a wake";
  future_drop(&once.base.base);
  EXPECT_EQ(0, waker.live()) << "P5: drop leaves no waker behind";
}

// 2.3 A countdown.

class CountdownStep : public gate::Step {};

TEST_F(CountdownStep, PendingAsOftenAsItSays) {
  WakerProbe waker;
  struct countdown countdown;

  countdown_init(&countdown, 3, 9);
  for (int poll = 1; poll <= 3; poll++) {
    ASSERT_EQ(POLL_PENDING, Poll(&countdown.base.base, waker))
        << "C2: a countdown from 3 is pending on 3 polls; this is poll "
        << poll;
    ASSERT_EQ(poll, waker.wakes())
        << "C3: each pending poll wakes exactly once (P2)";
  }
  ASSERT_EQ(POLL_READY, Poll(&countdown.base.base, waker))
      << "C2: ready on the poll after the last pending one";
  EXPECT_EQ(9, countdown.base.result) << "C2: with the value it was made with";
  EXPECT_EQ(3, waker.wakes()) << "C3: the ready poll wakes nobody";
  future_drop(&countdown.base.base);
}

TEST_F(CountdownStep, FromZeroItIsReadyAtOnce) {
  WakerProbe waker;
  struct countdown countdown;

  countdown_init(&countdown, 0, 5);
  ASSERT_EQ(POLL_READY, Poll(&countdown.base.base, waker))
      << "C2: nothing to count: ready on the first poll";
  EXPECT_EQ(5, countdown.base.result) << "C2: with the value it was made with";
  EXPECT_EQ(0, waker.wakes()) << "C3: the ready poll wakes nobody";
  future_drop(&countdown.base.base);
}

TEST_F(CountdownStep, TheLatestWakerIsWoken) {
  WakerProbe first("first"), second("second");
  struct countdown countdown;

  countdown_init(&countdown, 2, 0);
  ASSERT_EQ(POLL_PENDING, Poll(&countdown.base.base, first)) << "C2: 2 left";
  ASSERT_EQ(POLL_PENDING, Poll(&countdown.base.base, second)) << "C2: 1 left";
  EXPECT_EQ(1, first.wakes()) << "P3: each poll wakes the waker it was given";
  EXPECT_EQ(1, second.wakes()) << "P3: each poll wakes the waker it was given";
  ASSERT_EQ(POLL_READY, Poll(&countdown.base.base, second)) << "C2: none left";
  future_drop(&countdown.base.base);
}

}  // namespace
