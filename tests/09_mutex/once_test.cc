// once_test.cc - step 9.12: a value that is made once, by whoever manages to.
#include "tests/09_mutex/mutex_fixture.h"

extern "C" {
#include "chapters/09_mutex/once.h"
}

using gate::FutureProbe;

class OnceStep : public gate::Step {
 protected:
  static constexpr int kMost = 3;

  void SetUp() override {
    gate::Step::SetUp();
    memset(&once_, kOld, sizeof once_);
    once_init(&once_);
    gate::OnHang([this] { return KeptLock(&once_.semaphore.lock); });
  }
  void End() {
    ExpectAtRest(&once_.semaphore.lock);
    if (!HasFailure()) once_end(&once_);
  }
  void Init(int i, FutureProbe &initialiser) {
    once_run_init(&runs_[i], &once_, initialiser.int_future());
  }
  struct future *Future(int i) {
    return &runs_[i].base.base;
  }
  enum poll PollIt(int i) { return Poll(Future(i), probes_[i]); }
  enum poll Come(int i, FutureProbe &initialiser) {
    Init(i, initialiser);
    return PollIt(i);
  }
  int Result(int i) { return runs_[i].base.result; }
  void Drop(int i) { future_drop(Future(i)); }
  int Get() { return once_get(&once_); }

  WakerProbe probes_[kMost] = {WakerProbe("first"), WakerProbe("second"),
                               WakerProbe("third")};
  struct once once_;
  struct once_run runs_[kMost];
};

TEST_F(OnceStep, TheFirstMakesIt) {
  FutureProbe init("initialiser", 0, 7), unused("second initialiser", 0, 8);
  EXPECT_EQ(-EAGAIN, Get()) << "it is not set";
  Init(0, init);
  EXPECT_EQ(0, init.polls()) << "P1";
  ASSERT_EQ(POLL_READY, PollIt(0)) << "O1: the value is there, for everybody";
  EXPECT_EQ(7, Result(0)) << "O1, O2";
  EXPECT_EQ(1, init.drops()) << "O5: dropped as soon as it is ready";
  EXPECT_EQ(7, Get()) << "O2: the value that was set stays, for ever";
  Drop(0);
  ASSERT_EQ(POLL_READY, Come(1, unused)) << "O2: it is there already";
  EXPECT_EQ(7, Result(1)) << "O2: the value that was set, and no other";
  EXPECT_EQ(0, unused.polls()) << "O5: it was not needed";
  EXPECT_EQ(1, unused.drops()) << "O5: dropped as soon as it is not needed";
  Drop(1);
  EXPECT_EQ(7, Get());
  End();
}

TEST_F(OnceStep, TheOthersWait) {
  FutureProbe init("initialiser"), second("second initialiser"),
      third("third initialiser");
  ASSERT_EQ(POLL_PENDING, Come(0, init));
  ASSERT_EQ(POLL_PENDING, Come(1, second));
  ASSERT_EQ(POLL_PENDING, Come(2, third));
  ASSERT_EQ(POLL_PENDING, PollIt(1));
  EXPECT_EQ(0, second.polls() + third.polls()) << "O6: one at a time";
  EXPECT_EQ(-EAGAIN, Get()) << "it is being made";
  init.Complete(7);
  EXPECT_EQ(1, probes_[0].wakes());
  ASSERT_EQ(POLL_READY, PollIt(0));
  for (int i = 1; i < kMost; i++) {
    EXPECT_EQ(1, probes_[i].wakes()) << "O1: the value is there, for all";
    ASSERT_EQ(POLL_READY, PollIt(i)) << "O1: the value is there, for everybody";
    EXPECT_EQ(7, Result(i)) << "O1: the value is there, for everybody";
  }
  EXPECT_EQ(0, second.polls() + third.polls()) << "O5: they were not needed";
  EXPECT_EQ(2, second.drops() + third.drops()) << "O5: and are dropped";
  for (int i = 0; i < kMost; i++) Drop(i);
  End();
}

TEST_F(OnceStep, NoughtIsAValue) {
  FutureProbe init("initialiser", 0, 0), unused("second initialiser", 0, 1);
  ASSERT_EQ(POLL_READY, Come(0, init));
  EXPECT_EQ(0, Get()) << "O2: at least 0";
  ASSERT_EQ(POLL_READY, Come(1, unused));
  EXPECT_EQ(0, Result(1)) << "O2: the value that was set stays, for ever";
  Drop(0);
  Drop(1);
  End();
}

TEST_F(OnceStep, ItFails) {
  FutureProbe init("initialiser"), second("second initialiser"),
      third("third initialiser", 0, 9);
  ASSERT_EQ(POLL_PENDING, Come(0, init));
  ASSERT_EQ(POLL_PENDING, Come(1, second));
  init.Complete(-EIO);
  ASSERT_EQ(POLL_READY, PollIt(0));
  EXPECT_EQ(-EIO, Result(0)) << "O3: who tried is told";
  EXPECT_EQ(1, init.drops())
      << "O5: dropped once, as soon as it is ready or not needed";
  EXPECT_EQ(-EAGAIN, Get()) << "O3: nothing was set";
  EXPECT_EQ(1, probes_[1].wakes()) << "O3: it is the next one's turn";
  ASSERT_EQ(POLL_PENDING, Come(2, third)) << "O6: and nobody gets before";
  ASSERT_EQ(POLL_PENDING, PollIt(1));
  EXPECT_EQ(1, second.polls()) << "O3: it runs its own";
  Drop(0);
  second.Complete(8);
  ASSERT_EQ(POLL_READY, PollIt(1));
  EXPECT_EQ(8, Result(1)) << "O3: the next one runs its own";
  ASSERT_EQ(POLL_READY, PollIt(2));
  EXPECT_EQ(8, Result(2)) << "O2: the value that was set stays, for ever";
  Drop(1);
  Drop(2);
  End();
}

TEST_F(OnceStep, ItIsCancelled) {
  FutureProbe init("initialiser"), second("second initialiser", 0, 8);
  ASSERT_EQ(POLL_PENDING, Come(0, init));
  ASSERT_EQ(POLL_PENDING, Come(1, second));
  Drop(0);
  EXPECT_EQ(1, init.drops()) << "O4: its initialiser goes with it";
  EXPECT_EQ(0, probes_[0].live()) << "P5";
  EXPECT_EQ(1, probes_[1].wakes())
      << "O4: else everybody waits for one who is gone";
  ASSERT_EQ(POLL_READY, PollIt(1));
  EXPECT_EQ(8, Result(1)) << "O4: the next one runs its own";
  Drop(1);
  End();
}

TEST_F(OnceStep, WhoseTurnItIsGoes) {
  FutureProbe init("initialiser"), second("second initialiser"),
      third("third initialiser", 0, 9);
  ASSERT_EQ(POLL_PENDING, Come(0, init));
  ASSERT_EQ(POLL_PENDING, Come(1, second));
  ASSERT_EQ(POLL_PENDING, Come(2, third));
  Drop(0);
  EXPECT_EQ(1, probes_[1].wakes());
  Drop(1);  // it has not been polled since
  EXPECT_EQ(0, second.polls());
  EXPECT_EQ(1, second.drops())
      << "O5: dropped once, as soon as it is ready or not needed";
  EXPECT_EQ(1, probes_[2].wakes()) << "O4: the turn goes on";
  ASSERT_EQ(POLL_READY, PollIt(2));
  EXPECT_EQ(9, Result(2));
  Drop(2);
  End();
}

TEST_F(OnceStep, WhoWaitsGoes) {
  FutureProbe init("initialiser"), second("second initialiser"),
      never("never polled");
  ASSERT_EQ(POLL_PENDING, Come(0, init));
  ASSERT_EQ(POLL_PENDING, Come(1, second));
  Init(2, never);
  Drop(2);
  Drop(1);
  EXPECT_EQ(1, never.drops()) << "O5: its own since the init";
  EXPECT_EQ(1, second.drops())
      << "O5: dropped once, as soon as it is ready or not needed";
  EXPECT_EQ(0, probes_[1].live()) << "P5";
  init.Complete(7);
  ASSERT_EQ(POLL_READY, PollIt(0)) << "it goes on as if nothing were";
  EXPECT_EQ(7, Result(0));
  Drop(0);
  End();
}

TEST_F(OnceStep, AFailureThatNobodyWaitsFor) {
  FutureProbe init("initialiser", 0, -EIO), second("second initialiser", 0, 8);
  ASSERT_EQ(POLL_READY, Come(0, init));
  EXPECT_EQ(-EIO, Result(0));
  ASSERT_EQ(POLL_READY, Come(1, second)) << "O3: the next one to come tries";
  EXPECT_EQ(8, Result(1));
  Drop(0);
  EXPECT_EQ(8, Get()) << "O2: a drop after the end changes nothing";
  Drop(1);
  EXPECT_EQ(8, Get()) << "O2: the value that was set stays, for ever";
  End();
}

// Who is woken looks at once.
TEST_F(OnceStep, PolledInItsWake) {
  FutureProbe init("initialiser"), second("second initialiser");
  Sleeper sleeper;
  int got = 0;
  enum poll poll = POLL_PENDING;
  ASSERT_EQ(POLL_PENDING, Come(0, init));
  Init(1, second);
  ASSERT_EQ(POLL_PENDING, future_poll(Future(1), sleeper.context()));
  sleeper.act = [&] {
    got = Get();
    poll = future_poll(Future(1), sleeper.context());
  };
  init.Complete(7);
  ASSERT_EQ(POLL_READY, PollIt(0));
  EXPECT_EQ(7, got) << "O2: it is told that there is a value, and finds none: "
                       "the value is set before the semaphore is closed";
  ASSERT_EQ(POLL_READY, poll) << "O1: the value is there, for everybody";
  EXPECT_EQ(7, Result(1)) << "O1: the value is set before anybody is woken";
  Drop(0);
  Drop(1);
  End();
}

// When the next one begins, nothing is left of the initialiser before.
TEST_F(OnceStep, OneInitialiserAtATime) {
  for (bool fails : {true, false}) {
    FutureProbe init("initialiser"), second("second initialiser", 0, 8);
    Sleeper sleeper;
    int drops = 0;
    ASSERT_EQ(POLL_PENDING, Come(0, init));
    Init(1, second);
    ASSERT_EQ(POLL_PENDING, future_poll(Future(1), sleeper.context()));
    sleeper.act = [&] { drops = init.drops(); };
    if (fails) {
      init.Complete(-EIO);
      ASSERT_EQ(POLL_READY, PollIt(0));
    }
    Drop(0);
    ASSERT_EQ(1, sleeper.wakes()) << "O3, O4: it is the next one's turn";
    ASSERT_EQ(1, drops)
        << "O4, O6: the next one had its turn, and the initialiser before was "
           "half alive: first drop it, then give the turn on";
    Drop(1);
  }
  End();
}

// Each is polled for another reason, after the others have come.
TEST_F(OnceStep, PolledAgainItKeepsItsPlace) {
  FutureProbe init("initialiser"), second("second initialiser", 0, 8),
      third("third initialiser", 0, 9);
  ASSERT_EQ(POLL_PENDING, Come(0, init));
  ASSERT_EQ(POLL_PENDING, Come(1, second));
  ASSERT_EQ(POLL_PENDING, Come(2, third));
  ASSERT_EQ(POLL_PENDING, PollIt(1));
  Drop(0);
  ASSERT_EQ(1, probes_[1].wakes())
      << "O1: in order of coming, and not of the last poll: who is polled "
         "again keeps its place";
  ASSERT_EQ(POLL_READY, PollIt(1));
  ASSERT_EQ(POLL_READY, PollIt(2));
  EXPECT_EQ(8, Result(2)) << "O2: the value that was set, and no other";
  Drop(1);
  Drop(2);
  End();
}

// However its life went: what it waits with is dropped with it.
TEST_F(OnceStep, WhatItWaitsWithIsDroppedOnce) {
  enum { kNeverPolled, kWaiting, kGiven, kMaking, kFailed, kNotNeeded };
  for (int life :
       {kNeverPolled, kWaiting, kGiven, kMaking, kFailed, kNotNeeded}) {
    FutureProbe init("initialiser"), second("second initialiser");
    bool waits = life == kWaiting || life == kGiven || life == kNotNeeded;
    if (waits) {
      ASSERT_EQ(POLL_PENDING, Come(0, init));
    }
    Init(1, second);
    Inner acquire(&runs_[1].acquire.base.base);
    if (life != kNeverPolled) {
      ASSERT_EQ(POLL_PENDING, PollIt(1));
    }
    if (life == kGiven) Drop(0);
    if (life == kFailed) {
      second.Complete(-EIO);
      ASSERT_EQ(POLL_READY, PollIt(1));
    }
    if (life == kNotNeeded) {
      init.Complete(7);
      ASSERT_EQ(POLL_READY, PollIt(0));
      ASSERT_EQ(POLL_READY, PollIt(1));
    }
    Drop(1);
    ASSERT_EQ(1, acquire.drops())
        << "P5: the acquire inside a once_run is dropped exactly once, whether "
           "it waits, has its turn, or is not needed any more";
    if (waits && life != kGiven) Drop(0);
  }
  End();
}

TEST_F(OnceStep, WithoutTheLockAndNoAllocation) {
  FutureProbe init("initialiser"), second("second initialiser");
  long before = Allocations::total();
  LockLooker looker(&once_.semaphore.lock);
  ASSERT_EQ(POLL_PENDING, Come(0, init));
  Init(1, second);
  ASSERT_EQ(POLL_PENDING, PollWith(Future(1), looker));
  init.Complete(7);
  ASSERT_EQ(POLL_READY, PollIt(0));
  EXPECT_EQ(1, looker.wakes());
  ASSERT_EQ(POLL_READY, PollWith(Future(1), looker));
  EXPECT_TRUE(looker.always_free()) << "W1";
  EXPECT_EQ(before, Allocations::total()) << "P7";
  Drop(0);
  Drop(1);
  End();
}

TEST_F(OnceStep, ItEndsAndSomebodyWaits) {
  FutureProbe init("initialiser"), second("second initialiser");
  ASSERT_EQ(POLL_PENDING, Come(0, init));
  ASSERT_EQ(POLL_PENDING, Come(1, second));
  EXPECT_TRUE(gate::Panics([&] { once_end(&once_); }, "somebody waits"))
      << "a once that ends while somebody waits panics";
  Drop(0);
  Drop(1);
  End();
}
