// The gate of chapter 02: several futures at once, and drop in every state.
#include <errno.h>

#include <string>

#include "tests/support/gate.h"
#include "tests/support/panics.h"
#include "tests/support/probes.h"

extern "C" {
#include "chapters/02_future/join.h"
#include "chapters/02_future/map.h"
#include "chapters/02_future/select.h"
#include "chapters/02_future/then.h"
}

namespace {

using gate::FutureProbe;
using gate::Poll;
using gate::WakerProbe;

class ManyTest : public gate::Step {
 protected:
  WakerProbe waker_;
  FutureProbe one_{"one"}, two_{"two"}, three_{"three"};
  struct int_future *children_[3] = {one_.int_future(), two_.int_future(),
                                     three_.int_future()};
};

// 2.9 Join.

class JoinStep : public ManyTest {
 protected:
  void Make() { join_init(&join_, children_, 3); }
  enum poll PollJoin() { return Poll(&join_.base, waker_); }

  struct join join_;
};

TEST_F(JoinStep, ReadyWhenAllAre) {
  Make();
  EXPECT_EQ(0, one_.polls()) << "P1: a join is lazy: nothing is polled";
  ASSERT_EQ(POLL_PENDING, PollJoin()) << "J2: all are pending";
  ASSERT_EQ(1, one_.polls()) << "J1: each child is polled";
  ASSERT_EQ(1, two_.polls()) << "J1: each child is polled";
  ASSERT_EQ(1, three_.polls()) << "J1: each child is polled";

  two_.Complete(2);
  ASSERT_EQ(POLL_PENDING, PollJoin()) << "J2: one is ready, two are not";
  EXPECT_EQ(1, two_.drops()) << "J3: dropped as soon as it is ready";
  one_.Complete(1);
  ASSERT_EQ(POLL_PENDING, PollJoin()) << "J2: one of them is still pending";
  EXPECT_EQ(2, two_.polls()) << "J1: a child that was ready is left alone";
  EXPECT_EQ(0, two_.polls_after_ready())
      << "P4: after POLL_READY a child is not polled again";
  three_.Complete(-EIO);
  ASSERT_EQ(POLL_READY, PollJoin()) << "J2: all are ready";
  EXPECT_EQ(3, waker_.wakes()) << "P2: each child has woken us once";
  EXPECT_EQ(4, three_.polls()) << "J1: pending in each poll but the last";

  future_drop(&join_.base);
  EXPECT_EQ(1, one_.int_future()->result) << "J2: the results stay";
  EXPECT_EQ(2, two_.int_future()->result) << "J2: the results stay";
  EXPECT_EQ(-EIO, three_.int_future()->result) << "J2: an error ends nothing";
  EXPECT_EQ(1, one_.drops()) << "J3: exactly once";
  EXPECT_EQ(1, two_.drops()) << "J3: exactly once";
  EXPECT_EQ(1, three_.drops()) << "J3: exactly once";
}

TEST_F(JoinStep, InTheOrderOfTheArray) {
  // Each child is a map, whose function writes down that it was polled.
  std::string order;
  struct map maps[3];
  auto note = [](void *data, int result) {
    static_cast<std::string *>(data)->append(std::to_string(result));
    return result;
  };
  for (int i = 0; i < 3; i++) {
    map_init(&maps[i], children_[i], note, &order);
    children_[i] = &maps[i].base;
  }
  one_.Complete(1);
  two_.Complete(2);
  three_.Complete(3);
  Make();
  ASSERT_EQ(POLL_READY, PollJoin()) << "J2: all are ready";
  EXPECT_EQ("123", order) << "J1: the children are polled in order";
  future_drop(&join_.base);
}

TEST_F(JoinStep, OfNoneIsReadyAtOnce) {
  join_init(&join_, children_, 0);
  ASSERT_EQ(POLL_READY, PollJoin()) << "J2: there is nothing to wait for";
  future_drop(&join_.base);
  EXPECT_EQ(0, one_.drops()) << "J3: only the first `count` are the join's";
}

TEST_F(JoinStep, DroppedWhileAllArePending) {
  Make();
  ASSERT_EQ(POLL_PENDING, PollJoin()) << "J2: all are pending";
  ASSERT_EQ(1, one_.polls()) << "J1: each child is polled";
  future_drop(&join_.base);
  EXPECT_EQ(1, one_.drops()) << "J3: the join owns its children";
  EXPECT_EQ(1, two_.drops()) << "J3: the join owns its children";
  EXPECT_EQ(1, three_.drops()) << "J3: the join owns its children";
  EXPECT_EQ(0, waker_.live()) << "P5: drop leaves no waker behind";
}

// 2.10 Select.

class SelectStep : public ManyTest {
 protected:
  void Make() { select_init(&select_, children_, 3); }
  enum poll PollSelect() { return Poll(&select_.base.base, waker_); }
  void Drop() { future_drop(&select_.base.base); }

  struct select select_;
};

TEST_F(SelectStep, OfNothing) {
  EXPECT_TRUE(gate::Panics([&] { select_init(&select_, children_, 0); }, "T4"))
      << "T4: a select of no futures would never be ready: it panics";
}

TEST_F(SelectStep, TheFirstThatIsReadyWins) {
  Make();
  EXPECT_EQ(0, one_.polls()) << "P1: a select is lazy: nothing is polled";
  ASSERT_EQ(POLL_PENDING, PollSelect()) << "T1: nobody has won yet";
  ASSERT_EQ(1, one_.polls()) << "T1: each child is polled";
  ASSERT_EQ(1, two_.polls()) << "T1: each child is polled";
  ASSERT_EQ(1, three_.polls()) << "T1: each child is polled";

  two_.Complete(77);
  EXPECT_EQ(1, waker_.wakes()) << "P2: any child may wake us";
  ASSERT_EQ(POLL_READY, PollSelect()) << "T1: ready when the first child is";
  EXPECT_EQ(1, select_.base.result) << "T1: the index of the winner, from 0";
  EXPECT_EQ(77, two_.int_future()->result) << "T3: the winner's result stays";
  EXPECT_EQ(1, three_.polls())
      << "T1: the second child has won; the third stands behind it and was "
         "polled "
         "all the same. Poll from the front, and no further than the winner";
  EXPECT_EQ(1, one_.drops()) << "T3: a loser is dropped when it has lost";
  EXPECT_EQ(1, two_.drops()) << "T3: the winner is dropped, too";
  EXPECT_EQ(1, three_.drops()) << "T3: a loser is dropped when it has lost";
  EXPECT_EQ(0, waker_.live()) << "P5: a dropped loser has given its waker back";
  Drop();
  EXPECT_EQ(1, one_.drops()) << "T3: a loser is dropped exactly once";
  EXPECT_EQ(1, two_.drops()) << "T3: the winner is dropped exactly once";
  EXPECT_EQ(1, three_.drops()) << "T3: a loser is dropped exactly once";
}

TEST_F(SelectStep, TheEarliestInTheArrayWins) {
  two_.Complete(2);
  three_.Complete(3);
  Make();
  ASSERT_EQ(POLL_READY, PollSelect()) << "T1: two of them are ready";
  EXPECT_EQ(1, select_.base.result)
      << "T2: of several that are ready the earliest wins";
  EXPECT_EQ(0, three_.polls()) << "T1: nobody behind the winner is polled";
  EXPECT_EQ(1, three_.drops()) << "T3: and yet it is dropped";
  Drop();
}

TEST_F(SelectStep, AnErrorCanWin) {
  one_.Complete(-ETIMEDOUT);
  Make();
  ASSERT_EQ(POLL_READY, PollSelect()) << "T1: ready with an error is ready";
  EXPECT_EQ(0, select_.base.result) << "T1: the result is the winner's index";
  EXPECT_EQ(-ETIMEDOUT, one_.int_future()->result) << "T3: its result stays";
  Drop();
}

TEST_F(SelectStep, DroppedUndecided) {
  Make();
  ASSERT_EQ(POLL_PENDING, PollSelect()) << "T1: nobody has won yet";
  ASSERT_EQ(1, one_.polls()) << "T1: each child is polled";
  Drop();
  EXPECT_EQ(1, one_.drops()) << "T3: the select owns its children";
  EXPECT_EQ(1, two_.drops()) << "T3: the select owns its children";
  EXPECT_EQ(1, three_.drops()) << "T3: the select owns its children";
  EXPECT_EQ(0, waker_.live()) << "P5: drop leaves no waker behind";
}

// 2.11 Drop in every state: a tree with every combinator in it, cut off with
// any set of its leaves ready.

class DropStep : public gate::Step {
 protected:
  enum { kLeaves = 4 };

  // join(select(map(and_then(first, second)), map(rival)), other)
  struct Tree {
    FutureProbe leaf[kLeaves] = {FutureProbe("first"), FutureProbe("second"),
                                 FutureProbe("rival"), FutureProbe("other")};
    struct then chain;
    struct map mapped, rival;
    struct select select;
    struct join join;
    struct int_future *racers[2], *joined[2];

    static int Same(void *data, int result) { return result; }
    static struct int_future *Next(void *data, int result) {
      return static_cast<Tree *>(data)->leaf[1].int_future();
    }
    Tree() {
      and_then_init(&chain, leaf[0].int_future(), Next, this);
      map_init(&mapped, &chain.base, Same, nullptr);
      map_init(&rival, leaf[2].int_future(), Same, nullptr);
      racers[0] = &mapped.base;
      racers[1] = &rival.base;
      select_init(&select, racers, 2);
      joined[0] = &select.base;
      joined[1] = leaf[3].int_future();
      join_init(&join, joined, 2);
    }
  };

  // Completes the leaves whose bits are in `done` one by one, polling after
  // each; then drops the tree and counts.
  void CutOff(unsigned done, bool polled) {
    WakerProbe waker;
    Tree tree;
    bool ready = false;
    if (polled) ready = Poll(&tree.join.base, waker) == POLL_READY;
    for (int i = 0; i < kLeaves; i++) {
      if (!(done >> i & 1)) continue;
      tree.leaf[i].Complete(i);
      if (polled && !ready) ready = Poll(&tree.join.base, waker) == POLL_READY;
    }
    future_drop(&tree.join.base);
    for (int i = 0; i < kLeaves; i++) Count(tree.leaf[i], i, done);
    EXPECT_EQ(0, waker.live()) << "P5: drop leaves no waker behind";
  }

  static void Count(const FutureProbe &leaf, int i, unsigned done) {
    static const char *const kNames[kLeaves] = {"first", "second", "rival",
                                                "other"};
    std::string ready = done == 0 ? " none" : "";
    for (int j = 0; j < kLeaves; j++)
      if (done >> j & 1) ready += std::string(" ") + kNames[j];
    // The second leaf exists only once the chain has made it.
    int wanted = i == 1 ? leaf.polls() > 0 : 1;
    EXPECT_EQ(wanted, leaf.drops())
        << "P5: whatever the state, drop reaches every child that is alive, "
           "exactly once; this is the leaf `"
        << kNames[i] << "`, completed before the drop were:" << ready;
  }
};

TEST_F(DropStep, NeverPolled) { CutOff(0, false); }

TEST_F(DropStep, AfterOnePoll) { CutOff(0, true); }

TEST_F(DropStep, WithAnyLeavesReady) {
  for (unsigned done = 1; done < 1u << kLeaves; done++) {
    CutOff(done, true);
    if (HasFailure()) break;
  }
}

TEST_F(DropStep, AJoinWithItsFirstChildGone) {
  WakerProbe waker;
  FutureProbe one("one"), two("two");
  struct int_future *children[] = {one.int_future(), two.int_future()};
  struct join join;

  join_init(&join, children, 2);
  one.Complete(1);
  ASSERT_EQ(POLL_PENDING, Poll(&join.base, waker)) << "J2: one is missing";
  future_drop(&join.base);
  EXPECT_EQ(1, one.drops()) << "J3: dropped when it was ready, not again";
  EXPECT_EQ(1, two.drops()) << "J3: the child that is alive";
}

}  // namespace
