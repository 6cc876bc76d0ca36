// The gate of chapter 05: the same loop by hand and with the macros, and what
// lives across an await.
#include <errno.h>
#include <limits.h>

#include "tests/05_async_await/numbers.h"
#include "tests/support/panics.h"

extern "C" {
#include "chapters/05_async_await/average.h"
#include "chapters/05_async_await/sum.h"
#include "chapters/05_async_await/sum_by_hand.h"
}

namespace {

using gate::Poll;
using gate::WakerProbe;

// A sum of either make.
struct ByHand {
  struct sum_by_hand sum = {};
  explicit ByHand(struct source *source) { sum_by_hand_init(&sum, source); }
  struct int_future *frame() {
    return &sum.base;
  }
};

struct WithMacros {
  struct sum sum = {};
  explicit WithMacros(struct source *source) { sum_init(&sum, source); }
  struct int_future *frame() {
    return &sum.async.base;
  }
};

// What holds for both (M1, M2). A sum that is made here runs to its end.

template <typename Sum>
void AsksForNothingBeforeItsFirstPoll() {
  Numbers numbers({0});
  WakerProbe waker;
  Sum sum(numbers.source());
  EXPECT_EQ(0, numbers.asked()) << "P1: lazy until the first poll";
  EXPECT_EQ(POLL_READY, Poll(&sum.frame()->base, waker))
      << "M2: a 0 at once is the end";
  EXPECT_EQ(0, sum.frame()->result) << "M2: the total of nothing";
  future_drop(&sum.frame()->base);
}

template <typename Sum>
void AddsWhatIsThere() {
  Numbers numbers({3, 4, 0});
  WakerProbe waker;
  Sum sum(numbers.source());
  ASSERT_EQ(POLL_READY, Poll(&sum.frame()->base, waker))
      << "M1: it goes on in the same poll when a number is ready";
  EXPECT_EQ(7, sum.frame()->result) << "M2, A2: the numbers were 3 and 4, "
                                       "and the sum is not their total: "
                                       "an await keeps the child's result";
  EXPECT_EQ(3, numbers.asked()) << "M1: it asks until there is a 0";
  EXPECT_EQ(0, numbers.alive()) << "M3: each number is dropped";
  future_drop(&sum.frame()->base);
  EXPECT_EQ(7, sum.frame()->result) << "P5: drop leaves the output as it is";
}

template <typename Sum>
void WaitsAndGoesOn() {
  Numbers numbers;
  WakerProbe waker;
  Sum sum(numbers.source());
  ASSERT_EQ(POLL_PENDING, Poll(&sum.frame()->base, waker));
  ASSERT_EQ(1, numbers.asked()) << "M1: the first poll asks for a number";
  ASSERT_EQ(1, numbers.number(0).polls())
      << "P2: it has to be polled before POLL_PENDING is returned: it is the "
         "only one that could wake us";
  ScribbleOnTheStack();
  ASSERT_EQ(POLL_PENDING, Poll(&sum.frame()->base, waker));
  EXPECT_EQ(1, numbers.asked()) << "M1: a poll without news asks for nothing";
  EXPECT_EQ(2, numbers.number(0).polls()) << "P3: it hands on the new waker";

  numbers.Give(5);
  EXPECT_EQ(1, waker.wakes()) << "P2: the number wakes the task";
  ASSERT_EQ(POLL_PENDING, Poll(&sum.frame()->base, waker));
  ASSERT_EQ(2, numbers.asked())
      << "M1: the poll that finds a number asks for the next";
  EXPECT_EQ(1, numbers.number(0).drops())
      << "M3: a number is dropped when it is ready";
  ASSERT_EQ(1, numbers.number(1).polls()) << "P2: and polls it, too";
  ScribbleOnTheStack();
  numbers.Give(0);
  ASSERT_EQ(POLL_READY, Poll(&sum.frame()->base, waker)) << "M2: 0 is the end";
  EXPECT_EQ(5, sum.frame()->result) << "M2: the total survived the waits";
  future_drop(&sum.frame()->base);
}

template <typename Sum>
void AnErrorIsTheEnd() {
  Numbers numbers({2, -EPIPE, 3});
  WakerProbe waker;
  Sum sum(numbers.source());
  ASSERT_EQ(POLL_READY, Poll(&sum.frame()->base, waker)) << "M2";
  EXPECT_EQ(-EPIPE, sum.frame()->result) << "M2: the first error";
  EXPECT_EQ(2, numbers.asked()) << "M2: after it nothing is asked for";
  future_drop(&sum.frame()->base);
}

template <typename Sum>
void TwoAtOnce() {
  Numbers a, b;
  WakerProbe waker;
  Sum first(a.source()), second(b.source());
  ASSERT_EQ(POLL_PENDING, Poll(&first.frame()->base, waker));
  ASSERT_EQ(POLL_PENDING, Poll(&second.frame()->base, waker));
  ASSERT_EQ(1, a.asked());
  ASSERT_EQ(1, b.asked());
  a.Give(1);
  ASSERT_EQ(POLL_PENDING, Poll(&first.frame()->base, waker));
  ASSERT_EQ(2, a.asked()) << "each sum goes on where it was itself";
  b.Give(0);
  ASSERT_EQ(POLL_READY, Poll(&second.frame()->base, waker));
  a.Give(0);
  ASSERT_EQ(POLL_READY, Poll(&first.frame()->base, waker));
  EXPECT_EQ(1, first.frame()->result) << "each sum has its own total";
  EXPECT_EQ(0, second.frame()->result) << "each sum has its own total";
  future_drop(&first.frame()->base);
  future_drop(&second.frame()->base);
}

// 5.1 A loop by hand.

class ByHandStep : public gate::Step {};

TEST_F(ByHandStep, AsksForNothingBeforeItsFirstPoll) {
  AsksForNothingBeforeItsFirstPoll<ByHand>();
}
TEST_F(ByHandStep, AddsWhatIsThere) { AddsWhatIsThere<ByHand>(); }
TEST_F(ByHandStep, WaitsAndGoesOn) { WaitsAndGoesOn<ByHand>(); }
TEST_F(ByHandStep, AnErrorIsTheEnd) { AnErrorIsTheEnd<ByHand>(); }
TEST_F(ByHandStep, TwoAtOnce) { TwoAtOnce<ByHand>(); }

TEST_F(ByHandStep, DroppedWhileItWaits) {
  Numbers numbers;
  WakerProbe waker;
  ByHand sum(numbers.source());
  ASSERT_EQ(POLL_PENDING, Poll(&sum.frame()->base, waker));
  ASSERT_EQ(1, numbers.asked()) << "M1: the first poll asks for a number";
  future_drop(&sum.frame()->base);
  EXPECT_EQ(1, numbers.number(0).drops())
      << "M3: the number that is awaited is dropped with the sum";
}

// 5.2 Words for a switch.

class MacrosStep : public gate::Step {};

TEST_F(MacrosStep, AsksForNothingBeforeItsFirstPoll) {
  AsksForNothingBeforeItsFirstPoll<WithMacros>();
}
TEST_F(MacrosStep, AddsWhatIsThere) { AddsWhatIsThere<WithMacros>(); }
TEST_F(MacrosStep, WaitsAndGoesOn) { WaitsAndGoesOn<WithMacros>(); }
TEST_F(MacrosStep, AnErrorIsTheEnd) { AnErrorIsTheEnd<WithMacros>(); }
TEST_F(MacrosStep, TwoAtOnce) { TwoAtOnce<WithMacros>(); }

TEST_F(MacrosStep, NotAfterItsEnd) {
  WakerProbe waker;
  Numbers numbers({0});
  WithMacros sum(numbers.source());
  ASSERT_EQ(POLL_READY, Poll(&sum.frame()->base, waker)) << "F3";
  EXPECT_TRUE(gate::Panics([&] { Poll(&sum.frame()->base, waker); }, "P4"))
      << "P4: an async function that is polled after POLL_READY panics";
}

// How many polls a sum of 1, 2, 3, 4 takes if those in `pending` (a bit each)
// come late.
template <typename Sum>
int PollsWith(unsigned pending) {
  WakerProbe waker;
  Numbers numbers;
  Sum sum(numbers.source());
  int polls = 1;
  for (int given = 0; given < 5; polls++) {
    if (Poll(&sum.frame()->base, waker) == POLL_READY) break;
    // Late ones are polled once in vain.
    if (given < numbers.asked() - 1) given = numbers.asked() - 1;
    if (pending >> given & 1) {
      pending &= ~(1u << given);
      continue;
    }
    numbers.Give((given + 1) % 5);
    given++;
    if (Poll(&sum.frame()->base, waker) == POLL_READY) break;
    polls++;
  }
  EXPECT_EQ(10, sum.frame()->result);
  future_drop(&sum.frame()->base);
  return polls;
}

TEST_F(MacrosStep, BothDoTheSame) {
  for (unsigned pending = 0; pending < 32; pending++) {
    int by_hand = PollsWith<ByHand>(pending);
    ASSERT_EQ(by_hand, PollsWith<WithMacros>(pending))
        << "A2: as many polls as by hand";
  }
}

// 5.3 Locals that live.

class LocalsStep : public gate::Step {
 protected:
  void Make(struct source *source) { average_init(&average_, source); }
  enum poll PollAverage() {
    ScribbleOnTheStack();
    return Poll(&average_.async.base.base, waker_);
  }
  int result() const { return average_.async.base.result; }
  // Runs over numbers that are all there.
  int Run(std::vector<int> ready) {
    Numbers numbers(std::move(ready));
    Make(numbers.source());
    EXPECT_EQ(POLL_READY, PollAverage()) << "A2: all numbers were there";
    future_drop(&average_.async.base.base);
    asked_ = numbers.asked();
    return result();
  }

  WakerProbe waker_;
  struct average average_ = {};
  int asked_ = 0;
};

TEST_F(LocalsStep, TheAverageOfWhatIsThere) {
  EXPECT_EQ(3, Run({3, 1, 2, 6, 100})) << "V2: the average";
  EXPECT_EQ(4, asked_) << "V1: the count, then so many and no more";
}

TEST_F(LocalsStep, WhatIsNeededAfterAWaitIsStillThere) {
  Numbers numbers;
  Make(numbers.source());
  for (int number : {3, 1, 2, 6}) {
    ASSERT_EQ(POLL_PENDING, PollAverage());
    ASSERT_EQ(POLL_PENDING, PollAverage()) << "a poll without news";
    ASSERT_LT(0, numbers.asked()) << "V1: it asks";
    numbers.Give(number);
  }
  ASSERT_EQ(POLL_READY, PollAverage()) << "V1: so many were awaited";
  EXPECT_EQ(3, result())
      << "V2: what was received before a wait counts after it";
  future_drop(&average_.async.base.base);
}

TEST_F(LocalsStep, TwoAveragesAtOnce) {
  Numbers a, b;
  WakerProbe waker;
  struct average one = {}, two = {};
  average_init(&one, a.source());
  average_init(&two, b.source());
  auto poll = [&](struct average *average) {
    ScribbleOnTheStack();
    return Poll(&average->async.base.base, waker);
  };
  for (int number : {2, 10}) {
    ASSERT_EQ(POLL_PENDING, poll(&one));
    ASSERT_LT(0, a.asked()) << "V1: it asks";
    a.Give(number);
  }
  ASSERT_EQ(POLL_PENDING, poll(&one));
  for (int number : {3, 7}) {
    ASSERT_EQ(POLL_PENDING, poll(&two));
    b.Give(number);
  }
  ASSERT_EQ(POLL_PENDING, poll(&two));
  a.Give(20);
  ASSERT_EQ(POLL_READY, poll(&one)) << "V3: its own count";
  EXPECT_EQ(15, one.async.base.result) << "V3: its own total";
  for (int number : {8, 9}) {
    ASSERT_EQ(POLL_PENDING, poll(&two)) << "V3: its own count";
    b.Give(number);
  }
  ASSERT_EQ(POLL_READY, poll(&two)) << "V3: its own count";
  EXPECT_EQ(8, two.async.base.result) << "V3: its own total";
  future_drop(&one.async.base.base);
  future_drop(&two.async.base.base);
}

TEST_F(LocalsStep, ErrorsAndEdges) {
  EXPECT_EQ(-EDOM, Run({0})) << "V2: the average of nothing";
  EXPECT_EQ(1, asked_) << "V1: nothing more is asked for";
  EXPECT_EQ(-EPIPE, Run({-EPIPE})) << "V2: an error instead of the count";
  EXPECT_EQ(-EPIPE, Run({3, 1, -EPIPE})) << "V2: an error among the numbers";
  EXPECT_EQ(3, asked_) << "V2: after it nothing is asked for";
  EXPECT_EQ(-EOVERFLOW, Run({2, INT_MAX, 1})) << "V2: too large a sum";
  EXPECT_EQ(INT_MAX, Run({1, INT_MAX})) << "V2: just not too large";
}

}  // namespace
