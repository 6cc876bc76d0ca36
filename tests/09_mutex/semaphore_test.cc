// semaphore_test.cc - steps 9.1 to 9.3: permits, and who gets them when.
#include "tests/09_mutex/mutex_fixture.h"
#include "tests/support/interrupt.h"

// ---------------------------------------------------------------- step 9.1

class PermitsStep : public SemaphoreFixture {};

TEST_F(PermitsStep, TakenAndGivenBack) {
  Make(3, 3);
  EXPECT_EQ(0, Try(2)) << "S1: three are free";
  EXPECT_EQ(1u, Free()) << "S1: who acquires them has them";
  EXPECT_EQ(-EAGAIN, Try(2)) << "one is free, and two are wanted";
  EXPECT_EQ(1u, Free()) << "all that are wanted, or none";
  EXPECT_EQ(0, Try(1));
  EXPECT_EQ(0, Release(3)) << "in one go, if you like";
  EXPECT_EQ(3u, Free()) << "S1: they are free again";
  End();
}

TEST_F(PermitsStep, None) {
  Make(0, 1);
  EXPECT_EQ(0, Try(0)) << "nothing is there always";
  EXPECT_EQ(0, Release(0));
  EXPECT_EQ(0u, Free());
  End();
}

TEST_F(PermitsStep, MoreThanThereWillEverBe) {
  Make(2, 3);
  EXPECT_EQ(-EINVAL, Try(4)) << "S6: more than the maximum";
  EXPECT_EQ(-EAGAIN, Try(3)) << "S6: three there may be, some day";
  EXPECT_EQ(2u, Free());
  End();
}

TEST_F(PermitsStep, BeyondTheMaximum) {
  Make(2, 3);
  EXPECT_EQ(0, Release(1)) << "S7: three is the maximum, and three are free";
  EXPECT_EQ(-EOVERFLOW, Release(1)) << "S7: it would be a fourth";
  EXPECT_EQ(3u, Free()) << "S7: and nothing was released";
  EXPECT_EQ(-EOVERFLOW, Release((size_t)-1))
      << "S7: a sum that wraps around is not less than the maximum";
  EXPECT_EQ(3u, Free());
  End();
}

TEST_F(PermitsStep, AllThatFitOrNone) {
  struct {
    size_t free, maximum, release;
    bool fits;
  } const cases[] = {
      {2, 3, 1, true},           {2, 3, 2, false},          {3, 3, 0, true},
      {3, 3, 1, false},          {0, 3, 3, true},           {0, 3, 4, false},
      {2, 3, (size_t)-1, false}, {1, 3, (size_t)-1, false},
  };
  for (const auto &c : cases) {
    Make(c.free, c.maximum);
    EXPECT_EQ(c.fits ? 0 : -EOVERFLOW, Release(c.release))
        << "S7: no more than the maximum may be free";
    EXPECT_EQ(c.fits ? c.free + c.release : c.free, Free())
        << "S7: what does not fit is not released, not even the part of it for "
           "which there would be room";
    End();
    if (HasFailure()) return;
  }
}

// Permits need not have been acquired: an event that is counted is one, too.
TEST_F(PermitsStep, FromNowhere) {
  Make(0, SEMAPHORE_MAXIMUM);
  EXPECT_EQ(0, Release(5));
  EXPECT_EQ(5u, Free());
  EXPECT_EQ(0, Try(5));
  End();
}

TEST_F(PermitsStep, MoreThanTheMaximumFromTheStart) {
  EXPECT_TRUE(gate::Panics([&] { Make(3, 2); }, "S1"))
      << "S1: a semaphore with more permits than its maximum is a mistake of "
         "the program, and panics";
  EXPECT_TRUE(gate::Panics([&] { Make(0, SEMAPHORE_MAXIMUM + 1); }, "S1"))
      << "S1: a maximum for which there is no room is one, too";
}

TEST_F(PermitsStep, WithoutTheLock) {
  Make(1, 2);
  EXPECT_TRUE(NeedsNoLock([&] {
    if (Try(1) == 0) Release(1);
  })) << "S10: nobody waits, and the lock is for who does";
  EXPECT_TRUE(NeedsNoLock([&] { Try(2); })) << "S10: also if there are too few";
  End();
}

// Somebody else takes a permit in the middle of it.
TEST_F(PermitsStep, TwoAtATime) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    int mine = 0, theirs = -EAGAIN;
    Make(1, 1);
    came = gate::InterruptAt(
        nth, [&] { mine = Try(1); },
        [&] {
          if (IsFree(lock())) theirs = Try(1);
        });
    EXPECT_FALSE(mine == 0 && theirs == 0)
        << "S1: one permit, and two have it: look and take it in one step";
    EXPECT_EQ(0u, Free()) << "S1: one of the two has it";
    Release(1);
    End();
  }
}

TEST_F(PermitsStep, GivenBackByTwo) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    bool released = false;
    Make(0, 2);
    came = gate::InterruptAt(
        nth, [&] { Release(1); },
        [&] {
          if (IsFree(lock())) released = Release(1) == 0;
        });
    EXPECT_EQ(released ? 2u : 1u, Free()) << "S1: a permit was lost";
    End();
  }
}

// One more fits, and two release one at the same moment.
TEST_F(PermitsStep, BeyondTheMaximumByTwo) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    int mine = 0, theirs = -EOVERFLOW;
    Make(1, 2);
    came = gate::InterruptAt(
        nth, [&] { mine = Release(1); },
        [&] {
          if (IsFree(lock())) theirs = Release(1);
        });
    EXPECT_EQ(2u, Free())
        << "S7: there was room for one, and two looked before either had "
           "released: look and release in one step";
    EXPECT_NE(mine, theirs) << "S7: one of the two is told -EOVERFLOW";
    End();
  }
}

// ---------------------------------------------------------------- step 9.2

class AcquireStep : public SemaphoreFixture {};

TEST_F(AcquireStep, AsManyAsThereAre) {
  Make(3, 3);
  Init(0, 3);
  EXPECT_EQ(3u, Free()) << "P1: not before the first poll";
  ASSERT_EQ(POLL_READY, PollIt(0)) << "S2: all three are free";
  EXPECT_EQ(0, Result(0)) << "S2: it has all that it wants";
  EXPECT_EQ(0u, Free()) << "S2: they are the caller's now";
  EXPECT_EQ(0u, Held(0)) << "S2: the caller's, and not the future's any more";
  EXPECT_EQ(0, probes_[0].clones()) << "no waker is needed for that";
  ASSERT_EQ(0, Release(3));
  End();
}

TEST_F(AcquireStep, WithoutTheLockIfTheyAreThere) {
  Make(1, 1);
  EXPECT_TRUE(NeedsNoLock([&] {
    if (Come(0, 1) == POLL_READY) Release(1);
  })) << "S10: nobody waits, and the lock is for who does";
  End();
}

TEST_F(AcquireStep, MoreThanThereWillEverBe) {
  Make(3, 3);
  ASSERT_EQ(POLL_READY, Come(0, 4)) << "S6: it does not wait for ever";
  EXPECT_EQ(-EINVAL, Result(0))
      << "S6: it does not wait for what will never be";
  EXPECT_EQ(3u, Free()) << "S6: and has taken none";
  End();
}

TEST_F(AcquireStep, TooFew) {
  Make(1, 3);
  ASSERT_EQ(POLL_PENDING, Come(0, 3)) << "S2: one of three is not enough";
  EXPECT_EQ(1, probes_[0].live()) << "P2: it waits, with a waker";
  EXPECT_TRUE(HasWaiters()) << "S3: else a release would not know of it";
  EXPECT_EQ(1u, Held(0)) << "S3: what is there is its own already";
  EXPECT_EQ(0u, Free()) << "S3: if anybody waits, none is free";
  ASSERT_EQ(POLL_PENDING, PollIt(0));
  EXPECT_EQ(1u, Held(0)) << "S3: and it is counted once";
  Forget(0);
  End();
}

TEST_F(AcquireStep, NotAfterItWasReady) {
  Make(1, 1);
  ASSERT_EQ(POLL_READY, Come(0, 1));
  EXPECT_TRUE(gate::Panics([&] { PollIt(0); }, "P4"))
      << "P4: polled after POLL_READY it panics";
  ASSERT_EQ(POLL_PENDING, Come(1, 1));
  EXPECT_TRUE(
      gate::Panics([&] { semaphore_end(&semaphore_); }, "somebody waits"))
      << "a semaphore that ends while somebody waits panics";
  Forget(1);
  End();
}

TEST_F(AcquireStep, NobodyGetsBefore) {
  Make(1, 3);
  ASSERT_EQ(POLL_PENDING, Come(0, 2));
  EXPECT_EQ(-EAGAIN, Try(1)) << "S3: the one that was free is somebody's part";
  ASSERT_EQ(POLL_PENDING, Come(1, 1)) << "S3: who comes later is behind";
  EXPECT_EQ(0u, Held(1));
  Forget(0);
  Forget(1);
  End();
}

TEST_F(AcquireStep, TheNewestWaker) {
  Make(0, 1);
  Init(0, 1);
  ASSERT_EQ(POLL_PENDING, Poll(Future(0), probes_[0]));
  ASSERT_EQ(POLL_PENDING, Poll(Future(0), probes_[1]));
  EXPECT_EQ(0, probes_[0].live()) << "P3: the old one is given back";
  EXPECT_EQ(1, probes_[1].live()) << "P3: the newest is kept";
  Forget(0);
  End();
}

TEST_F(AcquireStep, ItMayMoveBeforeItsFirstPoll) {
  struct semaphore_acquire made;
  Make(1, 2);
  semaphore_acquire_init(&made, &semaphore_, 2);
  acquires_[0] = made;
  memset(&made, 0xdd, sizeof made);
  ASSERT_EQ(POLL_PENDING, PollIt(0)) << "P6";
  EXPECT_EQ(1u, Held(0));
  Forget(0);
  End();
}

TEST_F(AcquireStep, WithoutTheLock) {
  Make(0, 1);
  LockLooker looker(lock());
  Init(0, 1);
  ASSERT_EQ(POLL_PENDING, PollWith(Future(0), looker));
  ASSERT_EQ(POLL_PENDING, PollWith(Future(0), looker));
  EXPECT_TRUE(looker.always_free()) << "W1: clone and drop without the lock";
  Forget(0);
  End();
}

TEST_F(AcquireStep, NoAllocation) {
  Make(1, 2);
  long before = Allocations::total();
  ASSERT_EQ(POLL_PENDING, Come(0, 2));
  EXPECT_EQ(before, Allocations::total()) << "S9, P7";
  Forget(0);
  End();
}

// A permit gets free after the look, and before it waits.
TEST_F(AcquireStep, AReleaseBeforeItWaits) {
  WakerProbe probe("acquire");
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    enum poll poll = POLL_PENDING;
    bool released = false;
    Make(0, 1);
    Init(0, 1);
    came = gate::InterruptAt(
        nth, [&] { poll = future_poll(Future(0), probe.context()); },
        [&] {
          if (!HasWaiters()) released = Release(1) == 0;
        });
    if (released) {
      EXPECT_EQ(POLL_READY, poll)
          << "P2: a permit got free after the look, and before it waited: look "
             "again with the waker in hand, and take what there is in the step "
             "that says that you wait";
    }
    if (poll == POLL_READY) {
      EXPECT_EQ(0u, Held(0)) << "S2: the caller's, and not the future's";
    }
    if (poll == POLL_PENDING) Forget(0);
    End();
  }
}

// One permit, and two come at the same moment who want both.
TEST_F(AcquireStep, OnlyTheFirstHasAPart) {
  WakerProbe first("acquire"), second("other");
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    bool polled = false;
    Make(1, 2);
    Init(0, 2);
    Init(1, 2);
    came = gate::InterruptAt(
        nth, [&] { future_poll(Future(0), first.context()); },
        [&] {
          if (!IsFree(lock())) return;
          polled = true;
          future_poll(Future(1), second.context());
        });
    EXPECT_EQ(1u, Held(0) + Held(1) + Free()) << "S1: there is one permit";
    int ahead = semaphore_.acquires.next == &acquires_[0].waiter.link ? 0 : 1;
    EXPECT_EQ(1u, Held(ahead))
        << "S3: who is first has the part. If somebody behind it had it, they "
           "would wait for each other: take a part only with your place in the "
           "queue";
    Forget(0);
    if (polled) Forget(1);
    End();
  }
}

// ---------------------------------------------------------------- step 9.3

class FairStep : public SemaphoreFixture {};

TEST_F(FairStep, InOrderOfComing) {
  Make(0, 3);
  for (int i = 0; i < 3; i++) ASSERT_EQ(POLL_PENDING, Come(i, 1));
  ASSERT_EQ(POLL_PENDING, PollIt(0))
      << "polled for another reason: still first";
  for (int i = 0; i < 3; i++) {
    ASSERT_EQ(0, Release(1));
    EXPECT_EQ(1, probes_[i].wakes()) << "S3: in order of coming";
    EXPECT_EQ(0u, Free()) << "S3: it is its own already, before its poll";
    EXPECT_EQ(-EAGAIN, Try(1)) << "S3: so nobody gets before";
    for (int j = i + 1; j < 3; j++) {
      EXPECT_EQ(0, probes_[j].wakes()) << "S4: only that one is woken";
      ASSERT_EQ(POLL_PENDING, PollIt(j)) << "S3: the next ones have to wait";
    }
    ASSERT_EQ(POLL_READY, PollIt(i)) << "S2: it has all that it wants";
    EXPECT_EQ(0, Result(i));
  }
  EXPECT_EQ(0u, Free());
  ASSERT_EQ(0, Release(3));
  EXPECT_EQ(3u, Free()) << "nobody waits: they are free";
  End();
}

TEST_F(FairStep, APartAtATime) {
  Make(0, 4);
  ASSERT_EQ(POLL_PENDING, Come(0, 3));
  ASSERT_EQ(POLL_PENDING, Come(1, 1));
  for (size_t part = 1; part <= 2; part++) {
    ASSERT_EQ(0, Release(1));
    EXPECT_EQ(part, Held(0)) << "S3: the first gets it, though it wants more";
    EXPECT_EQ(0, probes_[0].wakes()) << "S4: it has not got all yet";
    EXPECT_EQ(0, probes_[1].wakes())
        << "S3: a small request does not get before a large one, which would "
           "wait for ever";
  }
  ASSERT_EQ(0, Release(1));
  EXPECT_EQ(1, probes_[0].wakes()) << "S4: now it has all three";
  ASSERT_EQ(0, Release(1));
  EXPECT_EQ(1, probes_[1].wakes())
      << "S3: the first has all of its permits and has gone; the next permit "
         "was the second's, who was not woken: WAITERS stays while anybody "
         "waits";
  ASSERT_EQ(POLL_READY, PollIt(1));
  ASSERT_EQ(POLL_READY, PollIt(0));
  ASSERT_EQ(0, Release(4));
  End();
}

TEST_F(FairStep, OneReleaseForMany) {
  Make(0, 10);
  ASSERT_EQ(POLL_PENDING, Come(0, 1));
  ASSERT_EQ(POLL_PENDING, Come(1, 2));
  ASSERT_EQ(POLL_PENDING, Come(2, 1));
  ASSERT_EQ(POLL_PENDING, Come(3, 3));
  ASSERT_EQ(0, Release(5));
  for (int i = 0; i < 3; i++)
    EXPECT_EQ(1, probes_[i].wakes()) << "S3: to the next, as far as it goes";
  EXPECT_EQ(0, probes_[3].wakes()) << "S4: one of three";
  EXPECT_EQ(1u, Held(3)) << "S3: what is left is a part for the next";
  EXPECT_EQ(0u, Free());
  ASSERT_EQ(0, Release(4));
  EXPECT_EQ(1, probes_[3].wakes());
  EXPECT_EQ(2u, Free()) << "S3: what nobody needs is free";
  for (int i = 0; i < 4; i++)
    ASSERT_EQ(POLL_READY, PollIt(i)) << "S2: it has all that it wants";
  End();
}

TEST_F(FairStep, MoreThanTheMaximumForWhoWaits) {
  Make(0, 3);
  ASSERT_EQ(POLL_PENDING, Come(0, 1));
  EXPECT_EQ(-EOVERFLOW, Release(4))
      << "S7: more than the maximum, whoever waits for some of them";
  EXPECT_EQ(0, probes_[0].wakes()) << "S7: and nothing was released";
  EXPECT_EQ(0, Release(3));
  ASSERT_EQ(POLL_READY, PollIt(0)) << "S2: it has all that it wants";
  EXPECT_EQ(2u, Free()) << "S3: what nobody needs is free";
  End();
}

TEST_F(FairStep, WithoutTheLock) {
  Make(0, 2);
  LockLooker looker(lock());
  for (int i = 0; i < 2; i++) {
    Init(i, 1);
    ASSERT_EQ(POLL_PENDING, PollWith(Future(i), looker));
  }
  ASSERT_EQ(0, Release(2));
  EXPECT_EQ(2, looker.wakes());
  EXPECT_TRUE(looker.always_free()) << "W1: wake without the lock";
  for (int i = 0; i < 2; i++)
    ASSERT_EQ(POLL_READY, PollWith(Future(i), looker));
  End();
}

// More than are woken in one go, and nobody leaves meanwhile.
TEST_F(FairStep, ManyAtOnce) {
  constexpr int kMany = WAKE_BATCH + 4;
  constexpr size_t kRest = 5;
  struct semaphore_acquire acquires[kMany];
  Sleeper sleepers[kMany];
  size_t least = kRest;
  Make(0, kMany + kRest);
  for (int i = 0; i < kMany; i++) {
    sleepers[i].act = [&] { least = std::min(least, Free()); };
    semaphore_acquire_init(&acquires[i], &semaphore_, 1);
    ASSERT_EQ(POLL_PENDING,
              future_poll(&acquires[i].base.base, sleepers[i].context()));
  }
  ASSERT_EQ(0, Release(kMany + kRest));
  for (int i = 0; i < kMany; i++)
    ASSERT_EQ(1, sleepers[i].wakes())
        << "S4: who has all its permits is woken, however many they are: who "
           "is not now is in no queue any more, and sleeps for ever";
  EXPECT_EQ(kRest, least)
      << "S1, S3: what nobody needs is free before the first is woken: it may "
         "look at once";
  for (int i = 0; i < kMany; i++) {
    EXPECT_EQ(0, sleepers[i].live()) << "W1: a wake gives the waker back";
    ASSERT_EQ(POLL_READY,
              future_poll(&acquires[i].base.base, sleepers[i].context()))
        << "S2: it has all that it wants";
  }
  End();
}

// Ten tasks and two permits; each gives its one back and asks for another.
TEST_F(FairStep, EverybodyHasTheirTurn) {
  constexpr int kTasks = 10, kRounds = 5;
  struct executor executor;
  std::vector<int> order;
  std::vector<std::unique_ptr<Script>> scripts;
  struct semaphore_acquire acquires[kTasks];
  int rounds[kTasks] = {};
  bool waits[kTasks] = {};
  Make(2, 2);
  ASSERT_EQ(0, executor_init(&executor));
  for (int i = 0; i < kTasks; i++) {
    scripts.emplace_back(new Script([&, i](struct context *cx) {
      while (rounds[i] < kRounds) {
        if (!waits[i])
          semaphore_acquire_init(&acquires[i], &semaphore_, 1);
        else if (acquires[i].is_done) {  // it has had it for a turn
          waits[i] = false;
          rounds[i]++;
          semaphore_release(&semaphore_, 1);
          continue;
        }
        waits[i] = true;
        if (future_poll(&acquires[i].base.base, cx) == POLL_PENDING)
          return POLL_PENDING;
        order.push_back(i);
        waker_wake_by_ref(cx->waker);
        return POLL_PENDING;
      }
      return POLL_READY;
    }));
    scripts.back()->Spawn(&executor);
  }
  gate::Note("ten tasks acquire and release");
  executor_run(&executor);
  executor_end(&executor);
  ASSERT_EQ(size_t(kTasks * kRounds), order.size());
  for (int i = 0; i < kTasks * kRounds; i++)
    ASSERT_EQ(i % kTasks, order[i])
        << "S3: everybody has a turn before anybody has another";
  EXPECT_EQ(2u, Free());
  End();
}

// A release in the middle of a poll.
TEST_F(FairStep, AReleaseDuringAPoll) {
  WakerProbe probe("acquire");
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    probe.Reset();
    enum poll poll = POLL_PENDING;
    bool released = false;
    Make(1, 2);
    Init(0, 2);
    came = gate::InterruptAt(
        nth, [&] { poll = future_poll(Future(0), probe.context()); },
        [&] {
          if (IsFree(lock()) || !HasWaiters()) released = Release(1) == 0;
        });
    if (!released) {
      ASSERT_EQ(0, Release(1));
    }
    if (poll == POLL_PENDING) {
      EXPECT_EQ(1, probe.wakes()) << "P2: it has both, and nobody woke it";
      poll = PollIt(0);
    }
    ASSERT_EQ(POLL_READY, poll);
    EXPECT_EQ(0u, Free()) << "S1: both are the caller's";
    End();
  }
}

// Whoever waited is served by another release, after the look and before the
// lock.
TEST_F(FairStep, AReleaseDuringARelease) {
  WakerProbe probe("acquire");
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    probe.Reset();
    int mine = -1, theirs = -1;
    Make(0, 2);
    Init(0, 1);
    ASSERT_EQ(POLL_PENDING, future_poll(Future(0), probe.context()));
    came = gate::InterruptAt(
        nth, [&] { mine = Release(1); },
        [&] {
          if (IsFree(lock())) theirs = Release(1);
        });
    EXPECT_TRUE(IsFree(lock())) << "W1: the lock is given back, also where "
                                   "there is nobody any more to give to";
    if (HasFailure()) return;
    if (theirs != 0) theirs = Release(1);
    EXPECT_EQ(0, mine) << "S7: there is room for both";
    EXPECT_EQ(0, theirs) << "S7: there is room for both";
    EXPECT_EQ(1, probe.wakes()) << "S4: it has what it needs";
    ASSERT_EQ(POLL_READY, PollIt(0));
    EXPECT_EQ(1u, Free()) << "S1: one has it, and one is free";
    End();
  }
}
