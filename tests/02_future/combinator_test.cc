// The gate of chapter 02: futures made of futures.
#include <errno.h>

#include "tests/support/gate.h"
#include "tests/support/probes.h"

extern "C" {
#include "chapters/02_future/map.h"
#include "chapters/02_future/then.h"
}

namespace {

using gate::Allocations;
using gate::FutureProbe;
using gate::Poll;
using gate::WakerProbe;

// 2.6 Map.

class MapStep : public gate::Step {
 protected:
  static int AddOne(void *data, int result) {
    ++*static_cast<int *>(data);
    return result + 1;
  }
  void Make() { map_init(&map_, child_.int_future(), AddOne, &calls_); }
  enum poll PollMap() { return Poll(&map_.base.base, waker_); }
  void Drop() { future_drop(&map_.base.base); }

  WakerProbe waker_;
  FutureProbe child_{"child"};
  struct map map_;
  int calls_ = 0;
};

TEST_F(MapStep, TheFunctionIsCalledOnceWithTheResult) {
  Make();
  EXPECT_EQ(0, child_.polls()) << "P1: a map is lazy: its child is not polled";
  ASSERT_EQ(POLL_PENDING, PollMap()) << "M1: pending while the child is";
  ASSERT_EQ(1, child_.polls()) << "M1: a poll of the map polls the child";
  ASSERT_EQ(POLL_PENDING, PollMap()) << "M1: pending while the child is";
  EXPECT_EQ(0, calls_) << "M2: not called while there is no result";
  EXPECT_EQ(0, waker_.wakes()) << "M1: the child wakes, not the map";

  child_.Complete(41);
  EXPECT_EQ(1, waker_.wakes()) << "M1: the child has our waker";
  ASSERT_EQ(POLL_READY, PollMap()) << "M2: ready when the child is";
  EXPECT_EQ(42, map_.base.result) << "M2: what the function returned";
  EXPECT_EQ(1, calls_) << "M2: called once";
  EXPECT_EQ(1, child_.drops()) << "M3: a ready child is dropped";
  Drop();
  EXPECT_EQ(1, child_.drops()) << "M3: exactly once";
  EXPECT_EQ(42, map_.base.result) << "P5: drop leaves the output";
}

TEST_F(MapStep, AnErrorGoesThroughTheFunctionToo) {
  child_.Complete(-EIO);
  Make();
  ASSERT_EQ(POLL_READY, PollMap()) << "M2: the child is ready at once";
  EXPECT_EQ(-EIO + 1, map_.base.result) << "M2: map sees errors as well";
  EXPECT_EQ(1, calls_) << "M2: called once";
  Drop();
}

TEST_F(MapStep, DroppedWhilePendingItCallsNothing) {
  Make();
  ASSERT_EQ(POLL_PENDING, PollMap()) << "M1: pending while the child is";
  ASSERT_EQ(1, child_.polls()) << "M1: a poll of the map polls the child";
  Drop();
  EXPECT_EQ(1, child_.drops()) << "M3: the map owns its child";
  EXPECT_EQ(0, calls_) << "M3: the function is never called";
  EXPECT_EQ(0, waker_.live()) << "P5: drop leaves no waker behind";
}

// 2.7 Then.

class ThenTest : public gate::Step {
 protected:
  static struct int_future *Next(void *data, int result) {
    ThenTest *self = static_cast<ThenTest *>(data);
    self->nexts_++;
    self->seen_ = result;
    self->first_drops_at_next_ = self->first_.drops();
    return self->second_.int_future();
  }
  enum poll PollThen() { return Poll(&then_.base.base, waker_); }
  void Drop() { future_drop(&then_.base.base); }

  WakerProbe waker_;
  FutureProbe first_{"first"};
  FutureProbe second_{"second"};
  struct then then_;
  int nexts_ = 0;
  int seen_ = 0;
  int first_drops_at_next_ = -1;
};

class ThenStep : public ThenTest {
 protected:
  void Make() { then_init(&then_, first_.int_future(), Next, this); }
};

TEST_F(ThenStep, TheSecondFollowsTheFirst) {
  Make();
  EXPECT_EQ(0, first_.polls()) << "P1: a chain is lazy: nothing is polled";
  ASSERT_EQ(POLL_PENDING, PollThen()) << "N1: the first is pending";
  ASSERT_EQ(1, first_.polls()) << "N1: the first is polled";
  EXPECT_EQ(0, nexts_) << "N2: no second future before there is a result";

  first_.Complete(3);
  ASSERT_EQ(POLL_PENDING, PollThen()) << "N1: the second is pending";
  ASSERT_EQ(1, nexts_) << "N2: next is called when the first is ready";
  EXPECT_EQ(3, seen_) << "N2: with the first's result";
  EXPECT_EQ(1, first_drops_at_next_)
      << "N4: the first is dropped before next is called: the second may be "
         "made in the same memory";
  ASSERT_EQ(1, second_.polls())
      << "N3: the second has its first poll at once; without it nobody "
         "would wake us (P2)";

  second_.Complete(9);
  EXPECT_EQ(2, waker_.wakes()) << "P2: each of them has woken us once";
  ASSERT_EQ(POLL_READY, PollThen()) << "N2: ready when the second is";
  EXPECT_EQ(9, then_.base.result) << "N2: the second's result";
  EXPECT_EQ(1, nexts_) << "N2: next is called once";
  EXPECT_EQ(1, second_.drops()) << "N4: a ready child is dropped";
  Drop();
  EXPECT_EQ(1, first_.drops()) << "N4: exactly once";
  EXPECT_EQ(1, second_.drops()) << "N4: exactly once";
}

TEST_F(ThenStep, AnErrorGoesOnToo) {
  first_.Complete(-EIO);
  second_.Complete(1);
  Make();
  ASSERT_EQ(POLL_READY, PollThen()) << "N3: both are ready: one poll will do";
  EXPECT_EQ(-EIO, seen_) << "N1: then goes on with any result";
  EXPECT_EQ(1, then_.base.result) << "N2: the second's result";
  Drop();
}

TEST_F(ThenStep, DroppedDuringTheFirst) {
  Make();
  ASSERT_EQ(POLL_PENDING, PollThen()) << "N1: the first is pending";
  ASSERT_EQ(1, first_.polls()) << "N1: the first is polled";
  Drop();
  EXPECT_EQ(1, first_.drops()) << "N4: the child that is alive";
  EXPECT_EQ(0, second_.drops()) << "N4: there was no second yet";
  EXPECT_EQ(0, nexts_) << "N2: and there never is one";
}

TEST_F(ThenStep, DroppedDuringTheSecond) {
  first_.Complete(0);
  Make();
  ASSERT_EQ(POLL_PENDING, PollThen()) << "N1: the second is pending";
  ASSERT_EQ(1, second_.polls()) << "N3: the second has had its poll";
  Drop();
  EXPECT_EQ(1, first_.drops()) << "N4: dropped when it was ready";
  EXPECT_EQ(1, second_.drops()) << "N4: the child that is alive";
  EXPECT_EQ(0, waker_.live()) << "P5: drop leaves no waker behind";
}

// 2.8 And then, or else.

class AndOrStep : public ThenTest {
 protected:
  void MakeAnd() { and_then_init(&then_, first_.int_future(), Next, this); }
  void MakeOr() { or_else_init(&then_, first_.int_future(), Next, this); }
};

TEST_F(AndOrStep, AndThenGoesOnAfterAValue) {
  first_.Complete(0);
  second_.Complete(5);
  MakeAnd();
  ASSERT_EQ(POLL_READY, PollThen()) << "N3: both are ready";
  ASSERT_EQ(1, nexts_) << "N1: 0 is a value: and_then goes on";
  EXPECT_EQ(5, then_.base.result) << "N2: the second's result";
  Drop();
}

TEST_F(AndOrStep, AndThenEndsWithAnError) {
  first_.Complete(-EPIPE);
  MakeAnd();
  ASSERT_EQ(POLL_READY, PollThen()) << "N1: and_then ends with an error";
  EXPECT_EQ(-EPIPE, then_.base.result) << "N1: the error is the result";
  EXPECT_EQ(0, nexts_) << "N2: no second future ever exists";
  EXPECT_EQ(1, first_.drops()) << "N4: the first is dropped, once";
  Drop();
}

TEST_F(AndOrStep, OrElseEndsWithAValue) {
  first_.Complete(0);
  MakeOr();
  ASSERT_EQ(POLL_READY, PollThen()) << "N1: 0 is a value: or_else ends";
  EXPECT_EQ(0, then_.base.result) << "N1: the value is the result";
  EXPECT_EQ(0, nexts_) << "N2: no second future ever exists";
  EXPECT_EQ(1, first_.drops()) << "N4: the first is dropped, once";
  Drop();
}

TEST_F(AndOrStep, OrElseGoesOnAfterAnError) {
  first_.Complete(-ENOENT);
  second_.Complete(-EIO);
  MakeOr();
  ASSERT_EQ(POLL_READY, PollThen()) << "N3: both are ready";
  ASSERT_EQ(1, nexts_) << "N1: or_else goes on after an error";
  EXPECT_EQ(-ENOENT, seen_) << "N2: with the error";
  EXPECT_EQ(-EIO, then_.base.result) << "N2: the second's result, error or not";
  Drop();
}

}  // namespace
