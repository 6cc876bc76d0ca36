// barrier_test.cc - step 9.11: nobody goes on before all are here.
#include <random>

#include "tests/09_mutex/mutex_fixture.h"
#include "tests/support/acting_waker.h"
#include "tests/support/budget.h"

extern "C" {
#include "chapters/09_mutex/barrier.h"
}

using gate::Panics;

class BarrierStep : public gate::Step {
 protected:
  static constexpr int kMost = 4;

  void SetUp() override {
    gate::Step::SetUp();
    gate::OnHang([this] { return KeptLock(&barrier_.lock); });
  }
  void Make(size_t size) {
    memset(&barrier_, kOld, sizeof barrier_);
    barrier_init(&barrier_, size);
  }
  bool TouchesLocked(const std::function<void()> &body) {
    auto *first = reinterpret_cast<const char *>(&barrier_.arrived);
    auto *end = reinterpret_cast<const char *>(&barrier_.waiters + 1);
    return gate::TouchesLocked(first, size_t(end - first), &barrier_.lock,
                               body);
  }
  void End() {
    EXPECT_TRUE(list_is_empty(&barrier_.waiters))
        << "P5: all have gone, and one stands in the list still";
    ExpectAtRest(&barrier_.lock);
    if (!HasFailure()) barrier_end(&barrier_);
  }
  void Init(int i) { barrier_wait_init(&waits_[i], &barrier_); }
  struct future *Future(int i) {
    return &waits_[i].base.base;
  }
  enum poll PollIt(int i) { return Poll(Future(i), probes_[i]); }
  enum poll Come(int i) {
    Init(i);
    return PollIt(i);
  }
  int Result(int i) { return waits_[i].base.result; }
  void Drop(int i) { future_drop(Future(i)); }

  static constexpr const char *kNames[kMost] = {"first", "second", "third",
                                                "fourth"};
  WakerProbe probes_[kMost] = {WakerProbe("first"), WakerProbe("second"),
                               WakerProbe("third"), WakerProbe("fourth")};
  struct barrier barrier_;
  struct barrier_wait waits_[kMost];
};

TEST_F(BarrierStep, Three) {
  Make(3);
  for (int i = 0; i < 3; i++) Init(i);
  for (int i = 0; i < 2; i++)
    ASSERT_EQ(POLL_PENDING, PollIt(i)) << "B1: not all have come";
  ASSERT_EQ(POLL_PENDING, PollIt(0)) << "B1: to be polled again is not to come";
  EXPECT_EQ(1, probes_[0].live())
      << "P2: one waker, however often it is polled";
  ASSERT_EQ(POLL_READY, PollIt(2)) << "B1: it is the third";
  EXPECT_EQ(1, Result(2)) << "B2: who came last is the leader";
  for (int i = 0; i < 2; i++) {
    EXPECT_EQ(1, probes_[i].wakes()) << "B1: all of them";
    ASSERT_EQ(POLL_READY, PollIt(i)) << "B1: when all have come, all go on";
    EXPECT_EQ(0, Result(i)) << "B2: one leader";
  }
  for (int i = 0; i < 3; i++) Drop(i);
  End();
}

TEST_F(BarrierStep, AgainAndAgain) {
  Make(2);
  for (int generation = 0; generation < 3; generation++) {
    int first = generation % 2, second = 1 - first;
    ASSERT_EQ(POLL_PENDING, Come(first)) << "B3: a new generation";
    ASSERT_EQ(POLL_READY, Come(second))
        << "B3: each belongs to the generation in which it came";
    EXPECT_EQ(1, Result(second)) << "B2: one leader, the one that came last";
    ASSERT_EQ(POLL_READY, PollIt(first));
    EXPECT_EQ(0, Result(first)) << "B2: one leader, the one that came last";
    Drop(0);
    Drop(1);
  }
  End();
}

// The next generation begins, and is over, before one of this one is polled.
TEST_F(BarrierStep, ASlowOne) {
  Make(2);
  ASSERT_EQ(POLL_PENDING, Come(0));
  ASSERT_EQ(POLL_READY, Come(1));
  ASSERT_EQ(POLL_PENDING, Come(2))
      << "B3: the first one has not been polled since, and yet it belongs to "
         "the generation before";
  ASSERT_EQ(POLL_READY, PollIt(0)) << "B3: its generation is over";
  ASSERT_EQ(POLL_PENDING, PollIt(2)) << "B3: and this one's is not";
  ASSERT_EQ(POLL_READY, Come(3));
  ASSERT_EQ(POLL_READY, PollIt(2));
  for (int i = 0; i < 4; i++) Drop(i);
  End();
}

TEST_F(BarrierStep, OfOneAndOfNone) {
  for (size_t size : {1, 0}) {
    Make(size);
    for (int i = 0; i < 2; i++) {
      ASSERT_EQ(POLL_READY, Come(i)) << "B5: nobody to wait for";
      EXPECT_EQ(1, Result(i)) << "B5: each is a leader";
      Drop(i);
    }
    End();
  }
}

TEST_F(BarrierStep, DroppedWhileItWaits) {
  Make(2);
  ASSERT_EQ(POLL_PENDING, Come(0));
  Drop(0);
  ASSERT_EQ(0, probes_[0].live()) << "P5: no waker is left";
  ASSERT_TRUE(list_is_empty(&barrier_.waiters))
      << "P5: it has gone, and stands in the list still";
  memset(&waits_[0], 0xdd, sizeof waits_[0]);
  ASSERT_EQ(POLL_PENDING, Come(1))
      << "B4: the first has gone: this one would go on alone";
  ASSERT_EQ(POLL_READY, Come(2));
  ASSERT_EQ(POLL_READY, PollIt(1));
  Drop(1);
  Drop(2);
  End();
}

TEST_F(BarrierStep, DroppedBeforeAndAfter) {
  Make(2);
  Init(0);
  Drop(0);
  ASSERT_EQ(POLL_PENDING, Come(1))
      << "P1: one that was never polled came never";
  ASSERT_EQ(POLL_READY, Come(2));
  ASSERT_EQ(POLL_PENDING, Come(3));
  Drop(1);  // its generation is over, and it does not know
  Drop(2);
  ASSERT_EQ(POLL_READY, Come(0))
      << "B4: who is dropped after its generation is not missing in the next";
  ASSERT_EQ(POLL_READY, PollIt(3));
  Drop(0);
  Drop(3);
  End();
}

TEST_F(BarrierStep, TheNewestWakerAndNoLock) {
  Make(2);
  LockLooker looker(&barrier_.lock);
  Init(0);
  ASSERT_EQ(POLL_PENDING, Poll(Future(0), probes_[0]));
  ASSERT_EQ(POLL_PENDING, PollWith(Future(0), looker));
  EXPECT_EQ(0, probes_[0].live()) << "P3: the old one is given back";
  Drop(0);
  ASSERT_TRUE(looker.always_free())
      << "W1: who goes drops its waker without the lock";
  Init(0);
  for (int i = 0; i < 2; i++)
    ASSERT_EQ(POLL_PENDING, PollWith(Future(0), looker));
  ASSERT_TRUE(looker.always_free())
      << "W1: a waker that another one replaces is dropped without the lock";
  Init(1);
  ASSERT_EQ(POLL_READY, PollWith(Future(1), looker));
  EXPECT_EQ(1, looker.wakes()) << "P3";
  ASSERT_EQ(POLL_READY, PollWith(Future(0), looker));
  EXPECT_TRUE(looker.always_free()) << "W1: clone, wake and drop without it";
  Drop(0);
  Drop(1);
  End();
}

TEST_F(BarrierStep, ItMayMoveAndAllocatesNothing) {
  struct barrier_wait made;
  long before = Allocations::total();
  Make(2);
  barrier_wait_init(&made, &barrier_);
  waits_[0] = made;
  memset(&made, 0xdd, sizeof made);
  ASSERT_EQ(POLL_PENDING, PollIt(0));
  ASSERT_EQ(POLL_READY, Come(1)) << "P6";
  ASSERT_EQ(POLL_READY, PollIt(0));
  EXPECT_EQ(before, Allocations::total()) << "P7";
  Drop(0);
  Drop(1);
  End();
}

// Made in one generation, and come in a later one.
TEST_F(BarrierStep, MadeBeforeItComes) {
  Make(2);
  for (int i = 0; i < 3; i++) Init(i);
  for (int i = 1; i < 3; i++) PollIt(i);
  ASSERT_EQ(POLL_PENDING, PollIt(0)) << "B1: it is the first of two";
  EXPECT_EQ(POLL_PENDING, PollIt(0))
      << "B1, B3: it goes on alone. It belongs to the generation in which it "
         "came, which is that of its first poll, and not to the one in which "
         "it was made";
  Drop(0);
  EXPECT_EQ(0u, barrier_.arrived)
      << "B4: dropped, it has not come: it belongs to the generation of its "
         "first poll, and not to the one in which it was made";
  ASSERT_EQ(POLL_READY, PollIt(1));
  Drop(1);
  Drop(2);
  End();
}

// More than are woken in one go; the first that is woken polls the last, drops
// the one before, and comes again.
TEST_F(BarrierStep, ManyAtOnce) {
  constexpr int kMany = WAKE_BATCH + 4;
  struct barrier_wait waits[kMany], leader, again;
  WakerProbe probe("waiter"), later("later");
  ActingWaker first([&] {
    EXPECT_EQ(POLL_READY, Poll(&waits[kMany - 1].base.base, probe))
        << "B1: its generation is over, though no wake has come yet";
    future_drop(&waits[kMany - 1].base.base);
    EXPECT_FALSE(waiter_waits(&waits[kMany - 1].waiter))
        << "P5: it was ready, and was dropped, and stands in the list of those "
           "that are to be woken still. Ready or not: a drop leaves whatever "
           "list it is in";
    future_drop(&waits[kMany - 2].base.base);
    if (!HasFailure()) memset(&waits[kMany - 2], 0xdd, 2 * sizeof waits[0]);
    barrier_wait_init(&again, &barrier_);
    EXPECT_EQ(POLL_PENDING, Poll(&again.base.base, later))
        << "B3: each belongs to the generation in which it came";
  });
  Make(kMany + 1);
  for (auto &wait : waits) {
    barrier_wait_init(&wait, &barrier_);
    ASSERT_EQ(POLL_PENDING, future_poll(&wait.base.base,
                                        &wait == &waits[0] ? first.context()
                                                           : probe.context()));
  }
  barrier_wait_init(&leader, &barrier_);
  ASSERT_EQ(POLL_READY, Poll(&leader.base.base, probe));
  EXPECT_EQ(kMany - 3, probe.wakes()) << "B1: each of the others, once";
  EXPECT_EQ(0, later.wakes()) << "B3: who came meanwhile waits";
  EXPECT_EQ(1u, barrier_.arrived)
      << "B3: each belongs to the generation in which it came";
  EXPECT_EQ(0, probe.live());
  for (int i = 0; i < kMany - 2; i++) {
    ASSERT_EQ(POLL_READY, Poll(&waits[i].base.base, probe));
    future_drop(&waits[i].base.base);
  }
  future_drop(&leader.base.base);
  future_drop(&again.base.base);
  End();
}

// As chance has it: a leader for each `size` that came, and nobody early.
TEST_F(BarrierStep, OneLeaderAGeneration) {
  for (unsigned seed = 1; seed <= 200 && !HasFailure(); seed++) {
    std::mt19937 random(seed);
    const int size = 1 + int(random() % kMost);
    int here = 0;  // of this generation
    std::string story = "it begins";
    auto tell = [&](int who, const char *what) {
      story += std::string("; ") + kNames[who] + what;
    };
    bool is_there[kMost] = {}, may_go[kMost] = {};
    Make(size);
    for (int turn = 0; turn < 100 && !HasFailure(); turn++) {
      int who = int(random() % kMost);
      bool comes = !is_there[who];
      if (!comes && random() % 4 == 0) {
        Drop(who);
        tell(who, may_go[who] ? " is dropped, and might have gone on"
                              : " is dropped, and does not count any more");
        is_there[who] = false;
        here -= !may_go[who];
        continue;
      }
      if (comes) tell(who, " comes");
      if (comes && ++here == size) {
        here = 0;
        story += ", and all are here";
        for (bool &may : may_go) may = true;
      } else if (comes) {
        may_go[who] = false;
      }
      enum poll poll = comes ? Come(who) : PollIt(who);
      is_there[who] = true;
      ASSERT_EQ(may_go[who] ? POLL_READY : POLL_PENDING, poll)
          << "B1, B4: who has come and was not dropped counts, once; when as "
             "many have come as the barrier's size, they go on, and not "
             "before. A barrier of "
          << size << ": " << story << "; now " << kNames[who] << " is polled";
      if (poll == POLL_PENDING) continue;
      EXPECT_EQ(comes ? 1 : 0, Result(who))
          << "B2: one leader, the one that came last";
      Drop(who);
      tell(who, " goes on");
      is_there[who] = false;
    }
    for (int i = 0; i < kMost; i++)
      if (is_there[i]) Drop(i);
    End();
  }
}

TEST_F(BarrierStep, EverythingUnderTheLock) {
  Make(2);
  for (int i = 0; i < 3; i++) Init(i);
  EXPECT_TRUE(TouchesLocked([&] {
    PollIt(0);
    Drop(0);
    PollIt(1);
    PollIt(2);
    PollIt(1);
    Drop(1);
    Drop(2);
  })) << "who has come, the generation and the list are under the lock, to "
         "look "
         "at them, too: without it that is a data race";
  End();
}

TEST_F(BarrierStep, NotAfterItWasReady) {
  Make(1);
  ASSERT_EQ(POLL_READY, Come(0));
  Sleeper sleeper;
  EXPECT_TRUE(Panics([&] { future_poll(Future(0), sleeper.context()); }, "P4"))
      << "P4: polled after POLL_READY it panics";
  Drop(0);
  End();
  Make(2);
  ASSERT_EQ(POLL_PENDING, Come(0));
  EXPECT_TRUE(Panics([&] { barrier_end(&barrier_); }, "somebody waits"))
      << "a barrier that ends while somebody waits panics";
  Drop(0);
  End();
}

// A barrier of one lets everybody through at once, again and again.
TEST_F(BarrierStep, AWaitPays) {
  struct barrier two;
  barrier_init(&two, 2);
  Make(1);
  for (int i = 0; i < 2; i++) Init(i);
  barrier_wait_init(&waits_[2], &two);
  gate::CheckItPays(Future(0), Future(1), Future(2));
  barrier_end(&two);
  End();
}
