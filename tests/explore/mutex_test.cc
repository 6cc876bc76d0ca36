// mutex_test.cc - every run of a few tasks on as many threads that want
// permits, close a semaphore, or share a mutex.
#include <cerrno>

#include "tests/explore/explore.h"
#include "tests/explore/waker.h"

extern "C" {
#include "chapters/09_mutex/mutex.h"
#include "chapters/09_mutex/semaphore.h"
#include "chapters/09_mutex/shared_mutex.h"
}

namespace {

using explore::Check;
using explore::PollToEnd;
using explore::Scenario;

// A scenario's threads share these; its setup makes them anew.
struct semaphore permits;
struct semaphore_acquire acquires[2];
struct mutex_handle handles[2];
struct mutex door;
struct mutex_lock locks[2];
explore::Var<int> inside;
explore::TestWaker tasks[2];

void MakeTasks() {
  tasks[0].Reset("the first wake");
  tasks[1].Reset("the second wake");
  inside.Init(0, "what is inside");
}

void MakePermits(size_t free, size_t maximum, size_t wanted) {
  MakeTasks();
  semaphore_init(&permits, free, maximum);
  explore::Name(&permits.state, "permits");
  for (struct semaphore_acquire &acquire : acquires)
    semaphore_acquire_init(&acquire, &permits, wanted);
}

void MakeSemaphore() { MakePermits(1, 1, 1); }

void TryOne() {
  if (semaphore_try_acquire(&permits, 1) != 0) return;
  inside.Set(inside.Get() + 1);
  Check(semaphore_release(&permits, 1) == 0, "it is given back");
}

void Close() {
  inside.Set(1);
  semaphore_close(&permits);
}

void EndSemaphore() {
  semaphore_end(&permits);
  for (explore::TestWaker &task : tasks) task.CheckAllGivenBack();
}

}  // namespace

using FairRuns = ::testing::Test;

TEST_F(FairRuns, OnePermitForTwo) {
  Scenario scenario;
  scenario.setup = MakeSemaphore;
  for (int i = 0; i < 2; i++)
    scenario.Thread(i == 0 ? "first" : "second", [i] {
      PollToEnd(&acquires[i].base.base, &tasks[i]);
      inside.Set(inside.Get() + 1);
      future_drop(&acquires[i].base.base);
      Check(semaphore_release(&permits, 1) == 0, "it is given back");
    });
  scenario.finish = [] {
    Check(inside.Get() == 2, "S1: one after the other");
    EndSemaphore();
  };
  EXPECT_HOLDS(scenario);
}

TEST_F(FairRuns, TwoTryWithoutWaiting) {
  Scenario scenario;
  scenario.setup = MakeSemaphore;
  for (const char *name : {"first", "second"}) scenario.Thread(name, TryOne);
  scenario.finish = EndSemaphore;
  EXPECT_HOLDS(scenario);
}

TEST_F(FairRuns, WhoSeesThatAllAreFree) {
  Scenario scenario;
  scenario.setup = [] { MakePermits(0, 1, 1); };
  scenario.Thread("releases", [] {
    inside.Set(1);
    Check(semaphore_release(&permits, 1) == 0, "it is given back");
  });
  scenario.Thread("looks", [] {
    if (semaphore_available(&permits) == 1)
      Check(inside.Get() == 1, "S1: what was done with it is seen");
  });
  scenario.finish = EndSemaphore;
  EXPECT_HOLDS(scenario);
}

// One of two permits goes to who waits, and the rest is free.
TEST_F(FairRuns, WhatNobodyWaitsForIsFree) {
  Scenario scenario;
  scenario.setup = [] {
    MakePermits(0, 2, 1);
    Check(
        future_poll(&acquires[0].base.base, tasks[0].context()) == POLL_PENDING,
        "S2: there is none");
  };
  scenario.Thread("releases", [] {
    inside.Set(1);
    Check(semaphore_release(&permits, 2) == 0, "they are given back");
  });
  scenario.Thread("tries", [] {
    if (semaphore_try_acquire(&permits, 1) == 0)
      Check(inside.Get() == 1, "S1: what was done with it is seen");
  });
  scenario.finish = [] {
    PollToEnd(&acquires[0].base.base, &tasks[0]);
    future_drop(&acquires[0].base.base);
    EndSemaphore();
  };
  EXPECT_HOLDS(scenario);
}

using DroppedRuns = ::testing::Test;

TEST_F(DroppedRuns, OneGivesUpWhileItIsGiven) {
  Scenario scenario;
  scenario.setup = MakeSemaphore;
  scenario.Thread("gives up", [] {
    if (future_poll(&acquires[0].base.base, tasks[0].context()) == POLL_READY)
      semaphore_release(&permits, 1);
    future_drop(&acquires[0].base.base);
  });
  scenario.Thread("gives", [] {
    PollToEnd(&acquires[1].base.base, &tasks[1]);
    semaphore_release(&permits, 1);
    future_drop(&acquires[1].base.base);
  });
  scenario.finish = [] {
    Check(semaphore_available(&permits) == 1, "S7: no permit is lost");
    EndSemaphore();
  };
  EXPECT_HOLDS(scenario);
}

using ClosedRuns = ::testing::Test;

TEST_F(ClosedRuns, WhoSeesTheCloseSeesWhatCameBefore) {
  Scenario scenario;
  scenario.setup = MakeSemaphore;
  scenario.Thread("closes", Close);
  scenario.Thread("looks", [] {
    if (semaphore_is_closed(&permits))
      Check(inside.Get() == 1, "S8: what was done before the close");
  });
  scenario.finish = EndSemaphore;
  EXPECT_HOLDS(scenario);
}

TEST_F(ClosedRuns, WhoGetsNoPermitSeesWhy) {
  Scenario scenario;
  scenario.setup = MakeSemaphore;
  scenario.Thread("closes", Close);
  scenario.Thread("tries", [] {
    if (semaphore_try_acquire(&permits, 1) == -EPIPE)
      Check(inside.Get() == 1, "S8: what was done before the close");
  });
  scenario.finish = EndSemaphore;
  EXPECT_HOLDS(scenario);
}

// Somebody who waits for two has one of them, as it was given to it, and gives
// it back at the close.
TEST_F(ClosedRuns, APartIsGivenBack) {
  Scenario scenario;
  scenario.setup = [] {
    MakePermits(0, 2, 2);
    Check(
        future_poll(&acquires[0].base.base, tasks[0].context()) == POLL_PENDING,
        "S2: there are none");
  };
  scenario.Thread("releases", [] {
    inside.Set(1);
    Check(semaphore_release(&permits, 1) == 0, "it is given back");
  });
  scenario.Thread("waits", [] {
    PollToEnd(&acquires[0].base.base, &tasks[0]);
    Check(acquires[0].base.result == -EPIPE, "S8: there will be none");
    future_drop(&acquires[0].base.base);
  });
  scenario.Thread("closes", [] { semaphore_close(&permits); });
  scenario.Thread("looks", [] {
    if (semaphore_available(&permits) == 1)
      Check(inside.Get() == 1, "S1: what was done with it is seen");
  });
  scenario.finish = [] {
    Check(semaphore_available(&permits) == 1, "S8: no permit is lost");
    EndSemaphore();
  };
  EXPECT_HOLDS(scenario);
}

using MutexRuns = ::testing::Test;

TEST_F(MutexRuns, TwoTasksAndOneDoor) {
  Scenario scenario;
  scenario.setup = [] {
    MakeTasks();
    mutex_init(&door, "door");
    for (struct mutex_lock &lock : locks) mutex_lock_init(&lock, &door, "task");
  };
  for (int i = 0; i < 2; i++)
    scenario.Thread(i == 0 ? "first" : "second", [i] {
      PollToEnd(&locks[i].base.base, &tasks[i]);
      inside.Set(inside.Get() + 1);
      mutex_unlock(&locks[i].guard);
      future_drop(&locks[i].base.base);
    });
  scenario.finish = [] {
    Check(inside.Get() == 2, "M1: one after the other");
    mutex_end(&door);
    for (explore::TestWaker &task : tasks) task.CheckAllGivenBack();
  };
  EXPECT_HOLDS(scenario);
}

using SharedMutexRuns = ::testing::Test;

TEST_F(SharedMutexRuns, TheLastHandleFreesOnWhateverThread) {
  Scenario scenario;
  scenario.setup = [] {
    Check(mutex_handle_create(&handles[0], "door", sizeof(int)) == 0, "memory");
    handles[1] = mutex_handle_clone(&handles[0]);
    explore::Name(&handles[0].shared->references, "references");
  };
  for (int i = 0; i < 2; i++)
    scenario.Thread(i == 0 ? "first" : "second", [i] {
      const void *value = handles[i].shared->value;
      explore::PlainRead(value, sizeof(int), __builtin_return_address(0));
      mutex_handle_drop(&handles[i]);
    });
  EXPECT_HOLDS(scenario);
}
