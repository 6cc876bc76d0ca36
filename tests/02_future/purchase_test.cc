// The gate of chapter 02: two waits as a state machine, and laziness.
#include <errno.h>
#include <limits.h>

#include "tests/support/gate.h"
#include "tests/support/panics.h"
#include "tests/support/probes.h"

extern "C" {
#include "chapters/02_future/purchase.h"
}

namespace {

using gate::FutureProbe;
using gate::Poll;
using gate::WakerProbe;

// A shop whose answers the test gives by hand, and that counts questions.
struct TestShop {
  struct shop shop;  // first: the code under test sees only this
  FutureProbe price{"price"};
  FutureProbe amount{"amount"};
  int asked[2] = {0, 0};

  TestShop() { shop.ask = Ask; }
  static struct int_future *Ask(struct shop *shop, enum question question) {
    TestShop *self = reinterpret_cast<TestShop *>(shop);
    self->asked[question]++;
    return question == ASK_PRICE ? self->price.int_future()
                                 : self->amount.int_future();
  }
};

class PurchaseTest : public gate::Step {
 protected:
  void Make() { purchase_init(&purchase_, &shop_.shop); }
  enum poll PollPurchase() { return Poll(&purchase_.base.base, waker_); }
  void Drop() { future_drop(&purchase_.base.base); }

  WakerProbe waker_;
  TestShop shop_;
  struct purchase purchase_;
};

// 2.4 Two waits.

class PurchaseStep : public PurchaseTest {
 protected:
  // Up to the second wait, with 6 as the price.
  void WaitForAmount() {
    Make();
    ASSERT_EQ(POLL_PENDING, PollPurchase()) << "S1: no answer yet";
    ASSERT_EQ(1, shop_.asked[ASK_PRICE]) << "S1: the first poll asks";
    shop_.price.Complete(6);
    ASSERT_EQ(POLL_PENDING, PollPurchase()) << "S2: the amount is missing";
    ASSERT_EQ(1, shop_.asked[ASK_AMOUNT])
        << "S1: the poll that finds the price asks for the amount";
  }
};

TEST_F(PurchaseStep, OneWaitAfterTheOther) {
  Make();
  ASSERT_EQ(POLL_PENDING, PollPurchase()) << "S1: no answer yet";
  ASSERT_EQ(1, shop_.asked[ASK_PRICE]) << "S1: the first poll asks";
  EXPECT_EQ(1, shop_.price.polls())
      << "P2: the answer is polled, or nobody would wake us";
  EXPECT_EQ(0, shop_.asked[ASK_AMOUNT]) << "S1: not before there is a price";

  shop_.price.Complete(6);
  EXPECT_EQ(1, waker_.wakes()) << "P2: the price wakes the task";
  ASSERT_EQ(POLL_PENDING, PollPurchase()) << "S2: the amount is missing";
  EXPECT_EQ(1, shop_.asked[ASK_PRICE]) << "S1: each question is asked once";
  ASSERT_EQ(1, shop_.asked[ASK_AMOUNT])
      << "S1: the poll that finds the price asks for the amount";
  ASSERT_EQ(1, shop_.amount.polls())
      << "P2: the amount must be polled before POLL_PENDING is returned: it "
         "is the only one that could wake us";
  EXPECT_EQ(1, shop_.price.drops()) << "S4: an answer that is ready is dropped";

  shop_.amount.Complete(7);
  EXPECT_EQ(2, waker_.wakes()) << "P2: the amount wakes the task";
  ASSERT_EQ(POLL_READY, PollPurchase()) << "S2: both answers are there";
  EXPECT_EQ(42, purchase_.base.result)
      << "S2: price times amount; the price has to live across the wait";
  EXPECT_EQ(1, shop_.amount.drops()) << "S4: and this one is dropped, too";
  Drop();
  EXPECT_EQ(42, purchase_.base.result) << "P5: drop leaves the output";
  EXPECT_EQ(1, shop_.price.drops()) << "S4: exactly once";
  EXPECT_EQ(1, shop_.amount.drops()) << "S4: exactly once";
}

TEST_F(PurchaseStep, ReadyAtOnceIfBothAnswersAre) {
  shop_.price.Complete(2);
  shop_.amount.Complete(3);
  Make();
  ASSERT_EQ(POLL_READY, PollPurchase())
      << "S1: with both answers there, one poll goes through all states";
  EXPECT_EQ(6, purchase_.base.result) << "S2: price times amount";
  EXPECT_EQ(0, waker_.wakes()) << "nobody had to be woken";
  Drop();
}

TEST_F(PurchaseStep, PollsThatBringNothingNewChangeNothing) {
  ASSERT_NO_FATAL_FAILURE(WaitForAmount());
  ASSERT_EQ(POLL_PENDING, PollPurchase()) << "a spurious poll is pending";
  ASSERT_EQ(POLL_PENDING, PollPurchase()) << "a spurious poll is pending";
  EXPECT_EQ(1, shop_.asked[ASK_PRICE]) << "S1: each question is asked once";
  EXPECT_EQ(1, shop_.asked[ASK_AMOUNT]) << "S1: each question is asked once";
  EXPECT_EQ(3, shop_.amount.polls()) << "P3: each poll brings a new waker";
  EXPECT_EQ(2, shop_.price.polls()) << "P4: the price is not polled again";
  Drop();
}

TEST_F(PurchaseStep, AnErrorOfThePriceEndsIt) {
  Make();
  ASSERT_EQ(POLL_PENDING, PollPurchase()) << "S1: no answer yet";
  shop_.price.Complete(-ENOENT);
  ASSERT_EQ(POLL_READY, PollPurchase()) << "S3: an error ends the purchase";
  EXPECT_EQ(-ENOENT, purchase_.base.result) << "S3: with that error";
  EXPECT_EQ(0, shop_.asked[ASK_AMOUNT]) << "S3: there is nothing more to ask";
  EXPECT_EQ(1, shop_.price.drops()) << "S4: the answer is dropped, once";
  EXPECT_EQ(PURCHASE_DONE, purchase_.state)
      << "S3: an error leads to DONE, as the end does";
  Drop();
}

TEST_F(PurchaseStep, AnErrorOfTheAmountIsTheResult) {
  ASSERT_NO_FATAL_FAILURE(WaitForAmount());
  shop_.amount.Complete(-EIO);
  ASSERT_EQ(POLL_READY, PollPurchase()) << "S3: an error ends the purchase";
  EXPECT_EQ(-EIO, purchase_.base.result)
      << "S3: the error itself, and not the price times it";
  EXPECT_EQ(PURCHASE_DONE, purchase_.state)
      << "S3: an error leads to DONE, as the end does";
  Drop();
}

TEST_F(PurchaseStep, TooMuchIsAnError) {
  shop_.price.Complete(INT_MAX);
  shop_.amount.Complete(2);
  Make();
  ASSERT_EQ(POLL_READY, PollPurchase()) << "S1: both answers are there";
  EXPECT_EQ(-EOVERFLOW, purchase_.base.result)
      << "S2: a product that does not fit is -EOVERFLOW";
  Drop();
}

TEST_F(PurchaseStep, APollAfterReadyIsAPanic) {
  shop_.price.Complete(2);
  shop_.amount.Complete(3);
  Make();
  ASSERT_EQ(POLL_READY, PollPurchase()) << "S1: both answers are there";
  bool panics = gate::Panics([&] { PollPurchase(); }, "panic at");
  EXPECT_TRUE(panics) << "P4: a poll of a purchase that is DONE is a mistake "
                         "of its owner: panic()";
  Drop();
}

TEST_F(PurchaseStep, DroppedWhileWaitingForThePrice) {
  Make();
  ASSERT_EQ(POLL_PENDING, PollPurchase()) << "S1: no answer yet";
  Drop();
  EXPECT_EQ(1, shop_.price.drops()) << "S4: the answer that is alive";
  EXPECT_EQ(0, shop_.amount.drops()) << "S4: this one was never asked for";
  EXPECT_EQ(0, waker_.live()) << "P5: drop leaves no waker behind";
}

TEST_F(PurchaseStep, DroppedWhileWaitingForTheAmount) {
  ASSERT_NO_FATAL_FAILURE(WaitForAmount());
  Drop();
  EXPECT_EQ(1, shop_.price.drops()) << "S4: dropped when it was ready";
  EXPECT_EQ(1, shop_.amount.drops()) << "S4: the answer that is alive";
  EXPECT_EQ(0, waker_.live()) << "P5: drop leaves no waker behind";
}

// 2.5 Lazy.

class LazyStep : public PurchaseTest {};

TEST_F(LazyStep, NothingHappensBeforeTheFirstPoll) {
  Make();
  EXPECT_EQ(0, shop_.asked[ASK_PRICE])
      << "P1: making a future asks nothing: it only fills in the struct";
  EXPECT_EQ(0, shop_.price.polls()) << "P1: and polls nothing";
  EXPECT_EQ(0, waker_.wakes()) << "P1: and wakes nobody";
  Drop();
}

TEST_F(LazyStep, NobodyPollsBehindYourBack) {
  Make();
  ASSERT_EQ(POLL_PENDING, PollPurchase()) << "S1: no answer yet";
  shop_.price.Complete(6);
  EXPECT_EQ(1, waker_.wakes()) << "P2: the answer wakes the task";
  EXPECT_EQ(0, shop_.asked[ASK_AMOUNT])
      << "P1: a wake does no work; it only asks for a poll";
  EXPECT_EQ(1, shop_.price.polls()) << "one poll of ours, one of the answer";
  Drop();
}

TEST_F(LazyStep, AFutureThatIsNotWantedCostsNothing) {
  for (int i = 0; i < 1000; i++) {
    Make();
    Drop();
  }
  EXPECT_EQ(0, shop_.asked[ASK_PRICE]) << "P1: a thousand made, none begun";
  EXPECT_EQ(0, shop_.price.drops()) << "S4: there was no answer to drop";
  EXPECT_EQ(0, gate::Allocations::total()) << "P7: and nothing allocated";
}

}  // namespace
