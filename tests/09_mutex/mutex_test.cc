// mutex_test.cc - steps 9.6 and 9.7: one at a time, across awaits and tasks.
#include <thread>

#include "tests/09_mutex/mutex_fixture.h"
#include "tests/support/interrupt.h"
#include "tests/support/panics.h"

extern "C" {
#include "chapters/03_waker/block_on.h"
#include "chapters/04_executor/yield.h"
#include "chapters/09_mutex/shared_mutex.h"
}

// ---------------------------------------------------------------- step 9.6

class MutexStep : public gate::Step {
 protected:
  static constexpr int kMost = 3;
  static constexpr const char *kNames[kMost] = {"ann", "bob", "eve"};

  void SetUp() override {
    gate::Step::SetUp();
    memset(&mutex_, kOld, sizeof mutex_);
    mutex_init(&mutex_, "counter");
    gate::OnHang([this] { return StoryOf(&mutex_); });
  }
  void End() {
    EXPECT_EQ(1u, semaphore_available(&mutex_.semaphore))
        << "M1: everybody has unlocked, and it is not free";
    ExpectAtRest(lock());
    if (!HasFailure()) mutex_end(&mutex_);
  }
  struct future *Init(int i) {
    mutex_lock_init(&locks_[i], &mutex_, kNames[i]);
    return Future(i);
  }
  struct future *Future(int i) {
    return &locks_[i].base.base;
  }
  enum poll PollIt(int i) { return Poll(Future(i), probes_[i]); }
  enum poll Come(int i) {
    Init(i);
    return PollIt(i);
  }
  void Unlock(int i) { mutex_unlock(&locks_[i].guard); }
  void Drop(int i) { future_drop(Future(i)); }
  int Try(struct mutex_guard *guard) {
    return mutex_try_lock(&mutex_, guard, "somebody");
  }
  pthread_mutex_t *lock() { return &mutex_.semaphore.lock; }

  WakerProbe probes_[kMost] = {WakerProbe("ann"), WakerProbe("bob"),
                               WakerProbe("eve")};
  struct mutex mutex_;
  struct mutex_lock locks_[kMost];
};

TEST_F(MutexStep, LockAndUnlock) {
  Init(0);
  struct mutex_guard guard = {};
  ASSERT_EQ(0, Try(&guard)) << "P1: a lock takes nothing before its first poll";
  EXPECT_EQ(&mutex_, guard.mutex);
  mutex_unlock(&guard);
  EXPECT_EQ(nullptr, guard.mutex) << "a guard that is spent says so";
  mutex_unlock(&guard);
  ASSERT_EQ(POLL_READY, PollIt(0)) << "M1: it is free again";
  EXPECT_EQ(0, locks_[0].base.result)
      << "M1: who is ready has the mutex, and a guard that says so";
  ASSERT_EQ(&mutex_, locks_[0].guard.mutex)
      << "M1: who is ready has the mutex, and a guard that says so";
  EXPECT_EQ(-EAGAIN, Try(&guard)) << "M1: somebody has it";
  EXPECT_EQ(nullptr, guard.mutex) << "and who has not got it has no guard";
  Drop(0);
  EXPECT_EQ(-EAGAIN, Try(&guard)) << "M1: the guard is the caller's: the drop "
                                     "of the future does not unlock";
  Unlock(0);
  ASSERT_EQ(0, Try(&guard));
  mutex_unlock(&guard);
  End();
}

// Ten tasks add to the same number. Each reads it, lets the others have a turn,
// and writes.
TEST_F(MutexStep, TenTasksCount) {
  constexpr int kTasks = 10, kTimes = 20;
  static const char *const names[kTasks] = {"t0", "t1", "t2", "t3", "t4",
                                            "t5", "t6", "t7", "t8", "t9"};
  struct task_state {
    int times = 0, read = 0;
    enum { kOutside, kComing, kInside } where = kOutside;
    struct mutex_lock lock;
    struct yield yield;
  };
  struct executor executor;
  std::vector<task_state> states(kTasks);
  std::vector<std::unique_ptr<Script>> scripts;
  int value = 0, inside = 0, most = 0;
  ASSERT_EQ(0, executor_init(&executor));
  for (int i = 0; i < kTasks; i++) {
    scripts.emplace_back(new Script([&, i](struct context *cx) {
      task_state &my = states[i];
      while (my.times < kTimes) {
        switch (my.where) {
          case task_state::kOutside:
            mutex_lock_init(&my.lock, &mutex_, names[i]);
            my.where = task_state::kComing;
            [[fallthrough]];
          case task_state::kComing:
            if (future_poll(&my.lock.base.base, cx) == POLL_PENDING)
              return POLL_PENDING;
            future_drop(&my.lock.base.base);
            most = std::max(most, ++inside);
            my.read = value;
            yield_init(&my.yield);
            my.where = task_state::kInside;
            [[fallthrough]];
          case task_state::kInside:
            if (future_poll(&my.yield.base.base, cx) == POLL_PENDING)
              return POLL_PENDING;
            future_drop(&my.yield.base.base);
            value = my.read + 1;
            inside--;
            mutex_unlock(&my.lock.guard);
            my.times++;
            my.where = task_state::kOutside;
        }
      }
      return POLL_READY;
    }));
    scripts.back()->Spawn(&executor);
  }
  gate::Note("ten tasks add to a number, with an await between read and write");
  executor_run(&executor);
  executor_end(&executor);
  EXPECT_EQ(1, most) << "M1: two were inside at the same time";
  EXPECT_EQ(kTasks * kTimes, value)
      << "M1: who read before another one wrote has undone what that one did";
  End();
}

TEST_F(MutexStep, InOrderOfComing) {
  for (int i = 0; i < kMost; i++)
    ASSERT_EQ(i == 0 ? POLL_READY : POLL_PENDING, Come(i))
        << "M1: who is ready has the mutex, and a guard that says so";
  struct mutex_guard guard = {};
  for (int i = 0; i < kMost; i++) {
    if (i > 0) {
      EXPECT_EQ(1, probes_[i].wakes()) << "M2: in order of coming";
      if (i == 1) {
        EXPECT_EQ(0, probes_[2].wakes()) << "M2: only the first";
      }
      EXPECT_EQ(-EAGAIN, Try(&guard)) << "M2: it belongs to the one that waits";
      ASSERT_EQ(POLL_READY, PollIt(i));
    }
    Unlock(i);
    Drop(i);
  }
  ASSERT_EQ(0, Try(&guard));
  mutex_unlock(&guard);
  End();
}

// Each is polled for another reason, after the others have come.
TEST_F(MutexStep, PolledAgainItKeepsItsPlace) {
  for (int i = 0; i < kMost; i++) Come(i);
  for (int i = 1; i < kMost; i++) ASSERT_EQ(POLL_PENDING, PollIt(i));
  for (int i = 1; i < kMost; i++) {
    ASSERT_EQ(POLL_PENDING, PollIt(i)) << "M1: somebody has it";
    Unlock(i - 1);
    ASSERT_EQ(1, probes_[i].wakes())
        << "M2: in order of coming, and not of the last poll: who is polled "
           "again keeps its place";
    ASSERT_EQ(POLL_READY, PollIt(i));
  }
  Unlock(kMost - 1);
  for (int i = 0; i < kMost; i++) Drop(i);
  End();
}

// However its life went: what it waits with is dropped with it.
TEST_F(MutexStep, WhatItWaitsWithIsDroppedOnce) {
  enum { kNeverPolled, kReady, kWaiting, kGiven };
  for (int life : {kNeverPolled, kReady, kWaiting, kGiven}) {
    struct mutex_guard guard = {};
    if (life == kWaiting || life == kGiven) {
      ASSERT_EQ(0, Try(&guard));
    }
    Init(0);
    Inner acquire(&locks_[0].acquire.base.base);
    if (life != kNeverPolled) {
      ASSERT_EQ(life == kReady ? POLL_READY : POLL_PENDING, PollIt(0));
    }
    if (life == kGiven) mutex_unlock(&guard);
    Drop(0);
    ASSERT_EQ(1, acquire.drops())
        << "P5: the acquire inside a lock is dropped exactly once, whether the "
           "lock was polled, waits, was given the mutex, or is ready";
    mutex_unlock(&guard);
    if (life == kReady) Unlock(0);
  }
  End();
}

TEST_F(MutexStep, DroppedWhileItWaits) {
  for (int i = 0; i < kMost; i++) Come(i);
  Drop(1);
  ASSERT_EQ(0, probes_[1].live()) << "P5: no waker is left";
  memset(&locks_[1], 0xdd, sizeof locks_[1]);
  Unlock(0);
  EXPECT_EQ(1, probes_[2].wakes()) << "M3: the next one";
  ASSERT_EQ(POLL_READY, PollIt(2));
  Unlock(2);
  Drop(0);
  Drop(2);
  End();
}

TEST_F(MutexStep, DroppedWhenItWasGiven) {
  for (int i = 0; i < kMost; i++) Come(i);
  Unlock(0);
  EXPECT_EQ(1, probes_[1].wakes());
  Drop(1);
  EXPECT_EQ(1, probes_[2].wakes())
      << "M3: it was given the mutex and never took it: else nobody gets it";
  ASSERT_EQ(POLL_READY, PollIt(2));
  Unlock(2);
  Drop(0);
  Drop(2);
  End();
}

TEST_F(MutexStep, AGuardIsAValue) {
  ASSERT_EQ(POLL_READY, Come(0));
  ASSERT_EQ(POLL_PENDING, Come(1));
  struct mutex_guard moved = locks_[0].guard;
  Drop(0);
  memset(&locks_[0], 0xdd, sizeof locks_[0]);
  mutex_unlock(&moved);
  EXPECT_EQ(1, probes_[1].wakes()) << "M4: whoever has the guard unlocks";
  ASSERT_EQ(POLL_READY, PollIt(1));
  Unlock(1);
  Drop(1);
  End();
}

TEST_F(MutexStep, ItMayMoveBeforeItsFirstPoll) {
  struct mutex_lock made;
  ASSERT_EQ(POLL_READY, Come(0));
  mutex_lock_init(&made, &mutex_, "bob");
  locks_[1] = made;
  memset(&made, 0xdd, sizeof made);
  ASSERT_EQ(POLL_PENDING, PollIt(1)) << "P6: it may move before its first poll";
  Unlock(0);
  ASSERT_EQ(POLL_READY, PollIt(1));
  Unlock(1);
  Drop(0);
  Drop(1);
  End();
}

TEST_F(MutexStep, WithoutTheLock) {
  LockLooker looker(lock());
  for (int i = 0; i < 2; i++) {
    Init(i);
    ASSERT_EQ(i == 0 ? POLL_READY : POLL_PENDING, PollWith(Future(i), looker));
  }
  Unlock(0);
  ASSERT_EQ(1, looker.wakes());
  ASSERT_EQ(POLL_READY, PollWith(Future(1), looker));
  EXPECT_TRUE(looker.always_free()) << "W1: with no lock held";
  Unlock(1);
  Drop(0);
  Drop(1);
  End();
}

TEST_F(MutexStep, NoAllocation) {
  long before = Allocations::total();
  ASSERT_EQ(POLL_READY, Come(0));
  ASSERT_EQ(POLL_PENDING, Come(1));
  Unlock(0);
  ASSERT_EQ(POLL_READY, PollIt(1));
  Unlock(1);
  EXPECT_EQ(before, Allocations::total()) << "S9, P7";
  Drop(0);
  Drop(1);
  End();
}

TEST_F(MutexStep, ItKnowsItsHolder) {
  struct mutex_guard guard = {};
  ASSERT_EQ(0, Try(&guard));
  EXPECT_STREQ("somebody", mutex_.holder) << "M6: who is inside is noted";
  mutex_unlock(&guard);
  EXPECT_EQ(nullptr, mutex_.holder) << "M6: nobody has it";
  ASSERT_EQ(POLL_READY, Come(0));
  EXPECT_STREQ("ann", mutex_.holder) << "M6: who is inside is noted";
  Unlock(0);
  Drop(0);
  End();
}

TEST_F(MutexStep, ItsHolderIsTheOneWithTheGuard) {
  Sleeper bob;
  ASSERT_EQ(POLL_READY, Come(0));
  struct mutex_guard guard = locks_[0].guard;
  Drop(0);
  EXPECT_STREQ("ann", mutex_.holder)
      << "M6: the future has gone, and ann has the guard still";
  ASSERT_EQ(POLL_PENDING, Come(1));
  Drop(1);
  EXPECT_STREQ("ann", mutex_.holder)
      << "M6: one who waited has gone: it is not the one who is inside";
  Init(1);
  ASSERT_EQ(POLL_PENDING, future_poll(Future(1), bob.context()));
  bob.act = [&] {
    EXPECT_EQ(POLL_READY, future_poll(Future(1), bob.context()));
  };
  mutex_unlock(&guard);
  EXPECT_STREQ("bob", mutex_.holder)
      << "M6: bob took it in his wake, and the note about him was wiped out: "
         "who leaves notes that before the mutex is free for others";
  Unlock(1);
  Drop(1);
  End();
}

// Somebody has written nonsense over the notes.
TEST_F(MutexStep, NotesDecideNothing) {
  struct mutex_guard guard = {}, copy;
  ASSERT_EQ(0, Try(&guard));
  mutex_.holder = nullptr;
  mutex_.holder_task = 0;
  copy = guard;
  ASSERT_FALSE(gate::Panics([&] { mutex_unlock(&copy); }, ""))
      << "M6: nobody is noted, and yet it is locked: the permit decides if an "
         "unlock is one too many, and not the notes";
  copy = guard;
  mutex_unlock(&guard);
  mutex_.holder = "nobody";
  mutex_.holder_task = 1;
  EXPECT_TRUE(gate::Panics([&] { mutex_unlock(&copy); }, "panic at "))
      << "M4, M6: somebody is noted, and yet it is free: the permit decides if "
         "an unlock is one too many, and not the notes";
  End();
}

TEST_F(MutexStep, UnlockedTwice) {
  struct mutex_guard guard = {};
  ASSERT_EQ(0, Try(&guard));
  EXPECT_TRUE(gate::Panics(
      [&] {
        struct mutex_guard copy = guard;
        mutex_unlock(&guard);
        mutex_unlock(&copy);
      },
      "panic at "))
      << "M4: a copy of a guard unlocked a mutex that was free, and nothing "
         "panicked: two could be inside from now on, and nobody would know why";
  mutex_unlock(&guard);
  End();
}

// An unlock in the middle of a poll.
TEST_F(MutexStep, AnUnlockDuringAPoll) {
  WakerProbe probe("bob");
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    probe.Reset();
    struct mutex_guard guard = {};
    enum poll poll = POLL_PENDING;
    ASSERT_EQ(0, Try(&guard));
    Init(0);
    came = gate::InterruptAt(
        nth, [&] { poll = future_poll(Future(0), probe.context()); },
        [&] {
          if (IsFree(lock())) mutex_unlock(&guard);
        });
    mutex_unlock(&guard);
    if (poll == POLL_PENDING) {
      EXPECT_EQ(1, probe.wakes()) << "P2: it is free, and nobody was woken";
      poll = Poll(Future(0), probe);
    }
    ASSERT_EQ(POLL_READY, poll);
    Unlock(0);
    Drop(0);
  }
  End();
}

// Threads that run no tasks may use it, too. (ThreadSanitizer checks here that
// what one wrote inside is there for the next.)
TEST_F(MutexStep, FourThreads) {
  constexpr int kThreads = 4, kTimes = 300;
  std::vector<std::thread> threads;
  long value = 0;
  gate::Note("four threads add to a number");
  for (int i = 0; i < kThreads; i++)
    threads.emplace_back([&] {
      for (int times = 0; times < kTimes; times++) {
        struct mutex_lock lock;
        mutex_lock_init(&lock, &mutex_, "thread");
        if (block_on(&lock.base) < 0) return;
        value++;
        mutex_unlock(&lock.guard);
      }
    });
  for (auto &thread : threads) thread.join();
  gate::Note("%s", "");
  EXPECT_EQ(kThreads * kTimes, value)
      << "M1: who is ready has the mutex, and a guard that says so";
  End();
}

// ---------------------------------------------------------------- step 9.7

class OwnedStep : public gate::Step {
 protected:
  void SetUp() override {
    gate::Step::SetUp();
    ASSERT_EQ(0, mutex_handle_create(&handle_, "shared", sizeof(int)));
    gate::OnHang([this]() -> std::string {
      return handle_.shared ? StoryOf(&handle_.shared->mutex) : "";
    });
  }
  struct future *Init(struct owned_lock *lock) {
    owned_lock_init(lock, &handle_, "ann");
    return &lock->base.base;
  }
  uint32_t References() { return handle_.shared->references; }

  struct mutex_handle handle_ = {};
  WakerProbe probe_{"ann"}, other_{"bob"};
};

TEST_F(OwnedStep, Handles) {
  struct mutex_handle second = mutex_handle_clone(&handle_);
  EXPECT_EQ(handle_.shared, second.shared) << "G1: the same mutex";
  EXPECT_EQ(2u, References()) << "G1: everybody who has it is counted, once";
  mutex_handle_drop(&handle_);
  mutex_handle_drop(&handle_);  // spent: nothing
  EXPECT_EQ(1, Allocations::live()) << "G1: there is a handle still";
  mutex_handle_drop(&second);
  EXPECT_EQ(0, Allocations::live()) << "G1: the last one frees";
}

TEST_F(OwnedStep, AValueAtItsPlace) {
  struct owned_lock lock;
  Init(&lock);
  EXPECT_EQ(2u, References()) << "G2: from its init on";
  ASSERT_EQ(POLL_READY, Poll(&lock.base.base, probe_))
      << "G2: a lock has a reference of its own, until its guard has it";
  EXPECT_EQ(0, lock.base.result)
      << "G2: a lock has a reference of its own, until its guard has it";
  EXPECT_EQ(2u, References()) << "G2: the reference is in the guard now";
  auto *value = static_cast<int *>(owned_guard_value(&lock.guard));
  EXPECT_EQ(0, *value);
  EXPECT_EQ(0u, reinterpret_cast<uintptr_t>(value) % alignof(max_align_t));
  *value = 7;
  owned_unlock(&lock.guard);
  owned_unlock(&lock.guard);  // spent: nothing
  future_drop(&lock.base.base);
  EXPECT_EQ(1u, References()) << "G4: unlocked, and then let go";
  EXPECT_EQ(1u, semaphore_available(&handle_.shared->mutex.semaphore))
      << "G4: unlocked, and then let go";
  mutex_handle_drop(&handle_);
}

// Whoever made mutex and lock has gone; the guard is all that is left.
TEST_F(OwnedStep, TheGuardIsTheLast) {
  struct owned_lock lock;
  Init(&lock);
  mutex_handle_drop(&handle_);
  EXPECT_EQ(1, Allocations::live()) << "G1: a lock keeps it alive";
  ASSERT_EQ(POLL_READY, Poll(&lock.base.base, probe_));
  struct owned_guard guard = lock.guard;
  EXPECT_EQ(1, Allocations::live()) << "G1: a guard keeps it alive";
  *static_cast<int *>(owned_guard_value(&guard)) = 7;
  Allocations::FillFreedWith(1);  // a lock in there looks locked
  gate::Note(
      "the guard was the last, and the mutex is gone; now the future is "
      "dropped "
      "(G2): what is inside it had to be dropped when it was ready");
  owned_unlock(&guard);
  EXPECT_EQ(0, Allocations::live()) << "G4: the last one frees";
  future_drop(&lock.base.base);
  gate::Note("%s", "");
}

// The same, and the mutex is given to the lock in the middle of a poll, for
// which it has waited.
TEST_F(OwnedStep, TheGuardIsTheLastOfTwo) {
  mutex_handle_drop(&handle_);
  Allocations::FillFreedWith(1);
  gate::Note(
      "the guard was the last, and the mutex is gone; now the future is "
      "dropped "
      "(G2): what is inside it had to be dropped when it was ready");
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    struct owned_lock first, second;
    struct mutex_handle handle = {};
    enum poll poll = POLL_PENDING;
    ASSERT_EQ(0, mutex_handle_create(&handle, "shared", 4));
    owned_lock_init(&first, &handle, "ann");
    owned_lock_init(&second, &handle, "bob");
    ASSERT_EQ(POLL_READY, Poll(&first.base.base, probe_));
    ASSERT_EQ(POLL_PENDING, Poll(&second.base.base, other_));
    pthread_mutex_t *lock = &handle.shared->mutex.semaphore.lock;
    mutex_handle_drop(&handle);
    came = gate::InterruptAt(
        nth, [&] { poll = future_poll(&second.base.base, other_.context()); },
        [&] {
          if (IsFree(lock)) owned_unlock(&first.guard);
        });
    owned_unlock(&first.guard);
    future_drop(&first.base.base);
    if (poll == POLL_PENDING) poll = Poll(&second.base.base, other_);
    ASSERT_EQ(POLL_READY, poll);
    owned_unlock(&second.guard);
    EXPECT_EQ(0, Allocations::live()) << "G4: the last one frees";
    future_drop(&second.base.base);
  }
  gate::Note("%s", "");
}

TEST_F(OwnedStep, IntoAnotherTask) {
  struct owned_lock first, second;
  ASSERT_EQ(POLL_READY, Poll(Init(&first), probe_));
  ASSERT_EQ(POLL_PENDING, Poll(Init(&second), other_));
  EXPECT_EQ(3u, References());
  struct owned_guard moved = first.guard;
  future_drop(&first.base.base);
  memset(&first, 0xdd, sizeof first);
  EXPECT_EQ(0, other_.wakes()) << "G3: the guard is there still";
  owned_unlock(&moved);
  EXPECT_EQ(1, other_.wakes()) << "G3, G4";
  ASSERT_EQ(POLL_READY, Poll(&second.base.base, other_));
  owned_unlock(&second.guard);
  future_drop(&second.base.base);
  EXPECT_EQ(1u, References());
  mutex_handle_drop(&handle_);
}

TEST_F(OwnedStep, DroppedBeforeItHasIt) {
  struct owned_lock first, second, third;
  Init(&third);
  future_drop(&third.base.base);
  EXPECT_EQ(1u, References()) << "G2: never polled, and dropped";
  ASSERT_EQ(POLL_READY, Poll(Init(&first), probe_));
  ASSERT_EQ(POLL_PENDING, Poll(Init(&second), other_));
  future_drop(&second.base.base);
  EXPECT_EQ(0, other_.live()) << "P5: no waker is left";
  EXPECT_EQ(2u, References())
      << "G2: a lock has a reference of its own, until its guard has it";
  owned_unlock(&first.guard);
  future_drop(&first.base.base);
  mutex_handle_drop(&handle_);
  EXPECT_EQ(0, Allocations::live())
      << "G1: everybody who has it is counted, once";
}

TEST_F(OwnedStep, TheLastWaits) {
  struct owned_lock first, second;
  ASSERT_EQ(POLL_READY, Poll(Init(&first), probe_));
  ASSERT_EQ(POLL_PENDING, Poll(Init(&second), other_));
  mutex_handle_drop(&handle_);
  owned_unlock(&first.guard);
  future_drop(&first.base.base);
  EXPECT_EQ(1, other_.wakes());
  future_drop(&second.base.base);  // it was given the mutex, and ends it
  EXPECT_EQ(0, Allocations::live())
      << "G1: its reference goes last: a drop needs the mutex";
}

// However its life went: the lock inside it is dropped, and as long as there is
// a mutex.
TEST_F(OwnedStep, TheLockInsideIsDroppedOnce) {
  enum { kNeverPolled, kReady, kWaiting, kGiven };
  for (int life : {kNeverPolled, kReady, kWaiting, kGiven}) {
    struct owned_lock first;
    struct mutex_guard guard = {};
    if (life == kWaiting || life == kGiven) {
      ASSERT_EQ(0, mutex_try_lock(&handle_.shared->mutex, &guard, "somebody"));
    }
    Init(&first);
    Inner inner(&first.lock.base.base);
    if (life != kNeverPolled) {
      ASSERT_EQ(life == kReady ? POLL_READY : POLL_PENDING,
                Poll(&first.base.base, probe_));
    }
    if (life == kReady) {
      EXPECT_EQ(1, inner.drops())
          << "G2, P5: its reference moves into the guard; so what needs the "
             "mutex is dropped as soon as it is ready";
    }
    if (life == kGiven) mutex_unlock(&guard);
    future_drop(&first.base.base);
    ASSERT_EQ(1, inner.drops())
        << "P5: the lock inside is dropped exactly once, whether it was "
           "polled, waits, was given the mutex, or is ready";
    mutex_unlock(&guard);
    if (life == kReady) owned_unlock(&first.guard);
  }
  mutex_handle_drop(&handle_);
}

// The lock of a mutex has an end, too, and that one looks at it.
TEST_F(OwnedStep, ItEndsWhatItFrees) {
  struct mutex_guard guard = {};
  ASSERT_EQ(0, mutex_try_lock(&handle_.shared->mutex, &guard, "somebody"));
  EXPECT_TRUE(gate::Panics(
      [&] {
        struct mutex_handle copy = handle_;
        mutex_handle_drop(&copy);
      },
      "panic at "))
      << "G1: the last handle has gone, and somebody is inside without a "
         "reference: mutex_end() would have seen that. Every init has its end, "
         "and what is freed is ended before";
  mutex_unlock(&guard);
  mutex_handle_drop(&handle_);
}

TEST_F(OwnedStep, MemoryOnce) {
  struct mutex_handle handle = {};
  Allocations::FailNth(1);
  EXPECT_EQ(-ENOMEM, mutex_handle_create(&handle, "none", 8));
  EXPECT_EQ(nullptr, handle.shared);
  Allocations::FailNth(0);
  EXPECT_EQ(-ENOMEM, mutex_handle_create(&handle, "none", (size_t)-1));
  long before = Allocations::total();
  struct owned_lock lock;
  ASSERT_EQ(POLL_READY, Poll(Init(&lock), probe_));
  owned_unlock(&lock.guard);
  future_drop(&lock.base.base);
  EXPECT_EQ(before, Allocations::total()) << "S9, P7";
  mutex_handle_drop(&handle_);
}

// Two make handles, one in the middle of what the other one does.
TEST_F(OwnedStep, TwoCloneAtATime) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    struct mutex_handle mine = {}, theirs = {};
    came = gate::InterruptAt(
        nth, [&] { mine = mutex_handle_clone(&handle_); },
        [&] { theirs = mutex_handle_clone(&handle_); });
    ASSERT_EQ(came ? 3u : 2u, References())
        << "G1: two were cloned at the same time, and counted as one: the last "
           "but one to go would free it. Count in one step";
    mutex_handle_drop(&mine);
    mutex_handle_drop(&theirs);
  }
  mutex_handle_drop(&handle_);
}

// Two let go of it, one in the middle of what the other one does.
TEST_F(OwnedStep, TwoGoAtATime) {
  mutex_handle_drop(&handle_);
  Allocations::FillFreedWith(0);
  gate::Note(
      "two let go of their handles at the same time (G1): who counts down, and "
      "looks at the count afterwards, looks into memory that the other has "
      "freed");
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    struct mutex_handle first, second;
    ASSERT_EQ(0, mutex_handle_create(&first, "shared", 4));
    second = mutex_handle_clone(&first);
    came = gate::InterruptAt(
        nth, [&] { mutex_handle_drop(&first); },
        [&] { mutex_handle_drop(&second); });
    mutex_handle_drop(&second);
    EXPECT_EQ(0, Allocations::live())
        << "G1: one of the two is the last: count and look in one step";
    ASSERT_FALSE(Allocations::freed_twice()) << "G1: only one of the two is";
  }
  gate::Note("%s", "");
}
