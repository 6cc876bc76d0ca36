// rwlock_test.cc - step 9.9: many who read, or one who writes.
#include <random>

#include "tests/09_mutex/mutex_fixture.h"

extern "C" {
#include "chapters/09_mutex/rwlock.h"
}

class RwlockStep : public gate::Step {
 protected:
  static constexpr int kMost = 4;

  void SetUp() override {
    gate::Step::SetUp();
    memset(&rwlock_, kOld, sizeof rwlock_);
    rwlock_init(&rwlock_);
    gate::OnHang([this] { return KeptLock(&rwlock_.semaphore.lock); });
  }
  void End() {
    EXPECT_EQ(size_t(RWLOCK_READERS), semaphore_available(&rwlock_.semaphore))
        << "R1: everybody has unlocked, and not all permits are there";
    ExpectAtRest(&rwlock_.semaphore.lock);
    if (!HasFailure()) rwlock_end(&rwlock_);
  }
  struct future *Future(int i) {
    return &locks_[i].base.base;
  }
  enum poll PollIt(int i) { return Poll(Future(i), probes_[i]); }
  enum poll Read(int i) {
    rwlock_read_init(&locks_[i], &rwlock_);
    return PollIt(i);
  }
  enum poll Write(int i) {
    rwlock_write_init(&locks_[i], &rwlock_);
    return PollIt(i);
  }
  void Unlock(int i) { rwlock_unlock(&locks_[i].guard); }
  void Drop(int i) { future_drop(Future(i)); }
  void UnlockAndDrop(int i) {
    Unlock(i);
    Drop(i);
  }
  bool CanRead() { return Can(rwlock_try_read); }
  bool CanWrite() { return Can(rwlock_try_write); }

  WakerProbe probes_[kMost] = {WakerProbe("first"), WakerProbe("second"),
                               WakerProbe("third"), WakerProbe("fourth")};
  struct rwlock rwlock_;
  struct rwlock_lock locks_[kMost];

 private:
  bool Can(int (*attempt)(struct rwlock *, struct rwlock_guard *)) {
    struct rwlock_guard guard = {};
    int result = attempt(&rwlock_, &guard);
    EXPECT_EQ(result == 0 ? &rwlock_ : nullptr, guard.rwlock)
        << "R3: a guard if and only if it has it";
    rwlock_unlock(&guard);
    rwlock_unlock(&guard);  // spent: nothing
    return result == 0;
  }
};

TEST_F(RwlockStep, ManyWhoRead) {
  for (int i = 0; i < 3; i++) {
    ASSERT_EQ(POLL_READY, Read(i)) << "R1: many may read";
    EXPECT_EQ(0, locks_[i].base.result)
        << "R1: many who read, or one who writes";
    EXPECT_EQ(&rwlock_, locks_[i].guard.rwlock)
        << "R1: many who read, or one who writes";
  }
  EXPECT_TRUE(CanRead()) << "R1: many who read, or one who writes";
  EXPECT_FALSE(CanWrite()) << "R1: as long as anybody reads nobody writes";
  for (int i = 0; i < 3; i++) {
    EXPECT_FALSE(CanWrite()) << "R1: somebody reads still";
    UnlockAndDrop(i);
  }
  EXPECT_TRUE(CanWrite());
  End();
}

TEST_F(RwlockStep, OneWhoWrites) {
  ASSERT_EQ(POLL_READY, Write(0)) << "R1: many who read, or one who writes";
  EXPECT_FALSE(CanRead()) << "R1: many who read, or one who writes";
  EXPECT_FALSE(CanWrite()) << "R1: many who read, or one who writes";
  ASSERT_EQ(POLL_PENDING, Write(1)) << "R1: one at a time";
  Unlock(0);
  EXPECT_EQ(1, probes_[1].wakes())
      << "R2: in order of coming, whoever reads or writes";
  EXPECT_FALSE(CanRead()) << "R3: it belongs to the one that waits";
  ASSERT_EQ(POLL_READY, PollIt(1));
  Drop(0);
  UnlockAndDrop(1);
  EXPECT_TRUE(CanRead());
  End();
}

TEST_F(RwlockStep, ReadersDoNotStarveAWriter) {
  ASSERT_EQ(POLL_READY, Read(0));
  ASSERT_EQ(POLL_PENDING, Write(1));
  EXPECT_FALSE(CanRead()) << "R2, R3: who comes after a writer waits behind "
                             "it, or it waits as long "
                             "as readers come";
  ASSERT_EQ(POLL_PENDING, Read(2)) << "R2: behind the writer";
  Unlock(0);
  EXPECT_EQ(1, probes_[1].wakes()) << "R2: the writer is next";
  EXPECT_EQ(0, probes_[2].wakes())
      << "R2: in order of coming, whoever reads or writes";
  ASSERT_EQ(POLL_READY, PollIt(1));
  Unlock(1);
  EXPECT_EQ(1, probes_[2].wakes()) << "R2: and then the reader";
  ASSERT_EQ(POLL_READY, PollIt(2));
  Unlock(2);
  for (int i = 0; i < 3; i++) Drop(i);
  End();
}

TEST_F(RwlockStep, WritersDoNotStarveAReader) {
  ASSERT_EQ(POLL_READY, Write(0));
  ASSERT_EQ(POLL_PENDING, Read(1));
  ASSERT_EQ(POLL_PENDING, Read(2));
  ASSERT_EQ(POLL_PENDING, Write(3));
  Unlock(0);
  EXPECT_EQ(1, probes_[1].wakes()) << "R2: before the writer that came later";
  EXPECT_EQ(1, probes_[2].wakes()) << "R2: and all readers who stand together";
  EXPECT_EQ(0, probes_[3].wakes())
      << "R2: in order of coming, whoever reads or writes";
  ASSERT_EQ(POLL_READY, PollIt(1));
  ASSERT_EQ(POLL_READY, PollIt(2));
  Unlock(1);
  EXPECT_EQ(0, probes_[3].wakes()) << "R1: one reads still";
  Unlock(2);
  EXPECT_EQ(1, probes_[3].wakes())
      << "R2: in order of coming, whoever reads or writes";
  ASSERT_EQ(POLL_READY, PollIt(3));
  Unlock(3);
  for (int i = 0; i < 4; i++) Drop(i);
  End();
}

TEST_F(RwlockStep, DroppedWhileItWaits) {
  ASSERT_EQ(POLL_READY, Read(0));
  ASSERT_EQ(POLL_PENDING, Write(1));
  ASSERT_EQ(POLL_PENDING, Read(2));
  Drop(1);
  ASSERT_EQ(0, probes_[1].live()) << "P5: no waker is left";
  memset(&locks_[1], 0xdd, sizeof locks_[1]);
  EXPECT_EQ(1, probes_[2].wakes())
      << "R5: the writer has gone, and nothing keeps the reader out any more";
  ASSERT_EQ(POLL_READY, PollIt(2));
  UnlockAndDrop(0);
  UnlockAndDrop(2);
  EXPECT_TRUE(CanWrite()) << "R5: nothing was lost";
  End();
}

TEST_F(RwlockStep, Downgrade) {
  ASSERT_EQ(POLL_READY, Write(0));
  ASSERT_EQ(POLL_PENDING, Read(1));
  ASSERT_EQ(POLL_PENDING, Write(2));
  rwlock_downgrade(&locks_[0].guard);
  ASSERT_EQ(&rwlock_, locks_[0].guard.rwlock)
      << "R4: it is a reader now, and has its guard: it gives back all but "
         "one, "
         "and nobody can get in between";
  EXPECT_EQ(1, probes_[1].wakes()) << "R4: it reads only: others may, too";
  EXPECT_EQ(0, probes_[2].wakes()) << "R4: and nobody writes";
  rwlock_downgrade(&locks_[0].guard);  // a reader stays one
  ASSERT_EQ(POLL_READY, PollIt(1));
  Unlock(1);
  EXPECT_EQ(0, probes_[2].wakes()) << "R4: the first one reads still";
  Unlock(0);
  EXPECT_EQ(1, probes_[2].wakes())
      << "R4: it is a reader now, and no more than that";
  ASSERT_EQ(POLL_READY, PollIt(2));
  Unlock(2);
  EXPECT_TRUE(CanWrite());
  struct rwlock_guard spent = {};
  rwlock_downgrade(&spent);
  EXPECT_EQ(nullptr, spent.rwlock)
      << "a guard that is spent has nothing to give";
  for (int i = 0; i < 3; i++) Drop(i);
  End();
}

// Each is polled for another reason, after the others have come.
TEST_F(RwlockStep, PolledAgainItKeepsItsPlace) {
  ASSERT_EQ(POLL_READY, Read(0));
  ASSERT_EQ(POLL_PENDING, Write(1));
  ASSERT_EQ(POLL_PENDING, Read(2));
  for (int i : {1, 2, 1})
    ASSERT_EQ(POLL_PENDING, PollIt(i))
        << "R2: the writer was polled again, and keeps its place and what it "
           "has by then: nobody comes in before it";
  EXPECT_EQ(0, probes_[2].wakes()) << "R2: it is behind the writer";
  Unlock(0);
  ASSERT_EQ(1, probes_[1].wakes())
      << "R2: in order of coming, and not of the last poll: a writer that is "
         "polled again keeps its place, and what readers gave back to it";
  ASSERT_EQ(POLL_READY, PollIt(1));
  Unlock(1);
  ASSERT_EQ(POLL_READY, PollIt(2));
  Unlock(2);
  for (int i = 0; i < 3; i++) Drop(i);
  End();
}

// However its life went: what it waits with is dropped with it.
TEST_F(RwlockStep, WhatItWaitsWithIsDroppedOnce) {
  enum { kNeverPolled, kReady, kWaiting, kGiven };
  for (int life : {kNeverPolled, kReady, kWaiting, kGiven}) {
    struct rwlock_guard guard = {};
    if (life == kWaiting || life == kGiven) {
      ASSERT_EQ(0, rwlock_try_write(&rwlock_, &guard));
    }
    rwlock_read_init(&locks_[0], &rwlock_);
    Inner acquire(&locks_[0].acquire.base.base);
    if (life != kNeverPolled) {
      ASSERT_EQ(life == kReady ? POLL_READY : POLL_PENDING, PollIt(0));
    }
    if (life == kGiven) rwlock_unlock(&guard);
    Drop(0);
    ASSERT_EQ(1, acquire.drops())
        << "P5: the acquire inside a lock is dropped exactly once, whether the "
           "lock was polled, waits, was given its permits, or is ready";
    rwlock_unlock(&guard);
    if (life == kReady) Unlock(0);
  }
  End();
}

// More readers than are woken in one go; the first that is woken drops the last
// two, of which one is ready by then.
TEST_F(RwlockStep, ManyAtOnce) {
  constexpr int kMany = WAKE_BATCH + 4;
  struct rwlock_lock readers[kMany];
  Sleeper sleepers[kMany];
  struct rwlock_guard writer = {}, taken = {};
  ASSERT_EQ(0, rwlock_try_write(&rwlock_, &writer));
  for (int i = 0; i < kMany; i++) {
    rwlock_read_init(&readers[i], &rwlock_);
    ASSERT_EQ(POLL_PENDING,
              future_poll(&readers[i].base.base, sleepers[i].context()));
  }
  sleepers[0].act = [&] {
    struct rwlock_lock *last = &readers[kMany - 1];
    EXPECT_EQ(POLL_READY,
              future_poll(&last->base.base, sleepers[kMany - 1].context()))
        << "R1: it was let in, though no wake has come yet";
    taken = last->guard;
    for (int i = kMany - 2; i < kMany; i++) {
      future_drop(&readers[i].base.base);
      EXPECT_FALSE(waiter_waits(&readers[i].acquire.waiter))
          << "R5, P5: it was dropped before its wake, and stands in the list "
             "of those that are to be woken still";
      if (!HasFailure()) memset(&readers[i], 0xdd, sizeof readers[i]);
    }
  };
  rwlock_unlock(&writer);
  for (int i = 0; i < kMany; i++) {
    EXPECT_EQ(0, sleepers[i].live()) << "P5: nothing of it is left behind";
    if (i >= kMany - 2) continue;
    EXPECT_EQ(1, sleepers[i].wakes()) << "R2: all readers who stand together";
    ASSERT_EQ(POLL_READY,
              future_poll(&readers[i].base.base, sleepers[i].context()));
    rwlock_unlock(&readers[i].guard);
    future_drop(&readers[i].base.base);
  }
  rwlock_unlock(&taken);
  End();
}

TEST_F(RwlockStep, NoAllocationAndWithoutTheLock) {
  long before = Allocations::total();
  LockLooker looker(&rwlock_.semaphore.lock);
  ASSERT_EQ(POLL_READY, Write(0));
  rwlock_read_init(&locks_[1], &rwlock_);
  ASSERT_EQ(POLL_PENDING, PollWith(Future(1), looker));
  Unlock(0);
  ASSERT_EQ(POLL_READY, PollWith(Future(1), looker));
  EXPECT_TRUE(looker.always_free()) << "W1";
  EXPECT_EQ(before, Allocations::total()) << "P7";
  Unlock(1);
  Drop(0);
  Drop(1);
  End();
}

// As chance has it: never a writer beside anybody else.
TEST_F(RwlockStep, NeverBoth) {
  for (unsigned seed = 1; seed <= 200 && !HasFailure(); seed++) {
    std::mt19937 random(seed);
    enum { kAway, kComing, kInside } where[kMost] = {};
    bool writes[kMost] = {};
    SCOPED_TRACE("seed " + std::to_string(seed));
    for (int turn = 0; turn < 80; turn++) {
      int who = int(random() % kMost);
      if (where[who] == kInside) {
        if (random() % 3 == 0) {
          rwlock_downgrade(&locks_[who].guard);
          writes[who] = false;
          continue;
        }
        UnlockAndDrop(who);
        where[who] = kAway;
      } else if (where[who] == kComing && random() % 4 == 0) {
        Drop(who);
        where[who] = kAway;
      } else {
        if (where[who] == kAway) writes[who] = random() % 2;
        enum poll poll = where[who] == kComing ? PollIt(who)
                         : writes[who]         ? Write(who)
                                               : Read(who);
        where[who] = poll == POLL_READY ? kInside : kComing;
      }
      int readers = 0, writers = 0;
      for (int i = 0; i < kMost; i++)
        if (where[i] == kInside) ++(writes[i] ? writers : readers);
      ASSERT_LE(writers, 1) << "R1: two write";
      ASSERT_TRUE(writers == 0 || readers == 0) << "R1: one reads, one writes";
    }
    for (int i = 0; i < kMost; i++)
      if (where[i] == kInside)
        UnlockAndDrop(i);
      else if (where[i] == kComing)
        Drop(i);
    ASSERT_TRUE(CanWrite()) << "R5: nothing is lost";
  }
  End();
}

TEST_F(RwlockStep, ItEndsAndSomebodyHasIt) {
  ASSERT_EQ(POLL_READY, Read(0));
  EXPECT_TRUE(gate::Panics([&] { rwlock_end(&rwlock_); }, "somebody has it"))
      << "a rwlock that ends while somebody has it panics";
  UnlockAndDrop(0);
  End();
}
