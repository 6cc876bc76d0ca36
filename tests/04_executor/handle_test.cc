// The gate of chapter 04: join handles, aborts, and the end of an executor.
#include <errno.h>

#include <vector>

#include "tests/04_executor/script.h"
#include "tests/support/budget.h"
#include "tests/support/interrupt.h"

namespace {

using executor_test::Drop;
using executor_test::ExecutorStep;
using executor_test::References;
using executor_test::Script;
using gate::Allocations;
using gate::FutureProbe;
using gate::Poll;
using gate::WakerProbe;

// Steps that spawn tasks with handles.
class HandleStep : public ExecutorStep {
 protected:
  struct future *future() {
    return &handle_.base.base;
  }
  Script &NewResult(int result) {
    auto self = std::make_shared<Script *>();
    Script &script = New([self, result](struct context *) {
      (*self)->SetResult(result);
      return POLL_READY;
    });
    *self = &script;
    return script;
  }
  // A task that runs `action` once, on the executor's thread.
  void Inside(std::function<void()> action) {
    Script &script = New([action](struct context *) {
      action();
      return POLL_READY;
    });
    EXPECT_EQ(0, script.Spawn(&executor_)) << "spawn returns 0";
  }
  void ExpectResult(int result, const char *why) {
    WakerProbe probe;
    EXPECT_EQ(POLL_READY, Poll(future(), probe))
        << "J1: the task is complete, so its handle is ready";
    EXPECT_EQ(result, handle_.base.result) << why;
    EXPECT_EQ(0, probe.live()) << "a ready handle keeps no waker";
    Drop(&handle_);
  }

  struct join_handle handle_;
};

// 4.5 Join handles.

class ExecutorStep5 : public HandleStep {};

TEST_F(ExecutorStep5, TheOutputComesThroughTheHandle) {
  WakerProbe probe;

  long live = Allocations::live();
  ASSERT_EQ(0, NewResult(42).Spawn(&executor_, &handle_)) << "spawn returns 0";
  EXPECT_EQ(2u, References(handle_)) << "M2: the handle owns the task, too";
  EXPECT_EQ(POLL_PENDING, Poll(future(), probe)) << "J1: not complete yet";
  EXPECT_EQ(1, Turns()) << "E1: polling the handle does not poll the task";
  ASSERT_EQ(1u, References(handle_)) << "M2: complete: only the handle is left";
  ASSERT_EQ(POLL_READY, Poll(future(), probe))
      << "J1: the task is complete, so its handle is ready";
  EXPECT_EQ(42, handle_.base.result) << "J1: the task's output";
  EXPECT_EQ(nullptr, handle_.task) << "a ready handle lets go of the task";
  EXPECT_EQ(0, Allocations::live() - live) << "M2: and it was the last";
  Drop(&handle_);
}

TEST_F(ExecutorStep5, TheWaiterIsWokenOnce) {
  WakerProbe probe;

  ASSERT_EQ(0, NewResult(1).Spawn(&executor_, &handle_)) << "spawn returns 0";
  ASSERT_EQ(POLL_PENDING, Poll(future(), probe)) << "J1: not complete yet";
  EXPECT_EQ(1, probe.live()) << "P2: a pending handle keeps a waker to call";
  EXPECT_EQ(0, probe.wakes()) << "P2: nothing to come back for yet";
  EXPECT_EQ(1, Turns());
  EXPECT_EQ(1, probe.wakes()) << "J1: complete: the waiter is woken, once";
  EXPECT_EQ(0, probe.live()) << "W2: and its waker given back";
  ExpectResult(1, "J1: the task's output");
}

TEST_F(ExecutorStep5, TheNewestWakerWins) {
  WakerProbe first("first"), second("second");

  ASSERT_EQ(0, NewResult(1).Spawn(&executor_, &handle_)) << "spawn returns 0";
  ASSERT_EQ(POLL_PENDING, Poll(future(), first)) << "J1: not complete yet";
  ASSERT_EQ(POLL_PENDING, Poll(future(), second)) << "J1: not complete yet";
  EXPECT_EQ(0, first.live()) << "P3: the older waker is given back";
  Turns();
  EXPECT_EQ(0, first.wakes()) << "P3: the older waker is not the one to wake";
  EXPECT_EQ(1, second.wakes()) << "P3: the waker of the latest poll is";
  ExpectResult(1, "J1: the task's output");
}

TEST_F(ExecutorStep5, ATaskAwaitsAnother) {
  int seen = 0;
  Script &parent = New([&](struct context *cx) {
    if (future_poll(future(), cx) == POLL_PENDING) return POLL_PENDING;
    seen = handle_.base.result;
    Drop(&handle_);
    return POLL_READY;
  });

  ASSERT_EQ(0, parent.Spawn(&executor_)) << "spawn returns 0";
  ASSERT_EQ(0, NewResult(7).Spawn(&executor_, &handle_)) << "spawn returns 0";
  EXPECT_EQ(3, Turns()) << "parent (pending), child, and the woken parent";
  EXPECT_EQ(2, parent.polls()) << "J1: woken when the child was complete";
  EXPECT_EQ(7, seen) << "J1: the child's output";
}

TEST_F(ExecutorStep5, DroppedHandlesKeepNothing) {
  WakerProbe probe;
  long live = Allocations::live();

  // Never polled; polled and pending; complete but never polled.
  ASSERT_EQ(0, NewResult(1).Spawn(&executor_, &handle_)) << "spawn returns 0";
  Drop(&handle_);
  EXPECT_EQ(1, Turns()) << "J2: a detached task runs on";
  EXPECT_EQ(0, Allocations::live() - live) << "M2: and is freed at its end";

  ASSERT_EQ(0, NewResult(2).Spawn(&executor_, &handle_)) << "spawn returns 0";
  ASSERT_EQ(POLL_PENDING, Poll(future(), probe)) << "J1: not complete yet";
  Drop(&handle_);
  EXPECT_EQ(0, probe.live()) << "P5: a dropped handle leaves no waker behind";
  EXPECT_EQ(1, Turns()) << "J2: a detached task runs on";
  EXPECT_EQ(0, probe.wakes()) << "nobody waits any more, nobody is woken";
  EXPECT_EQ(0, Allocations::live() - live) << "M2: and is freed at its end";

  ASSERT_EQ(0, NewResult(3).Spawn(&executor_, &handle_)) << "spawn returns 0";
  EXPECT_EQ(1, Turns());
  Drop(&handle_);
  EXPECT_EQ(0, Allocations::live() - live) << "M2: the handle was the last";
}

// A waker that acts, instead of counting.
struct ActingWaker {
  std::function<void()> on_clone, on_wake;
  int live = 0;
  static struct waker Clone(void *data) {
    auto *self = static_cast<ActingWaker *>(data);
    self->live++;
    if (self->on_clone) std::exchange(self->on_clone, nullptr)();
    return self->Waker();
  }
  static void Wake(void *data) {
    auto *self = static_cast<ActingWaker *>(data);
    if (self->on_wake) self->on_wake();
    self->live--;
  }
  static void WakeByRef(void *data) {
    auto *self = static_cast<ActingWaker *>(data);
    if (self->on_wake) self->on_wake();
  }
  static void Drop(void *data) { static_cast<ActingWaker *>(data)->live--; }
  struct waker Waker() {
    static const struct waker_ops kOps = {Clone, Wake, WakeByRef, Drop};
    return {&kOps, this};
  }
};

TEST_F(ExecutorStep5, TheWakeComesWhenThereIsSomethingToSee) {
  ActingWaker acting;
  int wakes = 0, complete = 0;
  acting.on_wake = [&] {
    wakes++;
    if (task_state_is_complete(handle_.task)) complete++;
  };
  struct waker waker = acting.Waker();
  struct context cx = {&waker};

  ASSERT_EQ(0, NewResult(1).Spawn(&executor_, &handle_)) << "spawn returns 0";
  ASSERT_EQ(POLL_PENDING, future_poll(future(), &cx)) << "J1: not complete";
  Turns();
  EXPECT_EQ(1, wakes) << "J1: complete: the waiter is woken, once";
  EXPECT_EQ(1, complete)
      << "the waiter was woken before the task was complete: on another "
         "thread it looks, finds nothing and is never woken again";
  ExpectResult(1, "J1: the task's output");
  EXPECT_EQ(0, acting.live) << "W2: every clone is consumed";
}

TEST_F(ExecutorStep5, ATaskThatCompletesDuringTheRegistrationIsSeen) {
  ActingWaker acting;
  acting.on_clone = [this] { executor_try_turn(&executor_); };
  struct waker waker = acting.Waker();
  struct context cx = {&waker};

  ASSERT_EQ(0, NewResult(1).Spawn(&executor_, &handle_)) << "spawn returns 0";
  struct task *task = task_ref(handle_.task);  // as a waker elsewhere might
  EXPECT_EQ(POLL_READY, future_poll(future(), &cx))
      << "P2: the task was completed while the handle registered its waker: "
         "look again after registering. A moment earlier, and nobody would "
         "ever wake this waiter";
  Drop(&handle_);
  EXPECT_EQ(0, acting.live)
      << "P5: the handle is gone, and its waker is still in the task: nobody "
         "takes it out any more";
  task_unref(task);
  EXPECT_EQ(0, acting.live) << "W2: every clone is consumed";
}

// 4.6 Abort and detach.

TEST_F(ExecutorStep5, AHandlePays) {
  struct join_handle handles[3];
  for (struct join_handle &handle : handles)
    ASSERT_EQ(0, NewResult(1).Spawn(&executor_, &handle)) << "spawn returns 0";
  executor_try_turn(&executor_);
  executor_try_turn(&executor_);
  gate::CheckItPays(&handles[0].base.base, &handles[1].base.base,
                    &handles[2].base.base);
  Turns();
}

class ExecutorStep6 : public HandleStep {};

TEST_F(ExecutorStep6, BeforeTheFirstPoll) {
  WakerProbe probe;
  Script &script = NewResult(1);

  ASSERT_EQ(0, script.Spawn(&executor_, &handle_)) << "spawn returns 0";
  ASSERT_EQ(POLL_PENDING, Poll(future(), probe)) << "J1: not complete yet";
  join_handle_abort(&handle_);
  join_handle_abort(&handle_);
  EXPECT_EQ(0, script.drops()) << "J3: the end comes with the next turn";
  EXPECT_EQ(1, Turns()) << "J3: aborted twice, it is still queued once";
  EXPECT_EQ(0, script.polls()) << "J3: aborted before its first poll";
  EXPECT_EQ(1, script.drops()) << "J3: the future is dropped, unpolled";
  EXPECT_EQ(0u, executor_.live) << "J3: the task is complete";
  EXPECT_EQ(1, probe.wakes()) << "J1: the waiter learns of the abort";
  ExpectResult(-ECANCELED, "J1: -ECANCELED after an abort");
}

TEST_F(ExecutorStep6, WhileItIsParked) {
  bool ready = false;
  Script &script = NewParked(&ready);

  ASSERT_EQ(0, script.Spawn(&executor_, &handle_)) << "spawn returns 0";
  EXPECT_EQ(1, Turns());
  Inside([this] { join_handle_abort(&handle_); });
  EXPECT_EQ(2, Turns()) << "J3: an abort gives a parked task a turn";
  EXPECT_EQ(1, script.polls()) << "J3: aborted, it is not polled again";
  EXPECT_EQ(1, script.drops()) << "J3: its future is dropped, once";
  ASSERT_NE(nullptr, script.waker()->ops);
  Inside([&] { waker_wake(script.waker()); });
  EXPECT_EQ(1, Turns()) << "W5: a wake after the abort leads nowhere";
  ExpectResult(-ECANCELED, "J1: -ECANCELED after an abort");
}

TEST_F(ExecutorStep6, WhileItIsQueued) {
  bool ready = false;
  Script &script = NewParked(&ready);

  ASSERT_EQ(0, script.Spawn(&executor_, &handle_)) << "spawn returns 0";
  EXPECT_EQ(1, Turns());
  Inside([&] {
    waker_wake_by_ref(script.waker());
    join_handle_abort(&handle_);
    waker_wake_by_ref(script.waker());
  });
  EXPECT_EQ(2, Turns()) << "Q3: woken and aborted, it is queued once";
  EXPECT_EQ(1, script.polls()) << "J3: aborted, it is not polled again";
  EXPECT_EQ(1, script.drops()) << "J3: its future is dropped, once";
  waker_drop(script.waker());
  ExpectResult(-ECANCELED, "J1: -ECANCELED after an abort");
}

TEST_F(ExecutorStep6, FromWithinItself) {
  Script &script = New([this](struct context *) {
    join_handle_abort(&handle_);
    return POLL_PENDING;
  });

  ASSERT_EQ(0, script.Spawn(&executor_, &handle_)) << "spawn returns 0";
  EXPECT_EQ(2, Turns()) << "J3: a poll, and the turn that drops it";
  EXPECT_EQ(1, script.polls()) << "J3: aborted, it is not polled again";
  EXPECT_EQ(1, script.drops()) << "J3: its future is dropped, once";
  ExpectResult(-ECANCELED, "J1: -ECANCELED after an abort");
}

TEST_F(ExecutorStep6, ReadyFirstKeepsItsOutput) {
  Script *self = nullptr;
  Script &script = New([&](struct context *) {
    join_handle_abort(&handle_);
    self->SetResult(9);
    return POLL_READY;
  });

  self = &script;
  ASSERT_EQ(0, script.Spawn(&executor_, &handle_)) << "spawn returns 0";
  EXPECT_EQ(1, Turns()) << "J3: ready in the same poll, it is complete";
  EXPECT_EQ(1, script.drops()) << "E5: dropped once";
  ExpectResult(9, "J3: a task that is ready first keeps its output");
}

TEST_F(ExecutorStep6, AfterCompletion) {
  Script &script = NewResult(5);

  ASSERT_EQ(0, script.Spawn(&executor_, &handle_)) << "spawn returns 0";
  EXPECT_EQ(1, Turns());
  ASSERT_EQ(TASK_NOTHING, task_state_abort(handle_.task))
      << "J3: a complete task is left alone";
  join_handle_abort(&handle_);
  EXPECT_EQ(0, Turns()) << "J3: a complete task has no more turns";
  EXPECT_EQ(1, script.drops()) << "E5: dropped once";
  ExpectResult(5, "J3: a complete task keeps its output");
}

TEST_F(ExecutorStep6, AfterItsOutputWasTaken) {
  Script &script = NewResult(5);

  ASSERT_EQ(0, script.Spawn(&executor_, &handle_)) << "spawn returns 0";
  EXPECT_EQ(1, Turns());
  WakerProbe probe;
  ASSERT_EQ(POLL_READY, Poll(future(), probe)) << "J1: complete";
  join_handle_abort(&handle_);  // it has let go of its task
  EXPECT_EQ(0, Turns()) << "J3: there is nothing to abort";
  EXPECT_EQ(5, handle_.base.result) << "J3: a complete task keeps its output";
  Drop(&handle_);
}

// The task has its turn, and goes to rest, in the middle of an abort, at each
// place.
TEST_F(ExecutorStep6, ATurnDuringTheAbort) {
  bool was_called = true;
  for (long nth = 1; was_called; nth++) {
    bool ready = false;
    Script &script = NewParked(&ready);
    ASSERT_EQ(0, script.Spawn(&executor_, &handle_)) << "spawn returns 0";
    was_called = gate::InterruptAt(
        nth, [&] { join_handle_abort(&handle_); },
        [&] { executor_try_turn(&executor_); });
    Turns();
    ASSERT_EQ(1, script.drops())
        << "J3: the abort is lost: it was noted when the task had had its "
           "turn already, and nobody gives it another";
    if (script.polls() > 0) waker_drop(script.waker());
    Drop(&handle_);
  }
}

TEST_F(ExecutorStep6, ADetachedTaskRunsOn) {
  bool ready = false;
  Script &script = NewParked(&ready);
  long live = Allocations::live();

  ASSERT_EQ(0, script.Spawn(&executor_, &handle_)) << "spawn returns 0";
  EXPECT_EQ(1, Turns());
  join_handle_detach(&handle_);
  EXPECT_EQ(0, Turns()) << "J2: detaching is no wake";
  EXPECT_EQ(0, script.drops()) << "J2: detaching is no abort";
  Inside([&] {
    ready = true;
    waker_wake(script.waker());
  });
  EXPECT_EQ(2, Turns()) << "J2: it runs on";
  EXPECT_EQ(1, script.drops()) << "E5: ready, so dropped";
  EXPECT_EQ(0, Allocations::live() - live) << "M2: and is freed at its end";
}

// 4.9 The end of an executor.

class ExecutorStep9 : public HandleStep {};

TEST_F(ExecutorStep9, EveryTaskIsDroppedOnce) {
  bool ready = false;
  Script &complete = NewResult(1), &parked = NewParked(&ready);
  Script &woken = NewParked(&ready), &fresh = NewResult(2);

  ASSERT_EQ(0, complete.Spawn(&executor_)) << "spawn returns 0";
  ASSERT_EQ(0, parked.Spawn(&executor_)) << "spawn returns 0";
  ASSERT_EQ(0, woken.Spawn(&executor_)) << "spawn returns 0";
  EXPECT_EQ(3, Turns());
  ASSERT_NE(nullptr, woken.waker()->ops);
  waker_wake(woken.waker());
  ASSERT_EQ(0, fresh.Spawn(&executor_)) << "spawn returns 0";
  waker_drop(parked.waker());
  EXPECT_EQ(3u, executor_.live) << "parked, woken, and never polled";
  End();
  EXPECT_EQ(1, complete.drops()) << "E5: complete already: dropped then, once";
  EXPECT_EQ(1, parked.drops()) << "E5: a parked task is in no queue, but lives";
  EXPECT_EQ(1, woken.drops()) << "E5: woken, but not polled again";
  EXPECT_EQ(1, fresh.drops()) << "E5: never polled: dropped all the same";
  EXPECT_EQ(0, fresh.polls()) << "E5: the end polls nobody";
}

TEST_F(ExecutorStep9, HandlesSeeThatItWasCancelled) {
  WakerProbe probe;
  bool ready = false;
  Script &script = NewParked(&ready);

  ASSERT_EQ(0, script.Spawn(&executor_, &handle_)) << "spawn returns 0";
  EXPECT_EQ(1, Turns());
  ASSERT_EQ(POLL_PENDING, Poll(future(), probe)) << "J1: not complete yet";
  waker_drop(script.waker());
  End();
  EXPECT_EQ(1, script.drops()) << "E5: dropped once";
  EXPECT_EQ(1, probe.wakes()) << "J1: the waiter learns of the end";
  ExpectResult(-ECANCELED, "J1: -ECANCELED when the executor ends first");
}

TEST_F(ExecutorStep9, ALateWakeIsHarmless) {
  bool ready = false;
  long before = Allocations::live() - 1;  // the executor's own: its queue
  Script &script = NewParked(&ready);

  ASSERT_EQ(0, script.Spawn(&executor_)) << "spawn returns 0";
  EXPECT_EQ(1, Turns());
  ASSERT_NE(nullptr, script.waker()->ops);
  End();
  EXPECT_EQ(1, script.drops()) << "E5: dropped once";
  ASSERT_EQ(2, Allocations::live() - before)
      << "E6, R4: a late wake looks at two things, the task and its remote "
         "queue, and one was freed by the executor's end: a task that a waker "
         "keeps holds a reference to the queue";
  ASSERT_EQ(TASK_NOTHING,
            task_state_wake(static_cast<struct task *>(script.waker()->data)))
      << "W5: the task is complete";
  waker_wake_by_ref(script.waker());
  waker_wake(script.waker());
  EXPECT_EQ(0, Allocations::live() - before)
      << "E6: the last waker takes them along";
}

TEST_F(ExecutorStep9, ADropMayWakeAndSpawn) {
  bool ready = false;
  int result = 0;
  Script &first = NewParked(&ready), &second = NewParked(&ready);
  Script &third = NewResult(3);

  // Each drop wakes the other: one of the two is complete by then.
  first.OnDrop([&] {
    waker_wake(second.waker());
    result = third.Spawn(&executor_);
  });
  second.OnDrop([&] { waker_wake(first.waker()); });
  ASSERT_EQ(0, first.Spawn(&executor_)) << "spawn returns 0";
  ASSERT_EQ(0, second.Spawn(&executor_)) << "spawn returns 0";
  EXPECT_EQ(2, Turns());
  End();
  EXPECT_EQ(1, first.drops()) << "E5: dropped once";
  EXPECT_EQ(1, second.drops()) << "E5: dropped once";
  EXPECT_EQ(1, first.polls() + third.polls()) << "E5: the end polls nobody";
  EXPECT_EQ(-ECANCELED, result) << "an executor that ends takes no new tasks";
}

TEST_F(ExecutorStep9, ADropMayLetGoOfAHandle) {
  bool ready = false;
  Script &child = NewParked(&ready);
  Script &parent =
      New([this](struct context *cx) { return future_poll(future(), cx); });

  parent.OnDrop([this] { Drop(&handle_); });
  ASSERT_EQ(0, parent.Spawn(&executor_)) << "spawn returns 0";
  ASSERT_EQ(0, child.Spawn(&executor_, &handle_)) << "spawn returns 0";
  EXPECT_EQ(2, Turns());
  waker_drop(child.waker());
  End();
  EXPECT_EQ(1, parent.drops()) << "E5: dropped once";
  EXPECT_EQ(1, child.drops()) << "E5: dropped once";
}

}  // namespace
