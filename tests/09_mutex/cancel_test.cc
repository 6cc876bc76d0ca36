// cancel_test.cc - steps 9.4 and 9.5: who goes, and when all have to go.
#include <random>

#include "tests/support/budget.h"
#include "tests/09_mutex/mutex_fixture.h"
#include "tests/support/interrupt.h"

// ---------------------------------------------------------------- step 9.4

class DroppedStep : public SemaphoreFixture {};

TEST_F(DroppedStep, WhileItWaits) {
  Make(0, 1);
  for (int i = 0; i < 3; i++) ASSERT_EQ(POLL_PENDING, Come(i, 1));
  Drop(0);
  Drop(1);
  ASSERT_EQ(0, probes_[0].live() + probes_[1].live()) << "P5: no waker is left";
  memset(&acquires_[0], 0xdd, 2 * sizeof acquires_[0]);
  ASSERT_EQ(0, Release(1));
  EXPECT_EQ(1, probes_[2].wakes()) << "S5: the third is the first now";
  ASSERT_EQ(POLL_READY, PollIt(2));
  Drop(2);
  End();
}

TEST_F(DroppedStep, WithAPart) {
  Make(2, 4);
  ASSERT_EQ(POLL_PENDING, Come(0, 4));
  ASSERT_EQ(POLL_PENDING, Come(1, 1));
  ASSERT_EQ(POLL_PENDING, Come(2, 3));
  ASSERT_EQ(2u, Held(0));
  Drop(0);
  EXPECT_EQ(1, probes_[1].wakes())
      << "S5: its part goes to the next; else it is lost, for ever";
  EXPECT_EQ(1u, Held(2)) << "S5: and to the one after that";
  EXPECT_EQ(0, probes_[2].wakes()) << "S4: only who has all is woken";
  Drop(1);
  EXPECT_EQ(2u, Held(2)) << "S5: what it had not taken goes on";
  Drop(2);
  EXPECT_EQ(2u, Free()) << "S5: nobody waits: they are free";
  End();
}

TEST_F(DroppedStep, WithAllThatItHasNotTaken) {
  Make(0, 1);
  ASSERT_EQ(POLL_PENDING, Come(0, 1));
  ASSERT_EQ(POLL_PENDING, Come(1, 1));
  ASSERT_EQ(0, Release(1));
  EXPECT_EQ(1, probes_[0].wakes());
  Drop(0);  // in a select, something else was ready first
  EXPECT_EQ(1, probes_[1].wakes())
      << "S5: it was given the permit, and never took it: the next one gets it";
  ASSERT_EQ(POLL_READY, PollIt(1));
  Drop(1);
  EXPECT_EQ(0u, Free()) << "S2: the second one took it: it is the caller's";
  ASSERT_EQ(0, Release(1));
  End();
}

TEST_F(DroppedStep, BeforeAndAfter) {
  Make(1, 1);
  Init(0, 1);
  Drop(0);
  EXPECT_EQ(1u, Free()) << "P1: it had taken nothing";
  ASSERT_EQ(POLL_READY, Come(1, 1));
  Drop(1);
  EXPECT_EQ(0u, Free())
      << "S2: it was ready: the permit is the caller's, who gives it back";
  ASSERT_EQ(POLL_PENDING, Come(2, 1));
  ASSERT_EQ(0, Release(1));
  ASSERT_EQ(POLL_READY, PollIt(2));
  Drop(2);
  EXPECT_EQ(0u, Free()) << "S2: also if it had to wait for it";
  ASSERT_EQ(0, Release(1));
  End();
}

TEST_F(DroppedStep, NothingToGiveBack) {
  Make(1, 1);
  EXPECT_TRUE(NeedsNoLock([&] {
    if (Come(0, 1) != POLL_READY) return;
    Drop(0);
    Release(1);
  })) << "S10: it was never pending: in no list, and it holds nothing";
  End();
}

TEST_F(DroppedStep, WithoutTheLock) {
  Make(1, 4);
  LockLooker looker(lock());
  for (int i = 0; i < 3; i++) {
    Init(i, i == 0 ? 2 : 1);
    ASSERT_EQ(POLL_PENDING, PollWith(Future(i), looker));
  }
  Drop(2);
  Drop(0);
  EXPECT_EQ(1, looker.wakes());
  EXPECT_TRUE(looker.always_free()) << "W1: wake and drop without the lock";
  ASSERT_EQ(POLL_READY, PollWith(Future(1), looker));
  Drop(1);
  End();
}

// Many are given theirs; the first that is woken, whoever that is, drops three
// of those at the other end, which wait for their wake perhaps still. One of
// them has been ready before that.
TEST_F(DroppedStep, BeforeItIsWoken) {
  constexpr int kMany = WAKE_BATCH + 3, kGoing = 3;
  struct semaphore_acquire acquires[kMany];
  Sleeper sleepers[kMany];
  bool is_gone[kMany] = {}, has_begun = false;
  auto go = [&](int who, bool is_polled) {
    struct future *future = &acquires[who].base.base;
    if (is_polled) {
      EXPECT_EQ(POLL_READY, future_poll(future, sleepers[who].context()))
          << "S2: it has its permit, though no wake has come yet";
    }
    future_drop(future);
    is_gone[who] = true;
    EXPECT_FALSE(waiter_waits(&acquires[who].waiter))
        << "P5: it was dropped before its wake, and stands in the list of "
           "those that are to be woken still";
    if (!HasFailure()) memset(&acquires[who], 0xdd, sizeof acquires[who]);
  };
  auto first = [&](int who) {
    if (has_begun) return;
    has_begun = true;
    for (int n = 0; n < kGoing; n++)
      go(who < kMany / 2 ? kMany - 1 - n : n, n == 0);
  };
  Make(0, kMany);
  for (int i = 0; i < kMany; i++) {
    sleepers[i].act = [&first, i] { first(i); };
    semaphore_acquire_init(&acquires[i], &semaphore_, 1);
    ASSERT_EQ(POLL_PENDING,
              future_poll(&acquires[i].base.base, sleepers[i].context()));
  }
  ASSERT_EQ(0, Release(kMany));
  for (int i = 0; i < kMany; i++) {
    EXPECT_EQ(0, sleepers[i].live()) << "P5: nothing of it is left behind";
    if (is_gone[i]) continue;
    EXPECT_EQ(1, sleepers[i].wakes()) << "S4: who has all its permits is woken";
    ASSERT_EQ(POLL_READY,
              future_poll(&acquires[i].base.base, sleepers[i].context()));
    future_drop(&acquires[i].base.base);
  }
  EXPECT_EQ(size_t(kGoing - 1), Free())
      << "S5: what they were given is free, and what one of them took is the "
         "caller's";
  End();
}

// A release in the middle of the drop.
TEST_F(DroppedStep, AReleaseDuringADrop) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    probes_[0].Reset();
    probes_[1].Reset();
    bool released = false;
    Make(0, 1);
    for (int i = 0; i < 2; i++) ASSERT_EQ(POLL_PENDING, Come(i, 1));
    came = gate::InterruptAt(
        nth, [&] { Drop(0); },
        [&] {
          if (IsFree(lock())) released = Release(1) == 0;
        });
    if (!released) {
      ASSERT_EQ(0, Release(1));
    }
    EXPECT_EQ(1, probes_[1].wakes()) << "S5: the permit is not lost";
    ASSERT_EQ(POLL_READY, PollIt(1));
    Drop(1);
    End();
  }
}

// In the middle of a release the only one who waits goes, and somebody else
// releases as much as there may be.
TEST_F(DroppedStep, ADropDuringARelease) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    int mine = 0, theirs = -EAGAIN;
    Make(0, 1);
    ASSERT_EQ(POLL_PENDING, Come(0, 1));
    came = gate::InterruptAt(
        nth, [&] { mine = Release(1); },
        [&] {
          if (!IsFree(lock())) return;
          Drop(0);
          theirs = Release(1);
        });
    if (theirs == -EAGAIN) Drop(0);
    EXPECT_EQ(1u, Free())
        << "S7: it found that somebody waits, took the lock, and then nobody "
           "did: look again";
    EXPECT_EQ(theirs == 0 ? -EOVERFLOW : 0, mine) << "S7: one of the two";
    End();
  }
}

// Acquires that are polled and dropped as chance has it. At any time every
// permit is somewhere, and only the first who waits has a part.
TEST_F(DroppedStep, NothingIsLostWhateverHappens) {
  for (unsigned seed = 1; seed <= 300 && !HasFailure(); seed++) {
    std::mt19937 random(seed);
    const size_t total = 1 + random() % 4;
    size_t out = 0;
    bool is_there[kMost] = {};
    SCOPED_TRACE("seed " + std::to_string(seed));
    Make(total, total);
    for (int turn = 0; turn < 100 && !HasFailure(); turn++) {
      int who = int(random() % kMost);
      switch (random() % 4) {
        case 0:
        case 1:
          if (!is_there[who]) Init(who, 1 + random() % total);
          is_there[who] = true;
          if (PollIt(who) == POLL_READY) {
            out += acquires_[who].count;
            Drop(who);
            is_there[who] = false;
          }
          break;
        case 2:
          if (is_there[who]) Drop(who);
          is_there[who] = false;
          break;
        default:
          size_t back = out > 0 ? 1 + random() % out : 0;
          ASSERT_EQ(0, Release(back));
          out -= back;
      }
      size_t held = 0;
      for (int i = 0; i < kMost; i++)
        if (is_there[i]) held += Held(i);
      ASSERT_EQ(total, out + held + Free()) << "S1, S5: a permit is lost";
      bool is_first = true;
      struct list *link;
      list_for_each(link, &semaphore_.acquires) {
        auto *acquire = reinterpret_cast<struct semaphore_acquire *>(
            reinterpret_cast<char *>(link) -
            offsetof(struct semaphore_acquire, waiter.link));
        ASSERT_EQ(0u, Free()) << "S3: somebody waits, and a permit is free";
        ASSERT_LT(acquire->held, acquire->count) << "S4: it has all, and waits";
        ASSERT_TRUE(is_first || acquire->held == 0) << "S3: only the first";
        is_first = false;
      }
    }
    for (int i = 0; i < kMost; i++)
      if (is_there[i]) Drop(i);
    EXPECT_EQ(total, out + Free()) << "S5: what it had not taken is given back";
    End();
  }
}

TEST_F(DroppedStep, AnAcquirePays) {
  struct semaphore two;
  struct semaphore_acquire acquires[3];
  semaphore_init(&two, 2, 2);
  for (struct semaphore_acquire &acquire : acquires)
    semaphore_acquire_init(&acquire, &two, 1);
  gate::CheckItPays(&acquires[0].base.base, &acquires[1].base.base,
                    &acquires[2].base.base);
  EXPECT_EQ(0, semaphore_release(&two, 2)) << "S7: they were acquired";
  semaphore_end(&two);
}

// ---------------------------------------------------------------- step 9.5

class ClosedStep : public SemaphoreFixture {
 protected:
  void Close() { semaphore_close(&semaphore_); }
};

TEST_F(ClosedStep, WhoComes) {
  Make(2, 2);
  Close();
  EXPECT_EQ(-EPIPE, Try(1)) << "S8: though one is free";
  EXPECT_EQ(-EINVAL, Try(3)) << "S6: closed or not, that will never be";
  ASSERT_EQ(POLL_READY, Come(1, 3)) << "S6: it does not wait";
  EXPECT_EQ(-EINVAL, Result(1)) << "S6: closed or not, that will never be";
  ASSERT_EQ(POLL_READY, Come(0, 1));
  EXPECT_EQ(-EPIPE, Result(0))
      << "S8: closed: nobody gets any more, and what was a part is given back";
  EXPECT_EQ(2u, Free()) << "S8: it has taken none";
  Close();
  Drop(0);
  End();
}

TEST_F(ClosedStep, WhoWaits) {
  Make(1, 3);
  ASSERT_EQ(POLL_PENDING, Come(0, 2));
  ASSERT_EQ(POLL_PENDING, Come(1, 1));
  Close();
  for (int i = 0; i < 2; i++) {
    EXPECT_EQ(1, probes_[i].wakes()) << "S8: nobody else would ever say so";
    ASSERT_EQ(POLL_READY, PollIt(i)) << "S8: closed: nobody gets any more, and "
                                        "what was a part is given back";
    EXPECT_EQ(-EPIPE, Result(i)) << "S8: closed: nobody gets any more, and "
                                    "what was a part is given back";
    Drop(i);
  }
  EXPECT_EQ(1u, Free())
      << "S8: the part that the first had is given back, once";
  End();
}

TEST_F(ClosedStep, PolledInItsWake) {
  enum poll poll = POLL_PENDING;
  int result = 0;
  Sleeper sleeper;
  Make(0, 1);
  Init(0, 1);
  ASSERT_EQ(POLL_PENDING, future_poll(Future(0), sleeper.context()));
  sleeper.act = [&] {
    result = Try(1);
    poll = future_poll(Future(0), sleeper.context());
  };
  Close();
  EXPECT_EQ(-EPIPE, result) << "S8: it is closed before anybody is woken";
  ASSERT_EQ(POLL_READY, poll)
      << "S8: who is woken by the close may look at once. If it is not closed "
         "yet, it waits again, and nobody will ever tell it: first close, then "
         "wake";
  EXPECT_EQ(-EPIPE, Result(0));
  Drop(0);
  End();
}

TEST_F(ClosedStep, WhoWasGivenAll) {
  Make(0, 1);
  ASSERT_EQ(POLL_PENDING, Come(0, 1));
  ASSERT_EQ(0, Release(1));
  Close();
  EXPECT_EQ(1, probes_[0].wakes()) << "once: it was woken by the release";
  ASSERT_EQ(POLL_READY, PollIt(0));
  EXPECT_EQ(0, Result(0)) << "S8: the permit was its own before the close";
  Drop(0);
  EXPECT_EQ(0, Release(1)) << "S8: those that are out can be given back";
  EXPECT_EQ(1u, Free());
  End();
}

TEST_F(ClosedStep, DroppedAfterTheClose) {
  Make(1, 2);
  ASSERT_EQ(POLL_PENDING, Come(0, 2));
  Close();
  Drop(0);
  EXPECT_EQ(1u, Free()) << "S5: it gives its part back";
  End();
}

TEST_F(ClosedStep, ManyAndWithoutTheLock) {
  constexpr int kMany = WAKE_BATCH + 3;
  struct semaphore_acquire acquires[kMany];
  Make(0, 1);
  LockLooker looker(lock());
  for (auto &acquire : acquires) {
    semaphore_acquire_init(&acquire, &semaphore_, 1);
    ASSERT_EQ(POLL_PENDING, PollWith(&acquire.base.base, looker));
  }
  Close();
  EXPECT_EQ(kMany, looker.wakes()) << "S8: all of them";
  EXPECT_TRUE(looker.always_free()) << "W1: wake without the lock";
  for (auto &acquire : acquires) {
    ASSERT_EQ(POLL_READY, PollWith(&acquire.base.base, looker));
    EXPECT_EQ(-EPIPE, acquire.base.result);
    future_drop(&acquire.base.base);
  }
  End();
}

TEST_F(ClosedStep, ACloseDuringAPoll) {
  WakerProbe probe("acquire");
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    probe.Reset();
    enum poll poll = POLL_PENDING;
    bool closed = false;
    Make(1, 2);
    Init(0, 2);
    came = gate::InterruptAt(
        nth, [&] { poll = future_poll(Future(0), probe.context()); },
        [&] {
          if (!IsFree(lock())) return;
          closed = true;
          Close();
        });
    if (!closed) Close();
    if (poll == POLL_PENDING) {
      EXPECT_EQ(1, probe.wakes()) << "S8: it waits, and will for ever";
      poll = PollIt(0);
    }
    ASSERT_EQ(POLL_READY, poll);
    EXPECT_EQ(-EPIPE, Result(0)) << "S8: closed: nobody gets any more, and "
                                    "what was a part is given back";
    Drop(0);
    EXPECT_EQ(1u, Free()) << "S8: closed: nobody gets any more, and what was a "
                             "part is given back";
    End();
  }
}
