// home_test.cc - steps 11.2 and 11.8: where tasks are registered, and how the
// last of them are told to go.
#include "tests/11_threads/threads_fixture.h"

extern "C" {
#include "chapters/04_executor/executor.h"
}

namespace {

using namespace threads_test;

class AdoptStep : public HomeStep {};

TEST_F(AdoptStep, ComeAndGo) {
  struct task *one = Adopt(NewReady()), *two = Adopt(NewReady());
  EXPECT_EQ(2u, home_.live) << "H1: two are at home";
  EXPECT_EQ(2u, AtHome()) << "H1: each is in the list, once";
  EXPECT_EQ(1u, task_state_references(one))
      << "H1: the home shares the reference of whoever gives turns; with one "
         "of its own it would keep the task for ever";
  EXPECT_FALSE(home_leave(one)) << "H3: one is still there";
  EXPECT_EQ(1u, home_.live) << "H1: it has left, and is counted";
  EXPECT_EQ(1u, AtHome()) << "H1: it has left, and is in the list";
  EXPECT_FALSE(list_is_linked(&one->all)) << "H1: it has left";
  ASSERT_NE(nullptr, one->scheduler)
      << "H4: it forgets its scheduler, and has `nowhere` in its place: "
         "whoever lets go of it asks that one";
  EXPECT_FALSE(home_leave(two)) << "H3: nobody has closed this home";
  EXPECT_EQ(0u, home_.live) << "H1: all have left";
  EXPECT_EQ(0u, AtHome()) << "H1: all have left";
  task_unref(one);
  task_unref(two);
  EXPECT_EQ(0, schedules_) << "a home gives no turns";
  End();
}

TEST_F(AdoptStep, AClosedHomeAdoptsNobody) {
  struct task *task = Create(NewReady());
  home_.is_closed = true;
  EXPECT_EQ(-ECANCELED, home_adopt(&home_, task)) << "H2: it is closed";
  EXPECT_EQ(0u, home_.live) << "H2: who was not adopted is not counted";
  EXPECT_EQ(0u, AtHome()) << "H2: who was not adopted is not in the list";
  EXPECT_TRUE(IsFree(&home_.lock))
      << "H5: it has refused a task, and holds the lock still";
  task_unref(task);
  End();
}

TEST_F(AdoptStep, TheLastOneOfAClosedHomeIsTold) {
  struct task *one = Adopt(NewReady()), *two = Adopt(NewReady());
  home_.is_closed = true;
  EXPECT_FALSE(Leave(one)) << "H3: one is still there";
  EXPECT_TRUE(Leave(two)) << "H3: that was the last, and the home is closed: "
                             "nobody else will say so";
  End();
}

// 11.8 will take tasks out of the list, to tell them one by one that they are
// to go. They are at home all the same.
TEST_F(AdoptStep, TheLastOneIsTheLastOfTheCount) {
  struct task *one = Adopt(NewReady()), *two = Adopt(NewReady());
  struct list others;
  home_.is_closed = true;
  list_init(&others);
  list_remove(&two->all);
  list_push_back(&others, &two->all);
  EXPECT_FALSE(Leave(one))
      << "H3: another one is counted, and in another list just now, as "
         "home_close() has it: ask `live`, and not the list, if that was the "
         "last";
  EXPECT_TRUE(Leave(two)) << "H3: that was the last, and the home is closed";
  End();
}

TEST_F(AdoptStep, WhoHasLeftOutlivesTheHome) {
  struct task *task = Adopt(NewReady());
  ASSERT_EQ(TASK_POLL, task_state_start(task));
  home_leave(task);
  EXPECT_NE(&home_.scheduler, task->scheduler)
      << "H4: a task that leaves forgets its scheduler; that may be gone "
         "before its memory is freed";
  (void)!task_state_finish(task);
  End();
  if (HasFailure()) return;
  memset(&own_, 0xdd, sizeof own_);
  task_wake(task);
  EXPECT_EQ(0, schedules_) << "H4: it is complete, and asks nobody";
  task_unref(task);  // asks its scheduler: not ours
}

// Another thread comes or goes in the middle of it, whenever the lock is free.
TEST_F(AdoptStep, TwoComeAtOnce) {
  Script &one = NewReady(), &two = NewReady();
  bool came = true, list_is_counted = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    struct task *mine = Create(one), *other = Create(two);
    bool is_adopted = false;
    came = InterruptAt(
        nth, [&] { home_adopt(&home_, mine); },
        [&] {
          if (!IsFree(&home_.lock)) return;
          if (home_.live != AtHome()) list_is_counted = false;
          is_adopted = home_adopt(&home_, other) == 0;
        });
    EXPECT_TRUE(list_is_counted)
        << "H1: the lock is free, and it counts other tasks "
           "than are in the list: both under one lock";
    size_t wanted = is_adopted ? 2 : 1;
    EXPECT_EQ(wanted, home_.live) << "H1: two came at once, and one was not "
                                     "counted: the lock is for this";
    EXPECT_EQ(wanted, AtHome()) << "H1: two came at once, and one is not in "
                                   "the list: the lock is for this";
    if (is_adopted) home_leave(other);
    home_leave(mine);
    task_unref(mine);
    task_unref(other);
  }
  End();
}

// Whoever closes it may have seen that nobody is there, and has said so.
TEST_F(AdoptStep, ClosedWhileATaskComes) {
  Script &script = NewReady();
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    struct task *task = Create(script);
    bool was_empty = false;
    home_.is_closed = false;
    came = InterruptAt(
        nth, [&] { home_adopt(&home_, task); },
        [&] {
          if (!IsFree(&home_.lock)) return;
          was_empty = home_.live == 0;
          home_.is_closed = true;
        });
    EXPECT_EQ(was_empty ? 0u : 1u, home_.live)
        << "H2: it was closed, with nobody in it, and then it adopts a task: "
           "ask under the same lock under which you adopt";
    if (home_.live > 0) home_leave(task);
    task_unref(task);
  }
  End();
}

TEST_F(AdoptStep, TwoGoAtOnce) {
  Script &one = NewReady(), &two = NewReady();
  bool came = true, list_is_counted = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    struct task *mine = Adopt(one), *other = Adopt(two);
    bool is_gone = false, last = false, other_last = false;
    home_.is_closed = true;
    came = InterruptAt(
        nth, [&] { last = home_leave(mine); },
        [&] {
          if (!IsFree(&home_.lock)) return;
          if (home_.live != AtHome()) list_is_counted = false;
          other_last = home_leave(other);
          is_gone = true;
        });
    EXPECT_TRUE(list_is_counted)
        << "H1: the lock is free, and it counts other tasks "
           "than are in the list: both under one lock";
    if (!is_gone) other_last = home_leave(other);
    EXPECT_EQ(0u, home_.live) << "H1: two left at once, and one is counted";
    EXPECT_EQ(0u, AtHome()) << "H1: two left at once, and one is in the list";
    EXPECT_NE(last, other_last)
        << "H3: of two that leave at once, one is the last: count and ask "
           "under the same lock";
    task_unref(mine);
    task_unref(other);
    home_.is_closed = false;
  }
  End();
}

TEST_F(AdoptStep, EverythingUnderTheLock) {
  struct task *task = Create(NewReady());
  EXPECT_TRUE(TouchesHomeLocked([&] { home_adopt(&home_, task); }))
      << "H1, H2: a home's list, count and end are under its lock, to look at "
         "them, too: without it that is a data race";
  EXPECT_TRUE(TouchesHomeLocked([&] { home_leave(task); }))
      << "H1, H3: a home's list, count and end are under its lock, to look at "
         "them, too: without it that is a data race";
  task_unref(task);
  End();
}

TEST_F(AdoptStep, NotForWhoHasLeft) {
  struct task *task = Adopt(NewReady());
  EXPECT_TRUE(Panics([&] { home_end(&home_); }, "still at home"))
      << "a home that ends while a task is there panics";
  home_leave(task);
  EXPECT_TRUE(Panics([&] { task_schedule(task); }, "had its last turn"))
      << "H4: to schedule a task that has left panics: it has `nowhere` in the "
         "place of its scheduler";
  task_unref(task);
  End();
}

// 11.8: nobody is left at home.
class CloseHomeStep : public HomeStep {
 protected:
  // A task that is at home and waits for a wake.
  struct task *Park(Script &script) {
    struct task *task = Adopt(script);
    EXPECT_EQ(TURN_IDLE, turn_take(task)) << "11.3: it is pending";
    return task;
  }
  enum turn_end Turn(struct task *task) {
    enum turn_end end = turn_take(task);
    if (end == TURN_LAST) told_++;
    return end;
  }
  // Gives turns to all that are scheduled.
  void Turns() {
    while (struct task *task = Pop()) Turn(task);
  }
  std::atomic<bool> never_{false};
  int told_ = 0;  // that nobody is left
};

TEST_F(CloseHomeStep, AnEmptyHome) {
  EXPECT_TRUE(home_close(&home_)) << "H3: there is nobody";
  EXPECT_TRUE(home_.is_closed) << "H2: closed";
  End();
}

TEST_F(CloseHomeStep, WhoWaitsHasALastTurn) {
  Script *scripts[3];
  for (Script *&script : scripts) {
    script = &NewParked(&never_);
    Park(*script);
  }
  EXPECT_FALSE(home_close(&home_)) << "H3: three are there";
  struct task *task = Create(NewReady());
  EXPECT_EQ(-ECANCELED, home_adopt(&home_, task)) << "H2: it is closed";
  task_unref(task);
  EXPECT_EQ(3, schedules_) << "H3: each is aborted, and an abort that meets an "
                              "idle task schedules it";
  EXPECT_TRUE(schedules_free_) << "H5: the lock is not held over a wake";
  ASSERT_EQ(3u, AtHome()) << "H1: until its last turn ends, a task is at home";
  EXPECT_EQ(3u, home_.live) << "H1: until its last turn ends, it is counted";
  for (Script *script : scripts)
    EXPECT_EQ(0, script->drops()) << "H3: the turn is not the home's to give";
  Turns();
  for (Script *script : scripts) {
    EXPECT_EQ(1, script->drops()) << "H3: its last turn drops its future";
    EXPECT_EQ(1, script->polls()) << "H3: and does not poll it again";
  }
  EXPECT_EQ(1, told_) << "H3: that nobody is left is said once";
  End();
}

TEST_F(CloseHomeStep, WhoIsQueuedOrRunningIsNotQueuedAgain) {
  Script &queued = NewParked(&never_);
  struct task *waits = Adopt(queued);
  run_queue_push(&queue_, waits);
  bool was_empty = true;
  Script &running = New([&](struct context *) {
    was_empty = home_close(&home_);
    return POLL_PENDING;
  });
  struct task *runs = Adopt(running);
  EXPECT_EQ(TURN_AGAIN, Turn(runs))
      << "H3: aborted while it runs, it is the turn that has the duty";
  EXPECT_FALSE(was_empty) << "H3: two are there";
  ASSERT_EQ(0, schedules_) << "H3: one is in a queue, one runs: neither is for "
                              "home_close() to schedule";
  run_queue_push(&queue_, runs);
  Turns();
  EXPECT_EQ(0, queued.polls()) << "H3: its next turn is its last";
  EXPECT_EQ(1, queued.drops());
  EXPECT_EQ(1, running.drops());
  EXPECT_EQ(1, told_) << "H3: that nobody is left is said once";
  End();
}

// The worker is so fast that the task is gone when schedule() returns.
TEST_F(CloseHomeStep, WhoIsAbortedMayBeGoneAtOnce) {
  for (int i = 0; i < 3; i++) Park(NewParked(&never_));
  on_schedule_ = [&](struct task *) { Turns(); };
  EXPECT_FALSE(home_close(&home_)) << "H3: three were there";
  EXPECT_EQ(3, schedules_) << "H3: each is aborted, once";
  EXPECT_EQ(1, told_) << "H3: that nobody is left is said once";
  End();
}

// A worker gives a turn in the middle of home_close(): to one that was woken
// just then, or was told to go.
TEST_F(CloseHomeStep, TasksLeaveMeanwhile) {
  bool came = true;
  Allocations::FillFreedWith(0xd5);  // the word of a freed task is not aborted
  for (long nth = 1; came && !HasFailure(); nth++) {
    std::atomic<bool> ready{false};
    Script *scripts[2];
    for (Script *&script : scripts) {
      script = &NewParked(&ready);
      Park(*script);
    }
    told_ = 0;
    bool was_empty = false;
    came = InterruptAt(
        nth, [&] { was_empty = home_close(&home_); },
        [&] {
          if (!IsFree(&home_.lock) || is_pushing_) return;
          ready = true;
          scripts[1]->Wake();
          Turns();
        });
    told_ += was_empty;
    Turns();
    for (Script *script : scripts)
      EXPECT_EQ(1, script->drops())
          << "H3: each has one last turn, also if others leave meanwhile";
    EXPECT_EQ(1, told_) << "H3: that nobody is left is said once: by "
                           "home_close(), or by the last to leave";
    EXPECT_FALSE(Allocations::written_after_free())
        << "H3: a task that is being told to go may have its last turn and be "
           "freed before it is told: hold a reference, taken under the lock; "
           "and "
           "no list is changed without the lock, not even at the end";
    EXPECT_TRUE(schedules_free_) << "H5: the lock is not held over a wake";
    End();
    for (Script *script : scripts) EXPECT_EQ("", script->Wrong());
    home_init(&home_, home_.scheduler.ops);
  }
  End();
}

// The only task leaves in the middle of home_close(): whole, and whenever the
// lock is free.
TEST_F(CloseHomeStep, TheLastOneLeavesMeanwhile) {
  Script &script = NewReady();
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    home_.is_closed = false;
    struct task *task = Adopt(script);
    bool is_gone = false, was_empty = false, was_last = false;
    came = InterruptAt(
        nth, [&] { was_empty = home_close(&home_); },
        [&] {
          if (!IsFree(&home_.lock)) return;
          was_last = home_leave(task);
          is_gone = true;
        });
    if (!is_gone) was_last = home_leave(task);
    EXPECT_EQ(1, was_empty + was_last)
        << "H3: that nobody is left is said once: by home_close(), or by the "
           "last to leave. Close and look for somebody under one lock";
    task_unref(task);
  }
  End();
}

// The same with one who comes: it is adopted, and then somebody is at home; or
// it is refused.
TEST_F(CloseHomeStep, SomebodyComesMeanwhile) {
  Script &script = NewReady();
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    struct task *task = Create(script);
    bool was_empty = false, is_in = false;
    home_.is_closed = false;
    came = InterruptAt(
        nth, [&] { was_empty = home_close(&home_); },
        [&] {
          if (IsFree(&home_.lock)) is_in = home_adopt(&home_, task) == 0;
        });
    EXPECT_EQ(!is_in, was_empty)
        << "H3: a task came while the home was closed, and what is said does "
           "not fit. Close and look for somebody under one lock";
    if (is_in) home_leave(task);
    task_unref(task);
  }
  End();
}

TEST_F(CloseHomeStep, EverythingUnderTheLock) {
  for (int i = 0; i < 2; i++) Park(NewParked(&never_));
  EXPECT_TRUE(TouchesHomeLocked([&] { home_close(&home_); }))
      << "H3: a home's list, count and end are under its lock, to look at "
         "them, too: without it that is a data race";
  Turns();
  EXPECT_EQ(1, told_) << "H3: that nobody is left is said once";
  End();
}

}  // namespace
