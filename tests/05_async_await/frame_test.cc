// The gate of chapter 05: errors, cancellation, recursion, pinning, the
// bridge, and what an await costs.
#include <errno.h>

#include <thread>

#include "tests/05_async_await/numbers.h"
#include "tests/support/panics.h"

extern "C" {
#include "chapters/03_waker/block_on.h"
#include "chapters/05_async_await/bridge.h"
#include "chapters/05_async_await/sum.h"
#include "chapters/05_async_await/transfer.h"
#include "chapters/05_async_await/tree.h"
#include "chapters/05_async_await/word.h"
}

namespace {

using gate::Allocations;
using gate::FutureProbe;
using gate::Panics;
using gate::Poll;
using gate::WakerProbe;

class TransferTest : public gate::Step {
 protected:
  void Make(struct source *source) {
    transfer_init(&transfer_, source, &account_);
  }
  enum poll PollTransfer() { return Poll(&transfer_.async.base.base, waker_); }
  void Drop() { future_drop(&transfer_.async.base.base); }
  int result() const { return transfer_.async.base.result; }

  WakerProbe waker_;
  struct account account_ = {false, 100, 0};
  struct transfer transfer_ = {};
};

// 5.4 Errors, and what is due.

class ErrorsStep : public TransferTest {};

TEST_F(ErrorsStep, ThreeAwaitsAndTheLockIsGivenBack) {
  Numbers numbers;
  Make(numbers.source());
  for (int number : {30, 1}) {
    ASSERT_EQ(POLL_PENDING, PollTransfer());
    EXPECT_TRUE(account_.is_locked) << "X1: locked while it runs";
    EXPECT_EQ(100, account_.balance) << "X3: nothing has changed yet";
    numbers.Give(number);
  }
  ASSERT_EQ(POLL_PENDING, PollTransfer()) << "X1: the receipt is missing";
  numbers.Give(77);
  ASSERT_EQ(POLL_READY, PollTransfer());
  EXPECT_EQ(77, result()) << "X3: the number of the receipt";
  EXPECT_EQ(70, account_.balance) << "X3: now it has";
  EXPECT_FALSE(account_.is_locked)
      << "A5: a return runs the cleanup, here the unlock";
  EXPECT_EQ(1, account_.unlocks) << "A5: once";
  Drop();
}

TEST_F(ErrorsStep, AnErrorAtEachAwait) {
  for (int at = 0; at < 3; at++) {
    std::vector<int> ready = {30, 1, 77};
    ready[size_t(at)] = -EPIPE;
    Numbers numbers(ready);
    account_ = {false, 100, 0};
    Make(numbers.source());
    ASSERT_EQ(POLL_READY, PollTransfer());
    EXPECT_EQ(-EPIPE, result()) << "A6: the error of await " << at + 1;
    EXPECT_EQ(at + 1, numbers.asked())
        << "A6: after an error the body does not go on";
    EXPECT_EQ(100, account_.balance) << "X3: nothing was transferred";
    EXPECT_FALSE(account_.is_locked)
        << "A5: leaving by an error runs the cleanup, too";
    EXPECT_EQ(1, account_.unlocks) << "A5: once";
    Drop();
  }
}

TEST_F(ErrorsStep, AnErrorAfterAWait) {
  Numbers numbers;
  Make(numbers.source());
  ASSERT_EQ(POLL_PENDING, PollTransfer());
  numbers.Give(-ECONNRESET);
  ASSERT_EQ(POLL_READY, PollTransfer()) << "A6: an error is the end";
  EXPECT_EQ(-ECONNRESET, result()) << "A6: with the error as the result";
  EXPECT_EQ(1, account_.unlocks) << "A5: and the cleanup has run";
  Drop();
}

TEST_F(ErrorsStep, WhatIsNotHeldIsNotGivenBack) {
  Numbers numbers;
  account_.is_locked = true;  // by somebody else
  Make(numbers.source());
  ASSERT_EQ(POLL_READY, PollTransfer());
  EXPECT_EQ(-EBUSY, result()) << "X1";
  EXPECT_TRUE(account_.is_locked) << "X4: it is not ours to unlock";
  Drop();
}

// 5.5 Cancelled at an await.

class CancelStep : public TransferTest {};

TEST_F(CancelStep, AtEachAwait) {
  for (int at = 1; at <= 3; at++) {
    Numbers numbers;
    account_ = {false, 100, 0};
    Make(numbers.source());
    for (int i = 1; i < at; i++) {
      ASSERT_EQ(POLL_PENDING, PollTransfer());
      numbers.Give(30);
    }
    ASSERT_EQ(POLL_PENDING, PollTransfer());
    ASSERT_EQ(at, numbers.asked());
    Drop();
    EXPECT_EQ(1, numbers.last().drops())
        << "A3: the child of await " << at << " is dropped, once";
    EXPECT_EQ(0, numbers.alive()) << "A3: and no other is left";
    EXPECT_FALSE(account_.is_locked) << "A5: what it held is given back";
    EXPECT_EQ(1, account_.unlocks) << "A5: once";
    EXPECT_EQ(100, account_.balance) << "X3: nothing was transferred";
  }
}

TEST_F(CancelStep, AfterItsEnd) {
  Numbers numbers({30, 1, 77});
  Make(numbers.source());
  ASSERT_EQ(POLL_READY, PollTransfer());
  Drop();
  EXPECT_EQ(1, account_.unlocks)
      << "A5: the return has cleaned up; the drop must not do it again";
  EXPECT_EQ(77, result()) << "P5: drop leaves the output as it is";
}

TEST_F(CancelStep, AWaitingSum) {
  Numbers numbers({1, 2});
  struct sum sum = {};
  sum_init(&sum, numbers.source());
  ASSERT_EQ(POLL_PENDING, Poll(&sum.async.base.base, waker_));
  future_drop(&sum.async.base.base);
  EXPECT_EQ(3, numbers.asked());
  EXPECT_EQ(0, numbers.alive()) << "A3: the awaited one is dropped";
}

// A frame whose body is plain C++: it awaits one probe.
struct Spy {
  struct async async;
  FutureProbe *awaited;
  int cleanups;
  int child_drops_at_cleanup;
};

enum poll SpyBody(struct async *self, struct context *cx) {
  Spy *spy = reinterpret_cast<Spy *>(self);
  if (self->child == nullptr) self->child = spy->awaited->int_future();
  if (async_poll_child(self, cx) == POLL_PENDING) return POLL_PENDING;
  return async_return(self, 0);
}

void SpyCleanup(struct async *self) {
  Spy *spy = reinterpret_cast<Spy *>(self);
  spy->cleanups++;
  spy->child_drops_at_cleanup = spy->awaited->drops();
}

const struct async_function kSpyFunction = {
    {async_poll, async_drop}, SpyBody, SpyCleanup};

TEST_F(CancelStep, TheChildIsDroppedBeforeTheCleanup) {
  FutureProbe child("child");
  Spy spy = {{}, &child, 0, 0};
  async_init(&spy.async, &kSpyFunction);
  ASSERT_EQ(POLL_PENDING, Poll(&spy.async.base.base, waker_));
  future_drop(&spy.async.base.base);
  EXPECT_EQ(1, spy.cleanups) << "A5: the cleanup runs once";
  EXPECT_EQ(1, spy.child_drops_at_cleanup)
      << "A5: the child is dropped before the cleanup, which may free what "
         "it uses";
}

TEST_F(CancelStep, NeverPolled) {
  FutureProbe child("child");
  Spy spy = {{}, &child, 0, 0};
  async_init(&spy.async, &kSpyFunction);
  future_drop(&spy.async.base.base);
  EXPECT_EQ(1, spy.cleanups) << "A5: also if the body has never begun: its "
                                "arguments may be what it has to give back";
  EXPECT_EQ(0, child.drops()) << "A3: there is no child yet";
}

// 5.6 A function that awaits itself.

class TreeStep : public gate::Step {
 protected:
  //        root
  //       /    \.
  //    left    right
  //    /  \.
  //  ll    lr
  TreeStep()
      : ll_{nullptr, nullptr},
        lr_{nullptr, nullptr},
        left_{&ll_, &lr_},
        right_{nullptr, nullptr},
        root_{&left_, &right_} {}

  void Make(struct source *source, const struct tree *tree) {
    tree_sum_init(&sum_, source, tree);
  }
  enum poll PollSum() { return Poll(&sum_.async.base.base, waker_); }
  void Drop() { future_drop(&sum_.async.base.base); }
  int result() const { return sum_.async.base.result; }

  WakerProbe waker_;
  struct tree ll_, lr_, left_, right_, root_;
  struct tree_sum sum_ = {};
};

TEST_F(TreeStep, SumsAllThatIsThere) {
  Numbers numbers({1, 2, 3, 4, 5});
  Make(numbers.source(), &root_);
  ASSERT_EQ(POLL_READY, PollSum()) << "A2: all values were there";
  EXPECT_EQ(15, result()) << "R2: the sum of all values";
  EXPECT_EQ(5, numbers.asked()) << "R1: each node once";
  EXPECT_EQ(0, Allocations::live())
      << "R3: a frame is freed as soon as it has returned";
  Drop();
}

TEST_F(TreeStep, AFrameForEachNodeOnTheWay) {
  Numbers numbers;
  Make(numbers.source(), &root_);
  // Root, left, ll, lr, right: the depth of each below our own frame.
  for (int depth : {0, 1, 2, 2, 1}) {
    ASSERT_EQ(POLL_PENDING, PollSum());
    EXPECT_EQ(depth, Allocations::live())
        << "R3: one frame for each node on the way";
    ASSERT_LT(0, numbers.asked()) << "R1: it asks";
    numbers.Give(1);
  }
  ASSERT_EQ(POLL_READY, PollSum());
  EXPECT_EQ(5, result()) << "R2";
  EXPECT_EQ(0, Allocations::live()) << "R3: all frames are freed";
  Drop();
}

TEST_F(TreeStep, NothingIsNothing) {
  Numbers numbers;
  Make(numbers.source(), nullptr);
  ASSERT_EQ(POLL_READY, PollSum()) << "no tree, no wait";
  EXPECT_EQ(0, result()) << "the sum of nothing";
  EXPECT_EQ(0, numbers.asked()) << "the source is not asked";
  Drop();
}

TEST_F(TreeStep, AnErrorAtEachNode) {
  for (int at = 0; at < 5; at++) {
    std::vector<int> ready(5, 1);
    ready[size_t(at)] = -EPIPE;
    Numbers numbers(ready);
    Make(numbers.source(), &root_);
    ASSERT_EQ(POLL_READY, PollSum());
    EXPECT_EQ(-EPIPE, result()) << "R2: the first error";
    EXPECT_EQ(at + 1, numbers.asked()) << "R2: after it nothing is asked for";
    EXPECT_EQ(0, Allocations::live()) << "R3: no frame is left";
    Drop();
  }
}

TEST_F(TreeStep, DroppedAtEachNode) {
  for (int at = 1; at <= 5; at++) {
    Numbers numbers(std::vector<int>(size_t(at - 1), 1));
    Make(numbers.source(), &root_);
    ASSERT_EQ(POLL_PENDING, PollSum());
    ASSERT_EQ(at, numbers.asked()) << "R1";
    Drop();
    EXPECT_EQ(0, numbers.alive()) << "A3: the awaited value is dropped";
    EXPECT_EQ(0, Allocations::live())
        << "R3: the frames on the way are freed by the drop";
  }
}

TEST_F(TreeStep, EachAllocationFailing) {
  for (long nth = 1; nth <= 4; nth++) {
    Numbers numbers(std::vector<int>(5, 1));
    Make(numbers.source(), &root_);
    Allocations::FailNth(nth);
    ASSERT_EQ(POLL_READY, PollSum());
    ASSERT_TRUE(Allocations::failed()) << "R3: a frame for each branch";
    Allocations::FailNth(0);
    EXPECT_EQ(-ENOMEM, result()) << "R2: a frame that cannot be had";
    EXPECT_EQ(0, Allocations::live()) << "R3: no frame is left";
    Drop();
  }
}

// 5.7 A frame that must not move.

class PinStep : public gate::Step {
 protected:
  enum poll PollWord(struct word *word) {
    return Poll(&word->async.base.base, waker_);
  }
  static std::vector<int> Characters(const std::string &text) {
    return std::vector<int>(text.begin(), text.end());
  }
  WakerProbe waker_;
};

TEST_F(PinStep, CollectsAWord) {
  Numbers numbers(Characters("hello world"));
  struct word word = {};
  word_init(&word, numbers.source());
  ASSERT_EQ(POLL_READY, PollWord(&word));
  EXPECT_EQ(5, word.async.base.result) << "L2: its length";
  EXPECT_STREQ("hello", word.text) << "L2: the word";
  future_drop(&word.async.base.base);
}

TEST_F(PinStep, ACharacterAtATime) {
  Numbers numbers;
  struct word word = {};
  word_init(&word, numbers.source());
  for (int character : Characters("slow ")) {
    ASSERT_EQ(POLL_PENDING, PollWord(&word));
    numbers.Give(character);
  }
  ASSERT_EQ(POLL_READY, PollWord(&word));
  EXPECT_EQ(4, word.async.base.result)
      << "L2: the cursor was set again at each poll: what stands above ASYNC "
         "is "
         "done every time";
  EXPECT_STREQ("slow", word.text) << "L2: the word";
  future_drop(&word.async.base.base);
}

TEST_F(PinStep, MovesBeforeItsFirstPoll) {
  Numbers numbers(Characters("moved "));
  struct word old = {}, word;
  word_init(&old, numbers.source());
  word = old;  // as executor_spawn() does: bytes
  memset(&old, 'Z', sizeof old);
  ASSERT_EQ(POLL_READY, PollWord(&word));
  EXPECT_EQ('Z', old.text[0])
      << "L3: a pointer into the frame must not be older than its first poll: "
         "this one led to the place where the frame was before";
  EXPECT_EQ(5, word.async.base.result) << "L2: its length";
  EXPECT_STREQ("moved", word.text) << "L3: the word is in the new frame";
  future_drop(&word.async.base.base);
}

TEST_F(PinStep, AsLongAsItMayBe) {
  Numbers fits(Characters(std::string(WORD_LIMIT, 'x') + " "));
  struct word word = {};
  word_init(&word, fits.source());
  ASSERT_EQ(POLL_READY, PollWord(&word));
  EXPECT_EQ(WORD_LIMIT, word.async.base.result) << "L2: just not too long";
  future_drop(&word.async.base.base);
  Numbers too_long(Characters(std::string(WORD_LIMIT + 1, 'x')));
  word_init(&word, too_long.source());
  ASSERT_EQ(POLL_READY, PollWord(&word));
  EXPECT_EQ(-EMSGSIZE, word.async.base.result) << "L2: too long";
  future_drop(&word.async.base.base);
}

TEST_F(PinStep, MovedAfterItsFirstPollItPanics) {
  Numbers numbers;
  struct word word = {}, copy = {};
  word_init(&word, numbers.source());
  ASSERT_EQ(POLL_PENDING, PollWord(&word));
  ASSERT_EQ(1, numbers.asked()) << "L1: it asks for a character";
  copy = word;
  EXPECT_TRUE(Panics([&] { PollWord(&copy); }, "panic at"))
      << "A7: a poll in another place must panic";
  ASSERT_EQ(POLL_PENDING, PollWord(&word)) << "the original works on";
  future_drop(&word.async.base.base);
}

// 5.8 A bridge from plain code.

class BridgeStep : public gate::Step {};

TEST_F(BridgeStep, RunsToTheEnd) {
  Numbers numbers({1, 2, 3, 0});
  EXPECT_EQ(6, sum_now(numbers.source())) << "E1: the result of the sum";
  EXPECT_EQ(0, numbers.alive()) << "E1: nothing is left";
}

// A number that is there, and one that another thread gives.
struct TwoNumbers {
  struct source source = {Next};  // first: the code under test sees only this
  FutureProbe first{"first number", 0, 4};
  FutureProbe second{"second number"};
  int asked = 0;

  static struct int_future *Next(struct source *source) {
    TwoNumbers *self = reinterpret_cast<TwoNumbers *>(source);
    return (self->asked++ == 0 ? self->first : self->second).int_future();
  }
};

TEST_F(BridgeStep, SleepsUntilThereIsANumber) {
  TwoNumbers numbers;
  std::thread giver([&] {
    // Not a poll that has begun, but one that has left its waker.
    gate::Eventually("the second number is awaited", [&] {
      return numbers.second.holds_waker() || numbers.second.drops() > 0;
    });
    numbers.second.Complete(0);
  });
  EXPECT_EQ(4, sum_now(&numbers.source)) << "E1: the result of the sum";
  giver.join();
  ASSERT_EQ(2, numbers.asked) << "E1: it runs to the end";
  EXPECT_LE(2, numbers.second.polls()) << "E1: it waits for the number";
  EXPECT_FALSE(numbers.second.polls() > 2)
      << "E1: one poll, and one more after the wake; in between it sleeps";
}

// A future whose poll calls the bridge.
enum poll MisusePoll(struct future *, struct context *) {
  Numbers numbers({0});
  sum_now(numbers.source());
  return POLL_READY;
}
void MisuseDrop(struct future *) {}
const struct future_ops kMisuseOps = {MisusePoll, MisuseDrop};

TEST_F(BridgeStep, InsideATaskItPanics) {
  struct int_future misuse = {{&kMisuseOps}, 0};
  EXPECT_TRUE(Panics([&] { block_on(&misuse); }, "block_on() inside a task"))
      << "E2: a clear end, not a deadlock";
}

// 5.9 What an await costs.

class CostStep : public gate::Step {};

TEST_F(CostStep, AThousandReadyAwaits) {
  std::vector<int> ready(1000, 1);
  ready.push_back(0);
  Numbers numbers(ready);
  WakerProbe waker;
  struct sum sum = {};
  sum_init(&sum, numbers.source());
  ASSERT_EQ(POLL_READY, Poll(&sum.async.base.base, waker))
      << "A2: no trip through the run queue";
  EXPECT_EQ(1000, sum.async.base.result);
  EXPECT_EQ(0, waker.wakes()) << "A2: nobody has to be woken";
  EXPECT_EQ(0, waker.clones()) << "P7: a waker is cloned to wait only";
  EXPECT_EQ(0, Allocations::total()) << "P7: no allocation an await";
  future_drop(&sum.async.base.base);
}

TEST_F(CostStep, AFrameIsSmall) {
  EXPECT_GE(40u, sizeof(struct async)) << "what an async function adds";
}

}  // namespace
