// The gate of chapter 04: other threads, sleep, and whose turn it is.
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstring>
#include <deque>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/04_executor/script.h"
#include "tests/support/interrupt.h"

namespace {

using executor_test::ExecutorStep;
using executor_test::Script;

pid_t ThisThread() { return static_cast<pid_t>(syscall(SYS_gettid)); }

// 4.7 Wakes from other threads, and sleep.

class ExecutorStep7 : public ExecutorStep {
 protected:
  struct task *Create() {
    Script &script = New([](struct context *) { return POLL_READY; });
    return task_create(executor_.scheduler, &script.value().base,
                       sizeof script.value());
  }
};

TEST_F(ExecutorStep7, TwoPushesAtOnce) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    struct run_queue queue;
    struct task *one = Create(), *other = Create();
    ASSERT_NE(nullptr, one) << "M1: task_create() gives a task";
    ASSERT_NE(nullptr, other) << "M1: task_create() gives a task";
    run_queue_init(&queue);
    came = gate::InterruptAt(
        nth, [&] { remote_queue_push(executor_.remote, one); },
        [&] { remote_queue_push(executor_.remote, other); });
    if (!came) remote_queue_push(executor_.remote, other);
    remote_queue_take(executor_.remote, &queue);
    int taken = 0;
    while (run_queue_pop(&queue) != nullptr) taken++;
    EXPECT_EQ(2, taken) << "R1: a push in the middle of another one loses no "
                           "task: link and exchange, and try again if "
                           "somebody was quicker";
    task_unref(one);
    task_unref(other);
  }
}

TEST_F(ExecutorStep7, TakenInTheOrderOfThePushes) {
  struct run_queue queue;
  struct task *tasks[3];

  run_queue_init(&queue);
  EXPECT_FALSE(remote_queue_take(executor_.remote, &queue))
      << "nothing was pushed";
  for (struct task *&task : tasks) {
    task = Create();
    ASSERT_NE(nullptr, task) << "M1: task_create() gives a task";
  }
  run_queue_push(&queue, tasks[0]);
  remote_queue_push(executor_.remote, tasks[1]);
  remote_queue_push(executor_.remote, tasks[2]);
  EXPECT_TRUE(remote_queue_take(executor_.remote, &queue))
      << "two tasks were pushed";
  for (int i = 0; i < 3; i++) {
    struct task *task = run_queue_pop(&queue);
    int number = task == tasks[0] ? 0 : task == tasks[1] ? 1 : 2;
    ASSERT_EQ(i, number) << "R2: behind what is there, oldest first";
  }
  EXPECT_EQ(nullptr, run_queue_pop(&queue)) << "Q3: each only once";
  EXPECT_FALSE(remote_queue_take(executor_.remote, &queue))
      << "R1: take takes everything at once";
  remote_queue_push(executor_.remote, tasks[0]);
  EXPECT_TRUE(remote_queue_take(executor_.remote, &queue)) << "and once more";
  EXPECT_EQ(tasks[0], run_queue_pop(&queue)) << "and once more";
  for (struct task *task : tasks) task_unref(task);
}

TEST_F(ExecutorStep7, APushUnparks) {
  struct remote_queue *remote = executor_.remote;
  struct task *task = Create();
  ASSERT_NE(nullptr, task) << "M1: task_create() gives a task";
  std::atomic<bool> is_awake{false};

  remote_queue_push(remote, task);
  std::thread sleeper([&] {
    remote_queue_park(remote);
    is_awake = true;
  });
  EXPECT_TRUE(gate::Eventually("the push has unparked it", [&] {
    return bool(is_awake);
  })) << "R3: a push onto an empty queue unparks, even one that comes first";
  remote_queue_unpark(remote);
  sleeper.join();
  struct run_queue queue;
  run_queue_init(&queue);
  EXPECT_TRUE(remote_queue_take(remote, &queue)) << "the task is there";
  EXPECT_EQ(task, run_queue_pop(&queue)) << "the task is there";
  task_unref(task);
}

TEST_F(ExecutorStep7, AWakeFromOutsideGivesATurn) {
  bool ready = false;
  Script &parked = NewParked(&ready);

  ASSERT_EQ(0, parked.Spawn(&executor_)) << "spawn returns 0";
  EXPECT_EQ(1, Turns());
  ASSERT_NE(nullptr, parked.waker()->ops) << "4.3: the task gave out a waker";
  ready = true;
  waker_wake(parked.waker());  // not inside a run: so from outside
  EXPECT_EQ(1, Turns()) << "E2: woken from outside, it has a turn";
  EXPECT_EQ(2, parked.polls()) << "E2: woken from outside, it is polled";
}

TEST_F(ExecutorStep7, AnExecutorSleepsUntilItIsWoken) {
  std::atomic<bool> runs{false}, ready{false}, is_done{false};
  pid_t executor_thread = ThisThread();
  Script *self = nullptr;
  Script &parked = New([&](struct context *cx) {
    if (ready) {
      is_done = true;
      return POLL_READY;
    }
    self->KeepWaker(cx);
    return POLL_PENDING;
  });

  self = &parked;
  ASSERT_EQ(0, parked.Spawn(&executor_)) << "spawn returns 0";
  ASSERT_EQ(1, Turns());
  ASSERT_NE(nullptr, parked.waker()->ops) << "4.3: the task gave out a waker";
  bool slept = false, woke = false;
  std::thread waking([&] {
    slept = gate::Eventually("the executor sleeps", [&] {
      return runs && gate::IsAsleep(executor_thread);
    });
    ready = true;
    waker_wake(parked.waker());
    woke =
        gate::Eventually("the wake has arrived", [&] { return bool(is_done); });
    remote_queue_unpark(executor_.remote);  // so that a failure can be told
  });
  runs = true;
  executor_run(&executor_);
  waking.join();
  EXPECT_TRUE(slept) << "E4: nothing to do, and yet it uses CPU time";
  EXPECT_TRUE(woke) << "R3: the wake did not end the sleep: nobody unparked";
  EXPECT_GE(executor_.parks, 1ul) << "E4: it parked";
  EXPECT_EQ(2, parked.polls()) << "E1: one wake, one poll";
}

TEST_F(ExecutorStep7, ManyThreadsWakeManyTasks) {
  constexpr int kThreads = 4, kTasks = 100;
  std::atomic<bool> ready{false};
  std::vector<Script *> parked;

  for (int i = 0; i < kThreads * kTasks; i++) {
    Script &script = New([&ready, &parked, i](struct context *cx) {
      if (ready) return POLL_READY;
      parked[i]->KeepWaker(cx);
      return POLL_PENDING;
    });
    parked.push_back(&script);
    ASSERT_EQ(0, script.Spawn(&executor_)) << "spawn returns 0";
  }
  EXPECT_EQ(kThreads * kTasks, Turns(kThreads * kTasks + 1));
  for (Script *script : parked)
    ASSERT_NE(nullptr, script->waker()->ops) << "4.3: each gave out a waker";
  ready = true;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; t++)
    threads.emplace_back([&parked, t] {
      for (int i = 0; i < kTasks; i++)
        waker_wake(parked[i * kThreads + t]->waker());
    });
  int turns = 0;
  gate::Eventually("all tasks are woken", [&] {
    turns += Turns(1000);
    return executor_.live == 0;
  });
  for (std::thread &thread : threads) thread.join();
  EXPECT_EQ(kThreads * kTasks, turns + Turns(1000))
      << "R1: every wake arrives, and none twice";
  for (Script *script : parked)
    ASSERT_EQ(2, script->polls()) << "E2: each woken once, polled once";
}

TEST_F(ExecutorStep7, AnAbortFromAnotherThreadArrives) {
  bool ready = false;
  Script &parked = NewParked(&ready);
  struct join_handle handle;

  ASSERT_EQ(0, parked.Spawn(&executor_, &handle)) << "spawn returns 0";
  EXPECT_EQ(1, Turns());
  ASSERT_NE(nullptr, parked.waker()->ops) << "4.3: the task gave out a waker";
  std::thread aborting([&] { join_handle_abort(&handle); });
  aborting.join();
  EXPECT_EQ(1, Turns()) << "J4: any thread may abort";
  EXPECT_EQ(1, parked.drops()) << "J3: the future is dropped, once";
  waker_drop(parked.waker());
  executor_test::Drop(&handle);
}

// 4.8 Fairness.

class ExecutorStep8 : public ExecutorStep {
 protected:
  // A task that wakes itself until `stop_`.
  Script &NewBusy(const char *name) {
    return New([this, name](struct context *cx) {
      order_ += name;
      if (stop_) return POLL_READY;
      context_wake(cx);
      return POLL_PENDING;
    });
  }
  void Stop() {
    stop_ = true;
    EXPECT_LE(Turns(), 10) << "stopped, it is ready";
  }
  bool stop_ = false;
  std::string order_;
};

TEST_F(ExecutorStep8, BusyTasksTakeTurns) {
  for (const char *name : {"a", "b", "c"})
    ASSERT_EQ(0, NewBusy(name).Spawn(&executor_)) << "spawn returns 0";
  EXPECT_EQ(9, Turns(9)) << "each wakes itself in every poll";
  EXPECT_EQ("abcabcabc", order_) << "E3: who wakes itself goes to the end";
  Stop();
}

TEST_F(ExecutorStep8, ABusyTaskDoesNotKeepOtherThreadsOut) {
  bool ready = false;
  Script &parked = NewParked(&ready);

  ASSERT_EQ(0, parked.Spawn(&executor_)) << "spawn returns 0";
  ASSERT_EQ(0, NewBusy("a").Spawn(&executor_)) << "spawn returns 0";
  EXPECT_EQ(4, Turns(4)) << "the parked task once, the busy one three times";
  ASSERT_NE(nullptr, parked.waker()->ops) << "4.3: the task gave out a waker";
  ready = true;
  std::thread waking([&] { waker_wake(parked.waker()); });
  waking.join();
  EXPECT_EQ(2, Turns(2));
  EXPECT_EQ(2, parked.polls())
      << "E3: woken by another thread, it had no turn among two: the busy "
         "task starves it";
  Stop();
}

TEST_F(ExecutorStep8, NewTasksGetTheirTurn) {
  ASSERT_EQ(0, NewBusy("a").Spawn(&executor_)) << "spawn returns 0";
  EXPECT_EQ(3, Turns(3));
  ASSERT_EQ(0, NewBusy("b").Spawn(&executor_)) << "spawn returns 0";
  EXPECT_EQ(4, Turns(4));
  EXPECT_EQ("aaaabab", order_) << "E3: a new task is next but one";
  Stop();
}

TEST_F(ExecutorStep8, YieldLetsTheOthersHaveATurn) {
  struct yield yield;
  yield_init(&yield);
  Script &polite = New([&](struct context *cx) {
    order_ += 'p';
    enum poll result = future_poll(&yield.base.base, cx);
    if (result == POLL_READY) future_drop(&yield.base.base);
    return result;
  });
  Script &other = New([&](struct context *) {
    order_ += 'o';
    return POLL_READY;
  });

  ASSERT_EQ(0, polite.Spawn(&executor_)) << "spawn returns 0";
  ASSERT_EQ(0, other.Spawn(&executor_)) << "spawn returns 0";
  EXPECT_EQ(3, Turns()) << "a yield is one turn more";
  EXPECT_EQ("pop", order_) << "yield: the other goes first, then it is ready";
}

// As chance has it: wakes by tasks, by themselves, by another thread and by the
// driver, new tasks, and a queue beside it that knows whose turn it is. The
// smallest case that fails comes first.
class Case {
 public:
  Case(unsigned seed, size_t tasks) : random_(seed), tasks_(tasks) {}

  // What was wrong, or nothing.
  std::string Run(struct executor *executor) {
    driver_.self = this;
    executor_set_driver(executor, &driver_);
    executor_ = executor;
    for (size_t i = 0; i < tasks_; i++) Spawn();
    executor_run(executor);
    return wrong_;
  }
  // The tasks are in the executor's memory: it has to end first.
  void Drop() { scripts_.clear(); }

 private:
  struct Driver : driver {
    Driver() : driver{&kOps} {}
    Case *self;
  };
  static bool Park(struct driver *driver, int64_t) {
    Case *self = static_cast<Driver *>(driver)->self;
    // A sleep, too, ends with news: somebody is woken as long as anybody waits.
    self->WakeSomebody();
    return true;
  }
  static struct waker Unparker(struct driver *) {
    static const struct waker_ops ops = {[](void *) {
                                           return waker{nullptr, nullptr};
                                         },
                                         [](void *) {}, [](void *) {},
                                         [](void *) {}};
    return {&ops, nullptr};
  }
  static constexpr struct driver_ops kOps = {Park, Unparker};

  bool IsOver() const { return turns_ > 200 || !wrong_.empty(); }
  void Spawn() {
    size_t i = scripts_.size();
    scripts_.emplace_back(
        [this, i](struct context *cx) { return Turn(i, cx); });
    if (scripts_.back().Spawn(executor_) == 0) queue_.push_back(i);
  }
  // Who waits, or -1.
  int DrawWaiting() {
    if (waiting_.empty()) return -1;
    auto at = waiting_.begin() + long(random_() % waiting_.size());
    int i = int(*at);
    waiting_.erase(at);
    return i;
  }
  void WakeSomebody() {
    int i = DrawWaiting();
    if (i < 0) return;
    queue_.push_back(size_t(i));
    waker_wake_by_ref(scripts_[size_t(i)].waker());
  }
  void WakeFromOutside() {
    int i = DrawWaiting();
    if (i < 0) return;
    remote_.push_back(size_t(i));
    std::thread([this, i] {
      waker_wake_by_ref(scripts_[size_t(i)].waker());
    }).join();
  }
  enum poll Turn(size_t i, struct context *cx) {
    turns_++;
    queue_.insert(queue_.end(), remote_.begin(), remote_.end());
    remote_.clear();
    if (wrong_.empty()) Check(i);
    if (IsOver()) {
      while (!waiting_.empty()) WakeSomebody();
      return POLL_READY;
    }
    if (random_() % 2 == 0) WakeSomebody();
    if (random_() % 4 == 0) WakeFromOutside();
    if (random_() % 16 == 0 && scripts_.size() < 3 * tasks_) Spawn();
    if (random_() % 3 > 0) {
      context_wake(cx);
      queue_.push_back(i);
    } else {
      scripts_[i].KeepWaker(cx);
      waiting_.push_back(i);
    }
    return POLL_PENDING;
  }
  void Check(size_t i) {
    if (!queue_.empty() && queue_.front() == i) {
      queue_.pop_front();
      return;
    }
    size_t in_front = 0;
    while (in_front < queue_.size() && queue_[in_front] != i) in_front++;
    wrong_ = "of " + std::to_string(scripts_.size()) + " tasks, in turn " +
             std::to_string(turns_) + ": a task had its turn, and " +
             std::to_string(in_front) + " that had waited for longer had not";
  }

  std::mt19937 random_;
  size_t tasks_;
  long turns_ = 0;
  struct executor *executor_ = nullptr;
  Driver driver_;
  std::deque<Script> scripts_;
  std::deque<size_t> queue_, remote_;
  std::vector<size_t> waiting_;
  std::string wrong_;
};

TEST_F(ExecutorStep8, NobodyIsOvertaken) {
  for (size_t tasks = 2; tasks < 10 && !HasFailure(); tasks++)
    for (unsigned seed = 1; seed <= 5 && !HasFailure(); seed++) {
      End();
      ASSERT_EQ(0, executor_init(&executor_));
      is_up_ = true;
      Case chance(seed, tasks);
      std::string wrong = chance.Run(&executor_);
      End();
      chance.Drop();
      EXPECT_EQ("", wrong) << "E3: turns are taken in order, wherever a wake "
                              "comes from (seed "
                           << seed << ")";
    }
}

}  // namespace
