// task_test.cc - every run of a task that has its turns on two threads, and of
// others that wake it, end it, wait for it and let go of it meanwhile.
#include <cerrno>

#include "tests/explore/explore.h"
#include "tests/explore/waker.h"

extern "C" {
#include "chapters/04_executor/join_handle.h"
#include "chapters/04_executor/task_waker.h"
#include "chapters/11_threads/home.h"
#include "chapters/11_threads/turn.h"
}

namespace {

using explore::Check;
using explore::Scenario;

// A scenario's threads share these; its setup makes them anew.
struct home the_home;
struct task *the_task;
struct join_handle handle;
struct waker left[2];
explore::Flag is_left;
explore::Var<int> polls;
explore::Atomic is_there, more_is_there;
explore::Counter drops, is_over;
explore::TestWaker joiner;

// A queue with room for the one task: as any queue, it orders what came before
// a push before what comes after the pop.
explore::Flag is_queued;

const struct scheduler_ops kSchedulerOps = {
    [](struct scheduler *, struct task *) { is_queued.Set(); }, home_ref,
    home_unref};

// In plain memory, as a future of the course's own would do it.
enum poll Ready(struct future *self, int value) {
  int *result = &reinterpret_cast<struct int_future *>(self)->result;
  explore::PlainWrite(result, sizeof *result, __builtin_return_address(0));
  *result = value;
  return POLL_READY;
}

// Leaves two wakers at its first poll. A later one has to see the news of the
// wakes that came, and is the last once all are there. Two polls at once, or a
// poll that does not see what the last one did, race for the count.
const struct future_ops kLeavingOps = {
    [](struct future *self, struct context *cx) {
      polls.Set(polls.Get() + 1);
      if (polls.Get() == 1) {
        left[0] = waker_clone(cx->waker);
        left[1] = waker_clone(cx->waker);
        is_left.Set();
        return POLL_PENDING;
      }
      if (is_there.Load() + more_is_there.Load() < 2) return POLL_PENDING;
      return Ready(self, 7);
    },
    [](struct future *) {
      Check(polls.Get() >= 0, "M3: it is dropped by whoever has the turn");
      drops.Add();
    }};

// Leaves its waker at its first poll, and wakes itself.
const struct future_ops kYieldingOps = {
    [](struct future *self, struct context *cx) {
      polls.Set(polls.Get() + 1);
      if (polls.Get() == 1) {
        left[0] = waker_clone(cx->waker);
        is_left.Set();
        waker_wake_by_ref(cx->waker);
        return POLL_PENDING;
      }
      return is_there.Load() == 0 ? POLL_PENDING : Ready(self, 7);
    },
    [](struct future *) { drops.Add(); }};

const struct future_ops kReadyOps = {[](struct future *self, struct context *) {
                                       polls.Set(polls.Get() + 1);
                                       return Ready(self, 7);
                                     },
                                     [](struct future *) { drops.Add(); }};

void MakeTask(const struct future_ops *ops) {
  const struct int_future future = {{ops}, 0};
  home_init(&the_home, &kSchedulerOps);
  the_task = task_create(&the_home.scheduler, &future, sizeof future);
  Check(home_adopt(&the_home, the_task) == 0, "H1: it is at home");
  explore::Name(&the_task->state, "task.state");
  explore::Name(&task_future(the_task)->result, "the result");
  is_queued.Reset("the queue");
  is_left.Reset("the wakers");
  polls.Init(0, "the count of polls");
  is_there.Init(0, "is there");
  more_is_there.Init(0, "more is there");
  joiner.Reset("the joiner's wake");
  drops.Reset();
  is_over.Reset();
  is_queued.Set();
}

// Turns, until the task is over, on whatever thread that is.
void Work() {
  for (;;) {
    is_queued.WaitAndTake();
    if (is_over.value() != 0) break;
    enum turn_end end = turn_take(the_task);
    if (end == TURN_IDLE) continue;
    if (end != TURN_AGAIN) break;
    is_queued.Set();
  }
  is_over.Add();
  is_queued.SetSilently();
}

void CheckEnd() {
  Check(drops.value() == 1, "M3: its future is dropped once");
  home_end(&the_home);
  joiner.CheckAllGivenBack();
}

}  // namespace

// --------------------------------------------------------------- step 11.3

using TurnRuns = ::testing::Test;

TEST_F(TurnRuns, AWakeMovesATaskToAnotherThread) {
  Scenario scenario;
  scenario.setup = [] {
    MakeTask(&kLeavingOps);
    more_is_there.Init(1);
  };
  for (const char *name : {"worker", "second"}) scenario.Thread(name, Work);
  scenario.Thread("wakes", [] {
    is_left.Wait();
    is_there.Store(1);
    waker_wake(&left[0]);
    waker_drop(&left[1]);
  });
  scenario.finish = CheckEnd;
  EXPECT_HOLDS(scenario);
}

TEST_F(TurnRuns, AYieldAndAWake) {
  Scenario scenario;
  scenario.setup = [] { MakeTask(&kYieldingOps); };
  for (const char *name : {"worker", "second"}) scenario.Thread(name, Work);
  scenario.Thread("wakes", [] {
    is_left.Wait();
    is_there.Store(1);
    waker_wake(&left[0]);
  });
  scenario.finish = CheckEnd;
  EXPECT_HOLDS(scenario);
}

TEST_F(TurnRuns, TwoWakesAndOneWorker) {
  Scenario scenario;
  scenario.setup = [] { MakeTask(&kLeavingOps); };
  scenario.Thread("worker", Work);
  scenario.Thread("wakes", [] {
    is_left.Wait();
    is_there.Store(1);
    waker_wake(&left[0]);
  });
  scenario.Thread("wakes too", [] {
    is_left.Wait();
    more_is_there.Store(1);
    waker_wake(&left[1]);
  });
  scenario.finish = CheckEnd;
  EXPECT_HOLDS(scenario);
}

TEST_F(TurnRuns, AJoinAndTheLastTurn) {
  Scenario scenario;
  scenario.setup = [] {
    MakeTask(&kReadyOps);
    join_handle_init(&handle, the_task);
  };
  scenario.Thread("worker", Work);
  scenario.Thread("joins", [] {
    explore::PollToEnd(&handle.base.base, &joiner);
    Check(handle.base.result == 7, "U4: it shows its output");
    Check(polls.Get() == 1, "U4: and what came before");
    future_drop(&handle.base.base);
  });
  scenario.finish = CheckEnd;
  EXPECT_HOLDS(scenario);
}

TEST_F(TurnRuns, AHandleIsDroppedDuringTheLastTurn) {
  Scenario scenario;
  scenario.setup = [] {
    MakeTask(&kReadyOps);
    join_handle_init(&handle, the_task);
  };
  scenario.Thread("worker", Work);
  scenario.Thread("leaves", [] {
    (void)future_poll(&handle.base.base, joiner.context());
    future_drop(&handle.base.base);
  });
  scenario.finish = CheckEnd;
  EXPECT_HOLDS(scenario);
}

TEST_F(TurnRuns, AnAbortAndAWake) {
  Scenario scenario;
  scenario.setup = [] {
    MakeTask(&kLeavingOps);
    more_is_there.Init(1);
    join_handle_init(&handle, the_task);
  };
  scenario.Thread("worker", Work);
  scenario.Thread("wakes", [] {
    is_left.Wait();
    is_there.Store(1);
    waker_wake(&left[0]);
    waker_drop(&left[1]);
  });
  scenario.Thread("aborts", [] {
    is_left.Wait();
    join_handle_abort(&handle);
    future_drop(&handle.base.base);
  });
  scenario.finish = CheckEnd;
  EXPECT_HOLDS(scenario);
}

// --------------------------------------------------------------- step 11.8

using CloseHomeRuns = ::testing::Test;

TEST_F(CloseHomeRuns, AHomeClosesAroundItsLastTurn) {
  static explore::Counter said;
  Scenario scenario;
  scenario.setup = [] {
    MakeTask(&kReadyOps);
    said.Reset();
  };
  scenario.Thread("worker", [] {
    is_queued.WaitAndTake();
    said.Add(turn_take(the_task) == TURN_LAST);
  });
  scenario.Thread("closes", [] { said.Add(home_close(&the_home)); });
  scenario.finish = [] {
    Check(said.value() == 1, "H3: that nobody is left is said once");
    CheckEnd();
  };
  EXPECT_HOLDS(scenario);
}

TEST_F(CloseHomeRuns, AnIdleTaskIsWokenAndEnded) {
  Scenario scenario;
  scenario.setup = [] { MakeTask(&kLeavingOps); };
  scenario.Thread("worker", Work);
  scenario.Thread("closes", [] {
    is_left.Wait();
    (void)home_close(&the_home);
  });
  scenario.Thread("wakes", [] {
    is_left.Wait();
    waker_wake(&left[0]);
    waker_wake(&left[1]);
  });
  scenario.finish = CheckEnd;
  // There are some hundred thousand executions: a sample, the same each time.
  explore::Options options;
  options.random_runs = 2000;
  EXPECT_HOLDS(scenario, options);
}
