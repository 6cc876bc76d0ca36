// word_test.cc - steps 9.1, 9.4 and 9.5 once more: a semaphore's word, which
// others change at any moment at which nobody waits, lock or no lock.
#include <algorithm>
#include <atomic>
#include <thread>

#include "tests/09_mutex/mutex_fixture.h"
#include "tests/support/interrupt.h"

namespace {

class WordFixture : public SemaphoreFixture {
 protected:
  // Somebody else releases a permit, or takes one, without the lock.
  bool ReleaseIfNobodyWaits() { return !HasWaiters() && Release(1) == 0; }
  bool TakeIfNobodyWaits() { return !HasWaiters() && Try(1) == 0; }
};

// ---------------------------------------------------------------- step 9.1

class PermitsOfManyStep : public WordFixture {
 protected:
  // Of whoever comes at two moments: the first one has come.
  bool has_come_ = true;
};

// There is one for each of two. Who was overtaken looks again.
TEST_F(PermitsOfManyStep, OneForEachOfTwo) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    int mine = -1, theirs = -1;
    Make(2, 2);
    came = gate::InterruptAt(
        nth, [&] { mine = Try(1); }, [&] { theirs = Try(1); });
    if (!came) theirs = Try(1);
    EXPECT_TRUE(mine == 0 && theirs == 0)
        << "S2: there is one for each, and one of the two is told that there "
           "are too few: if the word has changed meanwhile, look again";
    EXPECT_EQ(0u, Free()) << "S1: each of the two has one";
    Release(2);
    End();
  }
}

// The permit goes to somebody else after the look; a third one comes then.
TEST_F(PermitsOfManyStep, NoMoreThanThereAreForAThird) {
  for (long nth = 1; has_come_ && !HasFailure(); nth++) {
    bool came = true;
    has_come_ = false;
    for (long later = 1; came && !HasFailure(); later++) {
      int mine = -EAGAIN, theirs = -EAGAIN, third = -EAGAIN;
      Make(1, 1);
      came = gate::InterruptTwice(
          nth, later, [&] { mine = Try(1); },
          [&] { has_come_ = true, theirs = Try(1); }, [&] { third = Try(1); });
      EXPECT_LE((mine == 0) + (theirs == 0) + (third == 0), 1)
          << "S1: one permit, and two have it: somebody took one that was not "
             "there, to give it back; meanwhile a third one saw less than "
             "none, which is very many";
      EXPECT_EQ(0u, Free()) << "S1: one of the three has it";
      Release(1);
      End();
    }
  }
}

// One more fits. Somebody else's is in, and a third one looks.
TEST_F(PermitsOfManyStep, NoMoreThanTheMaximumForAThird) {
  for (long nth = 1; has_come_ && !HasFailure(); nth++) {
    bool came = true;
    has_come_ = false;
    for (long later = 1; came && !HasFailure(); later++) {
      size_t most = 0;
      Make(1, 2);
      came = gate::InterruptTwice(
          nth, later, [&] { Release(1); },
          [&] { has_come_ = true, Release(1); },
          [&] { most = std::max(most, Free()); });
      EXPECT_GE(2u, most)
          << "S1: two is the maximum, and three were free for a moment: "
             "somebody released one that does not fit, to take it back, and a "
             "third one may have it by then";
      EXPECT_EQ(2u, Free()) << "S7: there was room for one";
      End();
    }
  }
}

// Others release at two moments. Nobody waits, so nobody needs the lock.
TEST_F(PermitsOfManyStep, OvertakenAndWithoutTheLock) {
  for (long nth = 1; has_come_ && !HasFailure(); nth++) {
    bool came = true, is_free = true;
    has_come_ = false;
    for (long later = 1; came && !HasFailure(); later++) {
      Make(0, 2);
      came = gate::InterruptTwice(
          nth, later, [&] { Release(1); },
          [&] { has_come_ = true, Release(1); },
          [&] { is_free = is_free && IsFree(lock()); });
      EXPECT_TRUE(is_free)
          << "S10: nobody waits, and a release that was overtaken takes the "
             "lock: if the word has changed meanwhile, look again";
      End();
    }
  }
}

// ---------------------------------------------------------------- step 9.4

class DroppedAmongManyStep : public WordFixture {
 protected:
  // It was given its permit, nobody waits any more, and `free` are free.
  void GiveAll(size_t free) {
    Make(0, 4);
    ASSERT_EQ(POLL_PENDING, Come(0, 1));
    ASSERT_EQ(0, Release(1 + free));
    ASSERT_EQ(1u, Held(0)) << "S3: it was given its permit";
  }
};

// Nobody waits any more, so others add and take without the lock, though the
// drop has it.
TEST_F(DroppedAmongManyStep, APermitIsReleasedMeanwhile) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    bool released = false;
    GiveAll(1);
    came = gate::InterruptAt(
        nth, [&] { Drop(0); }, [&] { released = ReleaseIfNobodyWaits(); });
    EXPECT_EQ(released ? 3u : 2u, Free())
        << "S1: a permit was lost: nobody waits, so another thread may release "
           "one at any moment, also while the drop has the lock. What the drop "
           "gives back it has to add in one step, and not store a sum";
    End();
  }
}

TEST_F(DroppedAmongManyStep, APermitIsTakenMeanwhile) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    bool taken = false;
    GiveAll(1);
    came = gate::InterruptAt(
        nth, [&] { Drop(0); }, [&] { taken = TakeIfNobodyWaits(); });
    EXPECT_EQ(taken ? 1u : 2u, Free())
        << "S1: somebody took a permit, and it is free as well: nobody waits, "
           "so another thread may take one at any moment, also while the drop "
           "has the lock. What the drop gives back it has to add in one step, "
           "and not store a sum";
    End();
  }
}

// Another thread gives to many, wakes the first, and is held there. The last
// is given its permit in the middle of its poll.
TEST_F(DroppedAmongManyStep, ReadyBeforeItIsWoken) {
  constexpr int kMany = WAKE_BATCH + 1, kLast = kMany - 1;
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    struct semaphore_acquire acquires[kMany];
    Sleeper sleepers[kMany];
    std::atomic<bool> is_waking{false}, may_go_on{false};
    std::thread giver;
    struct future *last = &acquires[kLast].base.base;
    sleepers[0].act = [&] {
      is_waking = true;
      gate::Eventually("the last one is dropped",
                       [&] { return bool(may_go_on); });
    };
    Make(0, kMany);
    for (int i = 0; i < kMany; i++) {
      semaphore_acquire_init(&acquires[i], &semaphore_, 1);
      ASSERT_EQ(POLL_PENDING,
                future_poll(&acquires[i].base.base, sleepers[i].context()));
    }
    enum poll poll = POLL_PENDING;
    auto give = [&] {
      if (!IsFree(lock())) return;
      giver = std::thread([&] { Release(kMany); });
      gate::Eventually("the first one is woken",
                       [&] { return bool(is_waking); });
    };
    came = gate::InterruptAt(
        nth, [&] { poll = future_poll(last, sleepers[kLast].context()); },
        give);
    if (!giver.joinable()) give();
    if (poll == POLL_PENDING)
      poll = future_poll(last, sleepers[kLast].context());
    EXPECT_EQ(POLL_READY, poll) << "S2: it has its permit";
    future_drop(last);
    EXPECT_FALSE(waiter_waits(&acquires[kLast].waiter))
        << "P5: it was ready, and was dropped, and another thread has it in "
           "the list of those that are to be woken still. Ready or not: a drop "
           "leaves whatever list it is in";
    may_go_on = true;
    giver.join();
    if (HasFailure()) return;
    EXPECT_EQ(0, sleepers[kLast].live()) << "P5: nothing of it is left behind";
    for (int i = 0; i < kLast; i++) {
      ASSERT_EQ(POLL_READY,
                future_poll(&acquires[i].base.base, sleepers[i].context()));
      future_drop(&acquires[i].base.base);
    }
    End();
  }
}

// ---------------------------------------------------------------- step 9.5

class ClosedAmongManyStep : public WordFixture {
 protected:
  void Close() { semaphore_close(&semaphore_); }
};

TEST_F(ClosedAmongManyStep, TwiceIsOnce) {
  Make(2, 4);
  for (int times = 1; times <= 3; times++) {
    Close();
    EXPECT_TRUE(semaphore_is_closed(&semaphore_))
        << "S8: closing twice is once";
    EXPECT_FALSE(HasWaiters())
        << "S8: closing twice is once, and sets no other bit of the word";
    EXPECT_EQ(-EPIPE, Try(1)) << "S8: closing twice is once";
    EXPECT_EQ(2u, Free()) << "S8: closing takes no permit and makes none";
  }
  EXPECT_EQ(0, Release(1)) << "S8: those that are out can be given back";
  EXPECT_EQ(3u, Free());
  End();
}

// Nobody waits: others release and take without the lock, though the close
// has it.
TEST_F(ClosedAmongManyStep, APermitIsReleasedMeanwhile) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    bool released = false;
    Make(1, 4);
    came = gate::InterruptAt(
        nth, [&] { Close(); }, [&] { released = ReleaseIfNobodyWaits(); });
    EXPECT_EQ(released ? 2u : 1u, Free())
        << "S8: a permit was released while the semaphore was closed, and is "
           "lost: another thread may change the word at any moment, lock or no "
           "lock, so each bit is set or cleared in one step";
    End();
  }
}

TEST_F(ClosedAmongManyStep, APermitIsTakenMeanwhile) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    bool taken = false;
    Make(1, 4);
    came = gate::InterruptAt(
        nth, [&] { Close(); }, [&] { taken = TakeIfNobodyWaits(); });
    EXPECT_EQ(taken ? 0u : 1u, Free())
        << "S8: a permit was taken while the semaphore was closed, and is free "
           "as well: another thread may change the word at any moment, lock or "
           "no lock, so each bit is set or cleared in one step";
    End();
  }
}

// The part of one who is turned away is added to what others release.
TEST_F(ClosedAmongManyStep, APermitIsReleasedWhileAPartIsGivenBack) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    bool released = false;
    probes_[0].Reset();
    Make(1, 4);
    ASSERT_EQ(POLL_PENDING, Come(0, 2));
    Close();
    came = gate::InterruptAt(
        nth, [&] { PollIt(0); }, [&] { released = ReleaseIfNobodyWaits(); });
    EXPECT_EQ(-EPIPE, Result(0)) << "S8: closed: nobody gets any more";
    EXPECT_EQ(released ? 2u : 1u, Free())
        << "S8: a permit was released while a part was given back, and is "
           "lost: add the part in one step";
    Drop(0);
    End();
  }
}

// Who waits has looked with the lock held, and found it open.
TEST_F(ClosedAmongManyStep, ClosedWithTheLock) {
  for (int waiting = 0; waiting < 2; waiting++) {
    bool came = true, was_closed = false, had_waiters = true;
    bool is_locked = true, is_left_on = false, is_open = false;
    for (long nth = 1; came && !HasFailure(); nth++) {
      Make(0, 1);
      probes_[0].Reset();
      if (waiting) {
        ASSERT_EQ(POLL_PENDING, Come(0, 1));
      }
      came = gate::InterruptAt(
          nth, [&] { Close(); },
          [&] {
            bool is_closed = semaphore_is_closed(&semaphore_);
            bool has_changed =
                is_closed != was_closed || HasWaiters() != had_waiters;
            if (nth > 1 && has_changed && IsFree(lock())) is_locked = false;
            was_closed = is_closed;
            had_waiters = HasWaiters();
            if (is_closed && had_waiters && IsFree(lock())) is_left_on = true;
            if (!is_closed && !had_waiters &&
                !list_is_empty(&semaphore_.acquires))
              is_open = true;
          });
      EXPECT_TRUE(is_locked)
          << "S8: CLOSED and WAITERS change under the lock only. Who has the "
             "lock has looked, found it open, and is about to wait: if it is "
             "closed just then, nobody will ever wake it";
      EXPECT_FALSE(is_left_on)
          << "S3: WAITERS is set, and nobody is in the queue: it goes before "
             "anybody is woken, and under the lock";
      EXPECT_FALSE(is_open)
          << "S3: somebody waits, WAITERS is off, and it is not closed yet: "
             "what another thread releases just then a newcomer gets. Set "
             "CLOSED first";
      if (waiting) {
        PollIt(0);
        Drop(0);
      }
      End();
    }
  }
}

}  // namespace
