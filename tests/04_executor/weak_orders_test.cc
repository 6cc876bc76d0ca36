// weak_orders_test.cc - every run of an executor's thread and of others that
// wake its tasks, join them and let go of them.
#include "tests/04_executor/script.h"
#include "tests/explore/explore.h"
#include "tests/explore/waker.h"

namespace {

using explore::Check;
using explore::Name;
using explore::Scenario;

// A scenario's threads share these; its setup makes them anew.
struct executor runner;
struct remote_queue *queue;
struct task *the_task;
struct join_handle handle;
explore::Var<int> news, more_news;
explore::Atomic is_there, more_is_there;
explore::TestWaker joiner;
explore::Flag is_queued;

// In plain memory, as a future of the course's own would do it.
enum poll Ready(struct future *self, int value) {
  int *result = &reinterpret_cast<struct int_future *>(self)->result;
  explore::PlainWrite(result, sizeof *result, __builtin_return_address(0));
  *result = value;
  return POLL_READY;
}

// A future that leaves its waker to another thread at its first poll, and
// looks at the others.
struct Leaving {
  struct int_future base;
  int number, polls;
};
struct waker left[2];
explore::Flag is_left[2];

const struct future_ops kLeavingOps = {
    [](struct future *self, struct context *cx) {
      Leaving *leaving = reinterpret_cast<Leaving *>(self);
      if (leaving->polls++ == 0) {
        left[leaving->number] = waker_clone(cx->waker);
        is_left[leaving->number].Set();
        return POLL_PENDING;
      }
      bool first = leaving->number == 0;
      Check((first ? is_there : more_is_there).Load() == 1,
            "E2: the poll after a wake sees what came before the wake");
      return Ready(self, (first ? news : more_news).Get());
    },
    [](struct future *) {}};

const struct future_ops kReadyOps = {[](struct future *self, struct context *) {
                                       return Ready(self, news.Get());
                                     },
                                     [](struct future *) {}};

// Waits for ever; and for what came before its abort.
const struct future_ops kAbortedOps = {
    [](struct future *, struct context *) { return POLL_PENDING; },
    [](struct future *) {
      Check(news.Get() == 1, "J3: the drop sees what came before the abort");
    }};

// Leaves two wakers at its first poll, and is ready when both have woken it.
const struct future_ops kTwiceOps = {
    [](struct future *self, struct context *cx) {
      if (reinterpret_cast<Leaving *>(self)->polls++ == 0) {
        for (struct waker &waker : left) waker = waker_clone(cx->waker);
        is_left[0].Set();
      }
      if (is_there.Load() + more_is_there.Load() < 2) return POLL_PENDING;
      return Ready(self, 7);
    },
    [](struct future *) {}};

void MakeNews() {
  news.Init(0, "news");
  more_news.Init(0, "more news");
  is_there.Init(0, "is there");
  more_is_there.Init(0, "more is there");
  joiner.Reset("the joiner's wake");
  is_queued.Reset("is queued");
  is_left[0].Reset("waker");
  is_left[1].Reset("second waker");
  left[0] = left[1] = {nullptr, nullptr};
}

void MakeExecutor() {
  MakeNews();
  Check(executor_init(&runner) == 0, "an executor");
}

void MakeTask() {
  static const struct int_future future = {{&kReadyOps}, 0};
  MakeNews();
  queue = remote_queue_create();
  the_task = task_create(remote_queue_scheduler(queue), &future, sizeof future);
  remote_queue_unref(queue);
  Name(&the_task->state, "task.state");
}

void SpawnLeaving(int number, struct join_handle *to) {
  struct Leaving future = {{{&kLeavingOps}, 0}, number, 0};
  executor_spawn(&runner, &future.base, sizeof future, to);
}

}  // namespace

using ExecutorRuns1 = gate::Step;

TEST_F(ExecutorRuns1, TheLastOwnerFreesOnWhateverThread) {
  Scenario scenario;
  scenario.setup = [] {
    MakeTask();
    task_ref(the_task);
  };
  for (const char *name : {"an owner", "another"})
    scenario.Thread(name, [] {
      struct task *mine = task_ref(the_task);
      task_unref(mine);
      task_unref(mine);
    });
  EXPECT_HOLDS(scenario);
}

using ExecutorRuns4 = gate::Step;

// The state word alone: whoever gets the duty to schedule says so silently.
TEST_F(ExecutorRuns4, AWakeAndAPollInEveryOrder) {
  Scenario scenario;
  scenario.setup = MakeTask;
  scenario.Thread("polls", [] {
    for (bool is_woken = false;; is_woken = true) {
      Check(task_state_start(the_task) == TASK_POLL, "it is for a poll");
      bool seen = is_there.Load() != 0;
      Check(seen || !is_woken, "E2: the poll after a wake sees why it came");
      if (seen && is_woken)
        Check(news.Get() == 1, "E2: and what came before the wake");
      if (seen) return task_state_finish(the_task);
      if (task_state_pend(the_task) == TASK_NOTHING) is_queued.WaitAndTake();
    }
  });
  scenario.Thread("wakes", [] {
    news.Set(1);
    is_there.Store(1);
    if (task_state_wake(the_task) == TASK_SCHEDULE) is_queued.SetSilently();
  });
  scenario.finish = [] { task_unref(the_task); };
  EXPECT_HOLDS(scenario);
}

using ExecutorRuns5 = gate::Step;

TEST_F(ExecutorRuns5, AJoinAndACompletionInEveryOrder) {
  Scenario scenario;
  scenario.setup = [] {
    static const struct int_future future = {{&kReadyOps}, 0};
    MakeExecutor();
    news.Set(7);
    executor_spawn(&runner, &future, sizeof future, &handle);
    Name(&handle.task->state, "task.state");
    Name(&task_future(handle.task)->result, "the result");
  };
  scenario.Thread("runs", [] { executor_run(&runner); });
  scenario.Thread("joins", [] {
    explore::PollToEnd(&handle.base.base, &joiner);
    Check(handle.base.result == 7, "J1: the task's result");
    future_drop(&handle.base.base);
  });
  scenario.finish = [] {
    executor_end(&runner);
    joiner.CheckAllGivenBack();
  };
  EXPECT_HOLDS(scenario);
}

TEST_F(ExecutorRuns5, AHandleIsDroppedDuringTheRun) {
  Scenario scenario;
  scenario.setup = [] {
    static const struct int_future future = {{&kReadyOps}, 0};
    MakeExecutor();
    executor_spawn(&runner, &future, sizeof future, &handle);
  };
  scenario.Thread("runs", [] { executor_run(&runner); });
  scenario.Thread("joins", [] {
    (void)future_poll(&handle.base.base, joiner.context());
    future_drop(&handle.base.base);
  });
  scenario.finish = [] {
    executor_end(&runner);
    joiner.CheckAllGivenBack();
  };
  EXPECT_HOLDS(scenario);
}

using ExecutorRuns7 = gate::Step;

TEST_F(ExecutorRuns7, AWakeFromAnotherThread) {
  Scenario scenario;
  scenario.setup = [] {
    MakeExecutor();
    SpawnLeaving(0, nullptr);
  };
  scenario.Thread("runs", [] { executor_run(&runner); });
  scenario.Thread("wakes", [] {
    is_left[0].Wait();
    news.Set(1);
    is_there.Store(1);
    waker_wake(&left[0]);
  });
  scenario.finish = [] { executor_end(&runner); };
  EXPECT_HOLDS(scenario);
}

TEST_F(ExecutorRuns7, TwoWakesFromTwoThreads) {
  Scenario scenario;
  scenario.setup = [] {
    MakeExecutor();
    SpawnLeaving(0, nullptr);
    SpawnLeaving(1, nullptr);
  };
  scenario.Thread("runs", [] { executor_run(&runner); });
  scenario.Thread("wakes", [] {
    is_left[0].Wait();
    news.Set(1);
    is_there.Store(1);
    waker_wake(&left[0]);
  });
  scenario.Thread("wakes too", [] {
    is_left[1].Wait();
    more_news.Set(1);
    more_is_there.Store(1);
    waker_wake(&left[1]);
  });
  scenario.finish = [] { executor_end(&runner); };
  // There are some 40,000 executions: a sample, the same each time.
  explore::Options options;
  options.random_runs = 2000;
  EXPECT_HOLDS(scenario, options);
}

TEST_F(ExecutorRuns7, AnAbortFromAnotherThread) {
  Scenario scenario;
  scenario.setup = [] {
    static const struct int_future future = {{&kAbortedOps}, 0};
    MakeExecutor();
    executor_spawn(&runner, &future, sizeof future, &handle);
  };
  scenario.Thread("runs", [] { executor_run(&runner); });
  scenario.Thread("aborts", [] {
    news.Set(1);
    join_handle_abort(&handle);
    future_drop(&handle.base.base);
  });
  scenario.finish = [] { executor_end(&runner); };
  EXPECT_HOLDS(scenario);
}

TEST_F(ExecutorRuns7, ATaskIsWokenByTwoThreads) {
  Scenario scenario;
  scenario.setup = [] {
    static const struct Leaving future = {{{&kTwiceOps}, 0}, 0, 0};
    MakeExecutor();
    executor_spawn(&runner, &future.base, sizeof future, nullptr);
  };
  scenario.Thread("runs", [] { executor_run(&runner); });
  scenario.Thread("wakes", [] {
    is_left[0].Wait();
    is_there.Store(1);
    waker_wake(&left[0]);
  });
  scenario.Thread("wakes too", [] {
    is_left[0].Wait();
    more_is_there.Store(1);
    waker_wake(&left[1]);
  });
  scenario.finish = [] { executor_end(&runner); };
  // There are some hundred thousand executions: a sample, the same each time.
  explore::Options options;
  options.random_runs = 2000;
  EXPECT_HOLDS(scenario, options);
}

using ExecutorRuns9 = gate::Step;

TEST_F(ExecutorRuns9, AHandleIsDroppedDuringTheEnd) {
  Scenario scenario;
  scenario.setup = [] {
    static const struct int_future future = {{&kReadyOps}, 0};
    MakeExecutor();
    executor_spawn(&runner, &future, sizeof future, &handle);
  };
  scenario.Thread("ends", [] { executor_end(&runner); });
  scenario.Thread("drops", [] { future_drop(&handle.base.base); });
  EXPECT_HOLDS(scenario);
}
