// The gate of chapter 04: one thread, its tasks and their owners.
#include <errno.h>

#include <cstring>
#include <string>
#include <vector>

#include "tests/04_executor/script.h"
#include "tests/support/interrupt.h"

namespace {

using executor_test::Drop;
using executor_test::ExecutorStep;
using executor_test::References;
using executor_test::Script;
using executor_test::script_future;
using gate::Allocations;
using gate::FutureProbe;
using gate::WakerProbe;

// 4.1 A task in one allocation.

class ExecutorStep1 : public ExecutorStep {
 protected:
  struct task *Create(const Script &script) {
    return task_create(executor_.scheduler, &script.value().base,
                       sizeof script.value());
  }
  Script &NewReady() {
    return New([](struct context *) { return POLL_READY; });
  }
};

TEST_F(ExecutorStep1, HeaderAndFutureShareOneAllocation) {
  Script &script = NewReady();
  long total = Allocations::total(), live = Allocations::live();

  struct task *task = Create(script);
  ASSERT_NE(nullptr, task) << "M1: task_create() gives a task";
  EXPECT_EQ(1, Allocations::total() - total)
      << "M1: header and future are one allocation";
  EXPECT_EQ(1u, task_state_references(task)) << "M2: the caller owns the task";
  task_unref(task);
  EXPECT_EQ(0, Allocations::live() - live)
      << "M2: the last owner frees the task";
}

TEST_F(ExecutorStep1, TheFutureIsCopiedUnpolled) {
  Script &script = NewReady();
  struct script_future original = script.value();

  struct task *task =
      task_create(executor_.scheduler, &original.base, sizeof original);
  ASSERT_NE(nullptr, task) << "M1: task_create() gives a task";
  memset(static_cast<void *>(&original), 0xee, sizeof original);
  EXPECT_EQ(0, memcmp(task_future(task), &script.value(), sizeof original))
      << "M1: the task has a copy of its own of all bytes";
  EXPECT_EQ(
      0u, reinterpret_cast<uintptr_t>(task_future(task)) % alignof(max_align_t))
      << "M1: the copy is aligned for any type";
  EXPECT_EQ(0, script.polls()) << "P1: nothing was polled yet";
  task_unref(task);
  EXPECT_EQ(0, script.drops()) << "M3: the executor drops futures, not unref";
}

TEST_F(ExecutorStep1, TheLastOwnerFrees) {
  long live = Allocations::live();
  struct task *task = Create(NewReady());

  ASSERT_NE(nullptr, task) << "M1: task_create() gives a task";
  EXPECT_EQ(task, task_ref(task));
  EXPECT_EQ(2u, task_state_references(task)) << "M2: ref adds an owner";
  EXPECT_EQ(task, task_ref(task));
  EXPECT_EQ(3u, task_state_references(task)) << "M2: ref adds an owner";
  task_unref(task);
  task_unref(task);
  ASSERT_EQ(1, Allocations::live() - live)
      << "M2: one owner is left, so the task is";
  EXPECT_EQ(1u, task_state_references(task)) << "M2: unref removes an owner";
  task_unref(task);
  EXPECT_EQ(0, Allocations::live() - live)
      << "M2: the last owner frees the task";
}

TEST_F(ExecutorStep1, NoMemoryIsReported) {
  Script &script = NewReady();
  struct task *task = Create(script);

  ASSERT_NE(nullptr, task) << "M1: task_create() gives a task";
  task_unref(task);
  long live = Allocations::live();
  Allocations::FailNth(1);
  task = Create(script);
  Allocations::FailNth(0);
  EXPECT_EQ(nullptr, task) << "no memory: task_create() returns NULL";
  EXPECT_EQ(0, Allocations::live() - live) << "a failed create leaves nothing";
}

// 4.2 The run queue, spawn and run.

class ExecutorStep2 : public ExecutorStep {
 protected:
  // A task that writes down its name and is ready.
  Script &NewNamed(const char *name) {
    return New([this, name](struct context *) {
      order_ += name;
      return POLL_READY;
    });
  }
  std::string order_;
};

TEST_F(ExecutorStep2, FirstInFirstOut) {
  constexpr int kEmpty = -1;
  struct run_queue queue;
  struct task *tasks[3];
  Script &script = NewNamed("");

  auto pop = [&]() -> int {  // the number of the task that comes out
    struct task *task = run_queue_pop(&queue);
    for (int i = 0; i < 3; i++)
      if (task == tasks[i]) return i;
    return kEmpty;
  };
  run_queue_init(&queue);
  EXPECT_EQ(nullptr, run_queue_pop(&queue)) << "Q1: an empty queue gives NULL";
  for (struct task *&task : tasks) {
    task = task_create(executor_.scheduler, &script.value().base,
                       sizeof script.value());
    ASSERT_NE(nullptr, task) << "M1: task_create() gives a task";
    run_queue_push(&queue, task);
  }
  EXPECT_EQ(0, pop()) << "Q1: the oldest comes first";
  run_queue_push(&queue, tasks[0]);
  EXPECT_EQ(1, pop()) << "Q1: then the next";
  EXPECT_EQ(2, pop()) << "Q1: then the next";
  EXPECT_EQ(0, pop()) << "Q1: pushed again, it is last";
  EXPECT_EQ(kEmpty, pop()) << "Q1: and then it is empty";
  run_queue_push(&queue, tasks[1]);
  EXPECT_EQ(1, pop()) << "Q1: empty, and used again";
  EXPECT_EQ(kEmpty, pop()) << "Q1: and empty again";
  for (struct task *task : tasks) task_unref(task);
}

TEST_F(ExecutorStep2, SpawnDoesNotPoll) {
  Script &script = NewNamed("a");

  ASSERT_EQ(0, script.Spawn(&executor_)) << "spawn returns 0";
  ASSERT_EQ(0, script.polls()) << "P1, E1: the first poll is the task's turn";
  EXPECT_EQ(1u, executor_.live) << "one task is not complete";
  EXPECT_EQ(1, Turns()) << "E1: spawned once, one turn";
  EXPECT_EQ(1, script.polls()) << "E1: a spawned task is polled";
  EXPECT_EQ(1, script.drops()) << "E5: a ready future is dropped at once";
  EXPECT_EQ(0u, executor_.live) << "no task is left";
}

TEST_F(ExecutorStep2, TurnsAreTakenInOrder) {
  for (const char *name : {"a", "b", "c"})
    ASSERT_EQ(0, NewNamed(name).Spawn(&executor_)) << "spawn returns 0";
  executor_run(&executor_);
  EXPECT_EQ("abc", order_) << "E3: first spawned, first polled";
  EXPECT_EQ(3u, executor_.polls) << "E1: one poll each";
}

TEST_F(ExecutorStep2, ATaskSpawnsOthers) {
  Script &late = NewNamed("d");
  Script &spawner = New([this, &late](struct context *) {
    order_ += "a";
    EXPECT_EQ(0, late.Spawn(&executor_));
    EXPECT_EQ(0, late.polls()) << "P1: spawning does not poll";
    return POLL_READY;
  });

  ASSERT_EQ(0, spawner.Spawn(&executor_)) << "spawn returns 0";
  ASSERT_EQ(0, NewNamed("b").Spawn(&executor_)) << "spawn returns 0";
  executor_run(&executor_);
  EXPECT_EQ("abd", order_) << "E3: a task spawned by a task is behind the rest";
  EXPECT_EQ(1, late.drops()) << "E5: a ready future is dropped";
}

TEST_F(ExecutorStep2, RunReturnsWhenNothingIsLeft) {
  executor_run(&executor_);
  ASSERT_EQ(0, NewNamed("a").Spawn(&executor_)) << "spawn returns 0";
  executor_run(&executor_);
  executor_run(&executor_);
  EXPECT_EQ("a", order_) << "E1: one poll, however often it is run";
  ASSERT_EQ(0, NewNamed("b").Spawn(&executor_)) << "spawn returns 0";
  executor_run(&executor_);
  EXPECT_EQ("ab", order_) << "an executor can be run again";
}

TEST_F(ExecutorStep2, SpawnWithoutMemoryIsAnError) {
  Script &script = NewNamed("a");
  struct join_handle handle;
  memset(static_cast<void *>(&handle), 0xee, sizeof handle);
  struct join_handle untouched = handle;
  int result = 0, failures = 0;

  for (long nth = 1;; nth++) {
    Allocations::FailNth(nth);
    result = script.Spawn(&executor_, &handle);
    bool failed = Allocations::failed();
    Allocations::FailNth(0);
    if (!failed) break;
    failures++;
    EXPECT_EQ(-ENOMEM, result) << "no memory: spawn says so";
    EXPECT_EQ(0, memcmp(&untouched, &handle, sizeof handle))
        << "on failure the handle is untouched";
    EXPECT_EQ(0u, executor_.live) << "on failure there is no task";
  }
  ASSERT_EQ(0, result) << "spawn returns 0";
  EXPECT_EQ(1, failures) << "M1: a spawn is one allocation";
  EXPECT_EQ(0, script.drops()) << "on failure the future is the caller's";
  executor_run(&executor_);
  EXPECT_EQ(1, script.polls()) << "E1: spawned in the end, and polled";
  task_unref(handle.task);  // by hand: dropping a handle is step 4.5
}

// 4.3 The task's waker.

class ExecutorStep3 : public ExecutorStep {};

TEST_F(ExecutorStep3, AWakerOwnsItsTask) {
  struct waker clone = {nullptr, nullptr}, second = {nullptr, nullptr};
  std::vector<uint64_t> counts;
  Script &script = New([&](struct context *cx) {
    auto *task = static_cast<struct task *>(cx->waker->data);
    task_ref(task);  // the test's own: a wrong count does no harm
    counts.push_back(task_state_references(task));
    clone = waker_clone(cx->waker);
    counts.push_back(task_state_references(task));
    second = waker_clone(&clone);
    counts.push_back(task_state_references(task));
    waker_drop(&second);
    counts.push_back(task_state_references(task));
    return POLL_READY;
  });

  ASSERT_EQ(0, script.Spawn(&executor_)) << "spawn returns 0";
  Turns();
  ASSERT_EQ((std::vector<uint64_t>{2, 3, 4, 3}), counts)
      << "M2: the context's waker is borrowed, a clone is one owner more, a "
         "drop one less";
  ASSERT_EQ(1, script.drops()) << "E5: ready, so dropped";
  ASSERT_NE(nullptr, clone.ops);
  auto *task = static_cast<struct task *>(clone.data);
  EXPECT_EQ(2u, task_state_references(task))
      << "M2: complete, the task is the clone's and the test's";
  waker_drop(&clone);
  EXPECT_EQ(1u, task_state_references(task)) << "W2: the clone is consumed";
  task_unref(task);
}

TEST_F(ExecutorStep3, NoPollWithoutAWake) {
  bool ready = false;
  Script &parked = NewParked(&ready);
  Script &waking = New([&](struct context *) {
    ready = true;
    waker_wake_by_ref(parked.waker());
    return POLL_READY;
  });

  ASSERT_EQ(0, parked.Spawn(&executor_)) << "spawn returns 0";
  EXPECT_EQ(1, Turns()) << "E1: pending, and nobody woke it: one turn only";
  EXPECT_EQ(1, parked.polls()) << "E1: pending, and nobody woke it";
  EXPECT_EQ(0, Turns()) << "E1: nobody has woken it: no turn";
  ASSERT_EQ(0, waking.Spawn(&executor_)) << "spawn returns 0";
  EXPECT_EQ(2, Turns()) << "E2: the waking task's turn, then that of the woken";
  EXPECT_EQ(2, parked.polls()) << "E2: woken, so polled again";
  EXPECT_EQ(1, parked.drops()) << "E5: ready, so dropped";
}

TEST_F(ExecutorStep3, WakingByValueGivesTheReferenceBack) {
  bool ready = false;
  Script &parked = NewParked(&ready);
  uint64_t before = 0, after = 0;
  Script &waking = New([&](struct context *) {
    auto *task = static_cast<struct task *>(parked.waker()->data);
    before = task_state_references(task);
    ready = true;
    waker_wake(parked.waker());
    after = task_state_references(task);
    return POLL_READY;
  });

  ASSERT_EQ(0, parked.Spawn(&executor_)) << "spawn returns 0";
  ASSERT_EQ(0, waking.Spawn(&executor_)) << "spawn returns 0";
  EXPECT_EQ(3, Turns()) << "E2: parked, waking, and the woken task again";
  EXPECT_EQ(2u, before) << "M2: the executor and the waker own the task";
  EXPECT_EQ(1u, after) << "W2: waker_wake() consumes: its reference is back";
  EXPECT_EQ(2, parked.polls()) << "E2: woken, so polled again";
}

TEST_F(ExecutorStep3, ALateWakeIsHarmless) {
  Script *self = nullptr;
  Script &script = New([&](struct context *cx) {
    self->KeepWaker(cx);
    return POLL_READY;
  });
  Script &waking = New([&](struct context *) {
    waker_wake_by_ref(script.waker());
    return POLL_READY;
  });

  self = &script;
  ASSERT_EQ(0, script.Spawn(&executor_)) << "spawn returns 0";
  ASSERT_EQ(1, Turns());
  ASSERT_NE(nullptr, script.waker()->ops);
  auto *task = static_cast<struct task *>(script.waker()->data);
  ASSERT_EQ(TASK_NOTHING, task_state_wake(task))
      << "W5: a complete task is not scheduled again";
  ASSERT_EQ(0, waking.Spawn(&executor_)) << "spawn returns 0";
  EXPECT_EQ(1, Turns()) << "W5: only the waking task has a turn";
  EXPECT_EQ(1, script.polls()) << "P4: not polled after POLL_READY";
  waker_drop(script.waker());
}

TEST_F(ExecutorStep3, TheLastOwnerWakes) {
  struct waker last = {nullptr, nullptr};
  Script &script = New([&](struct context *cx) {
    last = waker_clone(cx->waker);
    return POLL_READY;
  });
  Allocations::FillFreedWith(0);  // so that a look at it finds an idle task
  ASSERT_EQ(0, script.Spawn(&executor_)) << "spawn returns 0";
  EXPECT_EQ(1, Turns());
  ASSERT_NE(nullptr, last.ops);
  waker_wake(&last);
  EXPECT_EQ(0, Turns())
      << "M2: the wake looked at a task that it had just freed: first wake, "
         "then give the reference back";
}

TEST_F(ExecutorStep3, TasksWakeOneAnother) {
  // Two tasks that hand the turn to each other, three times.
  Script *scripts[2] = {nullptr, nullptr};
  std::string order;
  for (int i = 0; i < 2; i++) {
    scripts[i] = &New([&, i](struct context *cx) {
      order += i == 0 ? 'a' : 'b';
      Script *self = scripts[i], *other = scripts[1 - i];
      self->KeepWaker(cx);
      if (other->waker()->ops != nullptr && !other->was_ready())
        waker_wake(other->waker());
      return self->polls() == 3 ? POLL_READY : POLL_PENDING;
    });
    ASSERT_EQ(0, scripts[i]->Spawn(&executor_)) << "spawn returns 0";
  }
  EXPECT_EQ(6, Turns()) << "E2: every wake leads to a poll, and only they do";
  EXPECT_EQ("ababab", order) << "E3: in the order of the wakes";
  for (Script *script : scripts) waker_drop(script->waker());
}

// 4.4 A wake during a poll.

// How many of two callers were told to schedule a task that began with this
// word, when the second one came at the nth place of the first; -1 if the first
// has not so many.
template <typename First, typename Second>
int DutiesToSchedule(uint64_t word, long nth, First first, Second second) {
  struct task task = {};
  enum task_duty duties[2] = {TASK_NOTHING, TASK_NOTHING};
  __atomic_store_n(&task.state, word + TASK_REFERENCE, __ATOMIC_SEQ_CST);
  bool came = gate::InterruptAt(
      nth, [&] { duties[0] = first(&task); },
      [&] { duties[1] = second(&task); });
  if (!came) return -1;
  return (duties[0] == TASK_SCHEDULE) + (duties[1] == TASK_SCHEDULE);
}

class ExecutorStep4 : public ExecutorStep {};

TEST_F(ExecutorStep4, AWakeDuringThePollDoesNotQueueARunningTask) {
  enum task_duty duty = TASK_CANCEL;
  Script *self = nullptr;
  Script &script = New([&](struct context *cx) {
    if (self->polls() == 2) return POLL_READY;
    duty = task_state_wake(static_cast<struct task *>(cx->waker->data));
    return POLL_PENDING;
  });

  self = &script;
  ASSERT_EQ(0, script.Spawn(&executor_)) << "spawn returns 0";
  ASSERT_TRUE(executor_try_turn(&executor_)) << "spawned, so it has a turn";
  ASSERT_EQ(TASK_NOTHING, duty)
      << "Q3: while it runs, the poller queues the task, not the waker";
  EXPECT_EQ(1, Turns())
      << "E2: woken during its poll, it gets no turn: a lost wake";
}

TEST_F(ExecutorStep4, TwoWakesAtOnceAreOneDuty) {
  int duties = 1;
  for (long nth = 1; duties == 1; nth++)
    duties = DutiesToSchedule(0, nth, task_state_wake, task_state_wake);
  EXPECT_EQ(-1, duties) << "Q1: of two wakes of an idle task exactly one gets "
                           "the duty, at whatever moment the second comes: one "
                           "operation, and its old value decides";
}

TEST_F(ExecutorStep4, AWakeAtTheEndOfAPollIsOneDuty) {
  int duties = 1;
  for (long nth = 1; duties == 1; nth++)
    duties =
        DutiesToSchedule(TASK_RUNNING, nth, task_state_pend, task_state_wake);
  EXPECT_EQ(-1, duties) << "Q3: either the poller queues the task or the "
                           "waker does, never both and never nobody: the word "
                           "must not be looked at again";
}

TEST_F(ExecutorStep4, AWakeDuringThePollIsNotLost) {
  Script *self = nullptr;
  Script &script = New([&](struct context *cx) {
    if (self->polls() == 4) return POLL_READY;
    context_wake(cx);
    return POLL_PENDING;
  });

  self = &script;
  ASSERT_EQ(0, script.Spawn(&executor_)) << "spawn returns 0";
  ASSERT_TRUE(executor_try_turn(&executor_)) << "spawned, so it has a turn";
  EXPECT_EQ(1, script.polls());
  EXPECT_EQ(3, Turns()) << "E2: woken during its poll, it gets another turn";
  EXPECT_EQ(4, script.polls()) << "E2: one poll for each wake";
  EXPECT_EQ(1, script.drops()) << "E5: ready, so dropped";
}

TEST_F(ExecutorStep4, ManyWakesDuringAPollAreOnePoll) {
  Script *self = nullptr;
  Script &script = New([&](struct context *cx) {
    if (self->polls() == 3) return POLL_READY;
    for (int i = 0; i < 5; i++) context_wake(cx);
    return POLL_PENDING;
  });

  self = &script;
  ASSERT_EQ(0, script.Spawn(&executor_)) << "spawn returns 0";
  EXPECT_EQ(3, Turns(50)) << "E1: five wakes before a poll are one poll";
  EXPECT_EQ(1, script.drops()) << "E5: ready, so dropped";
}

TEST_F(ExecutorStep4, AQueuedTaskIsNotQueuedAgain) {
  bool ready = false;
  Script &parked = NewParked(&ready);
  std::vector<enum task_duty> duties;
  Script &waking = New([&](struct context *) {
    auto *task = static_cast<struct task *>(parked.waker()->data);
    waker_wake_by_ref(parked.waker());
    for (int i = 0; i < 3; i++) duties.push_back(task_state_wake(task));
    ready = true;
    return POLL_READY;
  });

  ASSERT_EQ(0, parked.Spawn(&executor_)) << "spawn returns 0";
  ASSERT_EQ(0, waking.Spawn(&executor_)) << "spawn returns 0";
  ASSERT_EQ(3, Turns()) << "E1: four wakes before a poll are one poll";
  EXPECT_EQ(std::vector<enum task_duty>(3, TASK_NOTHING), duties)
      << "Q3: who finds the task scheduled has nothing to do";
  EXPECT_EQ(2, parked.polls()) << "E1: one poll for all four";
  waker_drop(parked.waker());
}

TEST_F(ExecutorStep4, AWakeInTheLastPollLeadsNowhere) {
  Script &script = New([](struct context *cx) {
    context_wake(cx);
    return POLL_READY;
  });

  ASSERT_EQ(0, script.Spawn(&executor_)) << "spawn returns 0";
  EXPECT_EQ(1, Turns()) << "P4: ready and woken: still not polled again";
  EXPECT_EQ(1, script.drops()) << "E5: ready, so dropped";

  FutureProbe probe("leaf", 3, 7);  // wakes itself in each pending poll
  ASSERT_EQ(0, Spawn(probe)) << "spawn returns 0";
  EXPECT_EQ(4, Turns()) << "E2: three pending polls, one that is ready";
  EXPECT_EQ(4, probe.polls());
  EXPECT_EQ(1, probe.drops()) << "E5: ready, so dropped";
  EXPECT_FALSE(probe.moved()) << "P6: a task does not move";
}

}  // namespace
