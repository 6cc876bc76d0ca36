// The gate of chapter 04: what ends in a panic, and what nobody may rely on.
#include "tests/04_executor/script.h"
#include "tests/support/panics.h"

extern "C" {
#include "chapters/03_waker/block_on.h"
#include "chapters/04_executor/driver.h"
}

namespace {

using executor_test::Drop;
using executor_test::ExecutorStep;
using executor_test::Script;
using gate::FutureProbe;
using gate::Panics;
using gate::WakerProbe;

class PromisesStep : public ExecutorStep {
 protected:
  // A task that runs `action` in its only turn.
  Script &Inside(std::function<void(struct context *)> action) {
    return New([action](struct context *cx) {
      action(cx);
      return POLL_READY;
    });
  }
  struct join_handle handle_;
};

// 4.4 A wake during a poll.

class ExecutorPromises4 : public PromisesStep {};

TEST_F(ExecutorPromises4, AWakeOfItselfLeavesTheWordAlone) {
  uint64_t before = 0, after = 1;
  Script &script = Inside([&](struct context *cx) {
    before = handle_.task->state;
    waker_wake_by_ref(cx->waker);
    after = handle_.task->state;
  });
  ASSERT_EQ(0, script.Spawn(&executor_, &handle_)) << "spawn returns 0";
  Turns();
  EXPECT_TRUE(before == after)
      << "task_state_wake_self(): a task that wakes itself in its own turn is "
         "spared a change of a word that others share";
  Drop(&handle_);
}

TEST_F(ExecutorPromises4, AfterItsTurnAWakeIsNotItsOwn) {
  ASSERT_EQ(0, Inside([](struct context *) {}).Spawn(&executor_, &handle_))
      << "spawn returns 0";
  Turns();
  EXPECT_FALSE(task_state_wake_self(handle_.task))
      << "task_state_wake_self(): its last turn is over, and the thread takes "
         "it for a task in its turn still: the next one that has its memory, "
         "and is woken from here, will be lost";
  Drop(&handle_);
}

TEST_F(ExecutorPromises4, ATurnIsOfATaskThatWasQueued) {
  bool ready = false;
  Script &script = NewParked(&ready);
  ASSERT_EQ(0, script.Spawn(&executor_, &handle_)) << "spawn returns 0";
  Turns();
  EXPECT_TRUE(Panics([&] { (void)!task_state_start(handle_.task); },
                     "a queue that it was not in"))
      << "a task that starts, and was in no queue, panics";
  EXPECT_TRUE(
      Panics([&] { (void)!task_state_pend(handle_.task); }, "was not running"))
      << "a task that is pending, and was not running, panics";
  EXPECT_TRUE(
      Panics([&] { (void)!task_state_finish(handle_.task); }, "was not seized"))
      << "a task that is finished, and was not running, panics";
  ready = true;
  waker_wake_by_ref(script.waker());
  Turns();
  Drop(&handle_);
}

// 4.5 Join handles.

class ExecutorPromises5 : public PromisesStep {};

TEST_F(ExecutorPromises5, AHandleIsNotPolledAgain) {
  WakerProbe probe;
  ASSERT_EQ(0, Inside([](struct context *) {}).Spawn(&executor_, &handle_))
      << "spawn returns 0";
  Turns();
  ASSERT_EQ(POLL_READY, gate::Poll(&handle_.base.base, probe));
  EXPECT_TRUE(
      Panics([&] { future_poll(&handle_.base.base, probe.context()); }, "P4"))
      << "P4: polled after POLL_READY it panics";
  Drop(&handle_);
}

TEST_F(ExecutorPromises5, NobodyBlocksInsideATask) {
  bool blocks = true;
  Script &script = Inside([&](struct context *) {
    if (!blocks) return;
    FutureProbe leaf("leaf", 0, 0);
    block_on(leaf.int_future());
  });
  ASSERT_EQ(0, script.Spawn(&executor_)) << "spawn returns 0";
  EXPECT_TRUE(Panics([&] { Turns(); }, "block_on() inside"))
      << "B1: block_on() inside a task would stop the thread of all tasks: it "
         "panics";
  blocks = false;
  Turns();
}

// 4.7 Wakes from other threads, and sleep.

class ExecutorPromises7 : public PromisesStep {};

// A driver whose unparker is a probe.
struct ProbedDriver {
  struct driver base;
  WakerProbe *unparker;
};

TEST_F(ExecutorPromises7, TheUnparkerOfItsDriverIsGivenBack) {
  static const struct driver_ops ops = {
      [](struct driver *, int64_t) { return false; },
      [](struct driver *self) {
        return waker_clone(
            reinterpret_cast<ProbedDriver *>(self)->unparker->waker());
      }};
  WakerProbe first("first unparker"), second("second unparker");
  ProbedDriver drivers[] = {{{&ops}, &first}, {{&ops}, &second}};
  executor_set_driver(&executor_, &drivers[0].base);
  EXPECT_EQ(1, first.live()) << "D2: the executor has the unparker";
  executor_set_driver(&executor_, &drivers[1].base);
  EXPECT_EQ(0, first.live())
      << "D2: an unparker that another one replaces is given back";
  End();
  EXPECT_EQ(0, second.live())
      << "D2: the unparker is given back with the last owner of the remote "
         "queue";
}

// 4.9 The end of an executor.

class ExecutorPromises9 : public PromisesStep {};

TEST_F(ExecutorPromises9, NotInsideATask) {
  Script &script = Inside([&](struct context *) { executor_end(&executor_); });
  ASSERT_EQ(0, script.Spawn(&executor_)) << "spawn returns 0";
  EXPECT_TRUE(Panics([&] { Turns(); }, "executor_end() inside a task"))
      << "executor_end() inside a task would free the task that calls it: it "
         "panics";
}

}  // namespace
