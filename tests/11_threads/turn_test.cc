// turn_test.cc - step 11.3: one turn, and what other threads do meanwhile.
#include "tests/11_threads/threads_fixture.h"

#include "tests/support/acting_waker.h"

namespace {

using namespace threads_test;
using gate::WakerProbe;

class TurnStep : public HomeStep {
 protected:
  // An end is the same, whether the future is ready or is dropped unpolled.
  enum Way { kReady, kAborted };
  struct task *AdoptOne(Script &script, struct join_handle &handle, Way way) {
    struct task *task = Adopt(script);
    join_handle_init(&handle, task);
    if (way == kAborted) join_handle_abort(&handle);
    return task;
  }
  void ItDropsFirst(Way way);
  void ItWakesLast(Way way);
  void WhoSeesItCompleteMayTakeAllOf(Way way);
  void ItsHandleIsDropped(Way way);
  // An own name, since tests poll the handle with it.
  WakerProbe joiner_{"joiner"};
};

TEST_F(TurnStep, Ready) {
  Script &script = NewReady(7);
  struct task *task = Adopt(script);
  struct join_handle handle;
  join_handle_init(&handle, task);
  EXPECT_EQ(POLL_PENDING, PollHandle(handle, joiner_.context()));
  EXPECT_EQ(TURN_COMPLETE, turn_take(task)) << "U4: it is ready";
  EXPECT_EQ(1, script.polls()) << "one turn, one poll";
  EXPECT_EQ(1, script.drops()) << "U4: its future is dropped";
  EXPECT_EQ(0u, home_.live) << "U4: it has left its home";
  EXPECT_EQ(1, joiner_.wakes()) << "U4: and wakes the joiner";
  EXPECT_EQ(1u, task_state_references(task))
      << "U4: the turn gives up the reference; the handle has the other one";
  ASSERT_EQ(POLL_READY, PollHandle(handle, joiner_.context()))
      << "U4: it shows its output";
  EXPECT_EQ(7, handle.base.result) << "U4: it shows its output";
  DropHandle(handle);
  End();
}

TEST_F(TurnStep, Pending) {
  std::atomic<bool> ready{false};
  Script &script = NewParked(&ready);
  struct task *task = Adopt(script);
  EXPECT_EQ(TURN_IDLE, turn_take(task)) << "U3: pending, and nobody woke it";
  EXPECT_EQ(1u, home_.live) << "H1: it is at home";
  EXPECT_EQ(0, schedules_) << "E1: nobody woke it";
  ASSERT_TRUE(script.Wake()) << "it was polled with the task's waker";
  EXPECT_EQ(1, schedules_) << "E2: idle and woken, it is scheduled";
  ASSERT_EQ(task, Pop());
  ready = true;
  EXPECT_EQ(TURN_COMPLETE, turn_take(task)) << "U4: it is ready";
  EXPECT_EQ(2, script.polls()) << "E1: one wake, one poll";
  End();
}

TEST_F(TurnStep, WokenDuringItsPoll) {
  bool is_second = false;
  Script &script = New([&](struct context *cx) {
    if (is_second) return POLL_READY;
    is_second = true;
    context_wake(cx);
    context_wake(cx);
    return POLL_PENDING;
  });
  struct task *task = Adopt(script);
  ASSERT_EQ(TURN_AGAIN, turn_take(task))
      << "U2: woken meanwhile: the next turn is the caller's to give";
  EXPECT_EQ(0, schedules_)
      << "U2: the duty to queue the task is the caller's: here nobody queues";
  EXPECT_EQ(TURN_COMPLETE, turn_take(task)) << "U4: it is ready";
  End();
}

TEST_F(TurnStep, WokenByAnotherThreadDuringItsPoll) {
  std::atomic<bool> ready{false};
  Script *self = nullptr;
  Script &script = New([&](struct context *cx) {
    if (ready) return POLL_READY;
    self->KeepWaker(cx);
    std::thread other([&] { self->Wake(); });
    other.join();
    return POLL_PENDING;
  });
  self = &script;
  struct task *task = Adopt(script);
  EXPECT_EQ(TURN_AGAIN, turn_take(task))
      << "U1: another thread's wake has left word in the state";
  EXPECT_EQ(0, schedules_) << "U1: it only leaves word: who runs the task "
                              "must not find it in a queue";
  ready = true;
  EXPECT_EQ(TURN_COMPLETE, turn_take(task)) << "U4: it is ready";
  End();
}

TEST_F(TurnStep, AbortedBeforeItsTurn) {
  Script &script = NewReady(7);
  struct task *task = Adopt(script);
  struct join_handle handle;
  join_handle_init(&handle, task);
  EXPECT_EQ(POLL_PENDING, PollHandle(handle, joiner_.context()));
  join_handle_abort(&handle);
  EXPECT_EQ(TURN_COMPLETE, turn_take(task)) << "U4: cancelled";
  EXPECT_EQ(0, script.polls()) << "J3: an aborted task is not polled again";
  EXPECT_EQ(1, script.drops()) << "J3: its future is dropped";
  EXPECT_EQ(1, joiner_.wakes()) << "U4: the joiner is woken, too";
  ASSERT_EQ(POLL_READY, PollHandle(handle, joiner_.context()))
      << "U4: its handle is ready";
  EXPECT_EQ(-ECANCELED, handle.base.result) << "J1: it was aborted";
  DropHandle(handle);
  End();
}

TEST_F(TurnStep, AbortedByAnotherThreadDuringItsPoll) {
  struct join_handle handle;
  Script &script = New([&](struct context *) {
    std::thread other([&] { join_handle_abort(&handle); });
    other.join();
    return POLL_PENDING;
  });
  struct task *task = Adopt(script);
  join_handle_init(&handle, task);
  EXPECT_EQ(TURN_AGAIN, turn_take(task))
      << "U1: an abort leaves word; the future is not touched while it runs";
  EXPECT_EQ(0, script.drops()) << "U1: its future is its turn's";
  EXPECT_EQ(0, schedules_) << "U2: the duty is the caller's";
  EXPECT_EQ(TURN_COMPLETE, turn_take(task)) << "J3: its next turn is its last";
  EXPECT_EQ(1, script.polls()) << "J3: an aborted task is not polled again";
  EXPECT_EQ(1, script.drops()) << "J3: its future is dropped, once";
  ASSERT_EQ(POLL_READY, PollHandle(handle, joiner_.context()));
  EXPECT_EQ(-ECANCELED, handle.base.result) << "J1: it was aborted";
  DropHandle(handle);
  End();
}

TEST_F(TurnStep, AbortedAndReadyInTheSamePoll) {
  struct join_handle handle;
  Script *self = nullptr;
  Script &script = New([&](struct context *) {
    join_handle_abort(&handle);
    self->SetResult(7);
    return POLL_READY;
  });
  self = &script;
  struct task *task = Adopt(script);
  join_handle_init(&handle, task);
  EXPECT_EQ(TURN_COMPLETE, turn_take(task)) << "U4: it is ready";
  EXPECT_EQ(1, script.drops());
  ASSERT_EQ(POLL_READY, PollHandle(handle, joiner_.context()));
  EXPECT_EQ(7, handle.base.result)
      << "J3: a task that is ready first keeps its output";
  DropHandle(handle);
  End();
}

TEST_F(TurnStep, TheLastOneOfAClosedHome) {
  struct task *one = Adopt(NewReady()), *two = Adopt(NewReady());
  home_.is_closed = true;
  EXPECT_EQ(TURN_COMPLETE, turn_take(one)) << "H3: one is still there";
  EXPECT_EQ(TURN_LAST, turn_take(two))
      << "H3: nobody is left, and who gives turns has to know";
  End();
}

TEST_F(TurnStep, TheLastOneOfAClosedHomeIsCancelled) {
  struct join_handle handle;
  struct task *task = AdoptOne(NewReady(), handle, kAborted);
  home_.is_closed = true;
  EXPECT_EQ(TURN_LAST, turn_take(task))
      << "H3: nobody is left, also if the last one was cancelled";
  DropHandle(handle);
  End();
}

void TurnStep::ItDropsFirst(Way way) {
  Script &script = NewReady(7);
  struct join_handle handle;
  struct task *task = AdoptOne(script, handle, way);
  size_t live = 99;
  bool was_complete = true;
  script.OnDrop([&] {
    live = home_.live;
    was_complete = task_state_is_complete(task);
    task_wake(task);  // its own waker, in a drop: nobody's duty
  });
  EXPECT_EQ(TURN_COMPLETE, turn_take(task));
  EXPECT_EQ(1u, live)
      << "U4: while its future is dropped a task is at home. The drop may "
         "use the scheduler, which is only there as long as somebody is";
  EXPECT_FALSE(was_complete)
      << "U4: it is complete when its future has been dropped, and not before: "
         "who joins it may end what the future still uses";
  EXPECT_EQ(0, schedules_) << "U1: it is running, to its end";
  DropHandle(handle);
  End();
}

TEST_F(TurnStep, DropFirst) { ItDropsFirst(kReady); }
TEST_F(TurnStep, DropFirstIfItIsCancelled) { ItDropsFirst(kAborted); }

void TurnStep::ItWakesLast(Way way) {
  Script &script = NewReady(7);
  struct join_handle handle;
  struct task *task = AdoptOne(script, handle, way);
  size_t live = 99;
  bool was_complete = false;
  int drops = 0;
  ActingWaker looker([&] {
    live = home_.live;
    was_complete = task_state_is_complete(task);
    drops = script.drops();
  });
  EXPECT_EQ(POLL_PENDING, PollHandle(handle, looker.context()));
  EXPECT_EQ(TURN_COMPLETE, turn_take(task));
  EXPECT_TRUE(was_complete)
      << "U4: finish first, wake then: who is woken comes to look";
  EXPECT_EQ(1, drops) << "U4: when the joiner is woken the future is dropped";
  EXPECT_EQ(0u, live) << "U4: when the joiner is woken the task has left";
  DropHandle(handle);
  End();
}

TEST_F(TurnStep, WakeLast) { ItWakesLast(kReady); }
TEST_F(TurnStep, WakeLastIfItIsCancelled) { ItWakesLast(kAborted); }

// Somebody looks at the task at each place of its turn, and reads its output as
// soon as he may.
void TurnStep::WhoSeesItCompleteMayTakeAllOf(Way way) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    Script *self = nullptr;
    Script script([&](struct context *) {
      self->SetResult(7);
      return POLL_READY;
    });
    self = &script;
    struct join_handle handle;
    struct task *task = AdoptOne(script, handle, way);
    enum turn_end end = TURN_IDLE;
    size_t live = 0;
    int drops = 1;
    EXPECT_EQ(POLL_PENDING, PollHandle(handle, joiner_.context()));
    came = InterruptAt(
        nth, [&] { end = turn_take(task); },
        [&] {
          if (!task_state_is_complete(task)) return;
          live = home_.live;
          drops = script.drops();
          PollHandle(handle, joiner_.context());
          DropHandle(handle);  // the turn's reference is the last one now
        });
    EXPECT_EQ(TURN_COMPLETE, end) << "U4: it is ready, or cancelled";
    EXPECT_EQ(0u, live)
        << "U4: who sees it complete knows that it has left its "
           "home";
    EXPECT_EQ(1, drops) << "U4: who sees it complete knows that its future is "
                           "dropped";
    if (handle.task != nullptr) {
      EXPECT_EQ(POLL_READY, PollHandle(handle, joiner_.context()));
      DropHandle(handle);
    }
    EXPECT_EQ(way == kReady ? 7 : -ECANCELED, handle.base.result)
        << "U4: who sees it complete sees its output";
    EXPECT_FALSE(Allocations::written_after_free())
        << "U4: unref comes last: the cell that is woken is in the task";
  }
  End();
}

TEST_F(TurnStep, WhoSeesItCompleteMayTakeAll) {
  WhoSeesItCompleteMayTakeAllOf(kReady);
}
TEST_F(TurnStep, WhoSeesItCancelledMayTakeAll) {
  WhoSeesItCompleteMayTakeAllOf(kAborted);
}

// Its handle is dropped at each place of its last turn, joined or not.
void TurnStep::ItsHandleIsDropped(Way way) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    Script script([](struct context *) { return POLL_READY; });
    struct join_handle handle;
    struct task *task = AdoptOne(script, handle, way);
    joiner_.Reset();
    EXPECT_EQ(POLL_PENDING, PollHandle(handle, joiner_.context()));
    came = InterruptAt(
        nth, [&] { turn_take(task); }, [&] { DropHandle(handle); });
    if (!came) DropHandle(handle);
    EXPECT_FALSE(joiner_.overdropped())
        << "U4: the handle was dropped during the last turn, and its waker was "
           "woken or dropped twice: who wakes the joiner goes by the cell";
    EXPECT_EQ(0, joiner_.live())
        << "U4: the handle was dropped during the last turn, and its waker was "
           "neither woken nor dropped";
    EXPECT_FALSE(Allocations::written_after_free())
        << "U4: unref comes last: the cell that is woken is in the task";
  }
  End();
}

TEST_F(TurnStep, ItsHandleIsDroppedMeanwhile) { ItsHandleIsDropped(kReady); }
TEST_F(TurnStep, TheHandleOfOneThatIsCancelledIsDroppedMeanwhile) {
  ItsHandleIsDropped(kAborted);
}

// U3: another thread wakes it at any moment of its first turn, and if the duty
// is that thread's, gives it its second and last turn at once.
TEST_F(TurnStep, AnotherThreadIsFaster) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    Script *self = nullptr;
    Script script([&](struct context *cx) {
      if (self->polls() == 2) return POLL_READY;
      self->KeepWaker(cx);
      return POLL_PENDING;
    });
    self = &script;
    struct task *task = Adopt(script);
    enum turn_end end = TURN_LAST;
    bool is_woken = false;
    came = InterruptAt(
        nth, [&] { end = turn_take(task); },
        [&] {
          is_woken = script.IsAtRest() && script.Wake();
          if (struct task *mine = Pop()) turn_take(mine);
        });
    if (end == TURN_AGAIN) {
      ASSERT_EQ(1, script.polls())
          << "U3: it is over and gone, and this turn says that it should be "
             "queued: decide by what task_state_pend() returned";
      turn_take(task);
    } else if (script.polls() == 1) {
      ASSERT_FALSE(is_woken) << "U2: woken during its turn it is to have "
                                "another; this wake was lost";
      script.Wake();
      turn_take(Pop());
    }
    ASSERT_EQ(2, script.polls()) << "E2: one wake, one poll more";
    EXPECT_EQ(1, script.drops()) << "U4: dropped, once";
    EXPECT_EQ("", script.Wrong());
  }
  End();
}

TEST_F(TurnStep, NoAllocation) {
  struct task *task = Adopt(NewReady());
  long before = Allocations::total();
  turn_take(task);
  EXPECT_EQ(before, Allocations::total()) << "a turn allocates nothing";
  EXPECT_EQ(0, Allocations::live())
      << "U4: nobody else owns it: with its last turn its memory is freed";
  End();
}

}  // namespace
