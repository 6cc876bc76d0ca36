// workers_test.cc - step 12.11 with real threads: no test waits for time to
// pass; workers are held, and let go, by what other tasks do.
#include <sys/syscall.h>

#include "tests/12_work_stealing/worker_fixture.h"

extern "C" {
#include "chapters/04_executor/join_handle.h"
#include "chapters/11_threads/cpus.h"
}

using namespace stealing_test;
using gate::Eventually;

class WorkersStep : public SchedulerStep {
 protected:
  bool Start(unsigned workers, struct driver *driver = nullptr) {
    int error = work_stealing_init(scheduler_.get(), workers, driver);
    EXPECT_EQ(0, error) << "work_stealing_init() is given, and fails";
    if (error == 0) gate::OnHang([this] { return HangStory(); });
    return error == 0;
  }
  void End() {
    gate::Note("work_stealing_end()");
    work_stealing_end(scheduler_.get());
    EXPECT_EQ(0, live_) << "Z5: each task has one last turn";
  }
  bool SoonNoneLive() {
    return Eventually("the last task is done", [&] { return live_ == 0; });
  }
  unsigned Sleepers() {
    unsigned count = 0;
    struct list *link;
    pthread_mutex_lock(&scheduler_->idle.lock);
    list_for_each(link, &scheduler_->idle.sleepers) count++;
    pthread_mutex_unlock(&scheduler_->idle.lock);
    return count;
  }
  bool SoonAllSleep() {
    return Eventually("all workers sleep",
                      [&] { return Sleepers() == scheduler_->count; });
  }

 private:
  std::string HangStory() {
    if (gate::IsHeld(&scheduler_->idle.lock))
      return "a lock is held by a thread that sleeps";
    std::string story =
        live_ > 0 ? "a task had no last turn" : "no task is left";
    story += list_is_empty(&scheduler_->idle.sleepers)
                 ? "\nno worker is among the sleepers"
                 : "\na worker is among the sleepers";
    if (injector_length(&scheduler_->injector) > 0)
      story += "\na task is in the injector";
    for (unsigned i = 0; i < scheduler_->count; i++)
      if (local_queue_length(&Worker(i).queue) > 0)
        story += "\na task is in a worker's ring";
    return story;
  }
};

TEST_F(WorkersStep, ATaskThatIsStolen) {
  if (!Start(2)) return;
  std::atomic<int> first{0}, second{0};
  std::atomic<bool> was_stolen{false};
  Script &c = NewReady("c");
  Script &b = New("b", [&](Script &, struct context *) {
    second = gettid();
    return POLL_READY;
  });
  // It holds its worker until somebody else has polled b.
  Spawn(New("a", [&](Script &, struct context *) {
    first = gettid();
    Spawn(b);
    Spawn(c);  // pushes b out of the slot
    was_stolen =
        Eventually("another worker steals b", [&] { return b.polls() > 0; });
    return POLL_READY;
  }));
  SoonNoneLive();
  uint64_t steals = 0;
  for (unsigned i = 0; i < 2; i++)
    steals += work_stealing_metrics(scheduler_.get(), i)->steals;
  EXPECT_TRUE(was_stolen) << "S8: b lies in a ring whose worker is busy, and "
                             "the other one sleeps";
  EXPECT_NE(first, second) << "b was polled while a had its turn";
  EXPECT_EQ(1u, steals) << "M1: one theft";
  End();
}

// Four tasks that need one another: each holds its worker until all four run.
TEST_F(WorkersStep, AllWorkersComeUp) {
  if (!Start(4)) return;
  SoonAllSleep();
  std::atomic<int> running{0};
  std::atomic<bool> are_all{true};
  auto meet = [&](Script &, struct context *) {
    running++;
    if (!Eventually("all four run", [&] { return running >= 4; }))
      are_all = false;
    return POLL_READY;
  };
  Script *four[4], &last = NewReady("last");
  for (Script *&one : four) one = &New("one of four", meet);
  Spawn(New("first", [&](Script &, struct context *) {
    for (Script *one : four) Spawn(*one);
    Spawn(last);  // pushes the fourth out of the slot
    return POLL_READY;
  }));
  SoonNoneLive();
  EXPECT_TRUE(are_all)
      << "I4: who has found something wakes the next, until all are awake";
  End();
}

TEST_F(WorkersStep, WithNothingToDoAllSleep) {
  if (!Start(3)) return;
  EXPECT_TRUE(SoonAllSleep()) << "Z4: with nothing to do all workers sleep";
  for (int i = 0; i < 10; i++) {
    Spawn(NewReady("a"));
    SoonNoneLive();
  }
  EXPECT_TRUE(SoonAllSleep()) << "Z4: and again";
  End();
}

// A driver in which one really sleeps, until there is news or a wake.
struct HeldDriver : driver {
  HeldDriver() : driver{&kOps} {}
  void Bring(std::function<void()> news) {
    std::lock_guard<std::mutex> guard(lock);
    act = std::move(news);
    is_up = true;
    changed.notify_one();
  }

  std::mutex lock;
  std::condition_variable changed;
  std::function<void()> act;
  bool is_up = false;
  std::atomic<int> inside{0};

 private:
  static bool Park(struct driver *self, int64_t timeout) {
    auto *held = static_cast<HeldDriver *>(self);
    if (timeout == 0) return false;
    held->inside++;
    std::function<void()> news;
    {
      std::unique_lock<std::mutex> guard(held->lock);
      held->changed.wait(guard, [held] { return held->is_up; });
      held->is_up = false;
      news.swap(held->act);
    }
    held->inside--;
    if (news) news();
    return true;
  }
  static struct waker Unparker(struct driver *self) {
    return {&kWakerOps, static_cast<HeldDriver *>(self)};
  }
  static struct waker Clone(void *data) { return {&kWakerOps, data}; }
  static void Wake(void *data) {
    static_cast<HeldDriver *>(data)->Bring(nullptr);
  }
  static void Drop(void *) {}

  static constexpr struct driver_ops kOps = {Park, Unparker};
  static constexpr struct waker_ops kWakerOps = {Clone, Wake, Wake, Drop};
};

// News for one task, whose turn lasts until somebody else is in the driver.
TEST_F(WorkersStep, ALongTurnOutOfTheDriver) {
  HeldDriver driver;
  if (!Start(2, &driver)) return;
  std::atomic<bool> was_left_alone{false};
  Script &waiter = New("w", [&](Script &self, struct context *cx) {
    if (self.polls() == 1) return self.Wait(cx);
    was_left_alone = !Eventually("another worker is in the driver",
                                 [&] { return driver.inside == 1; });
    return POLL_READY;
  });
  Spawn(waiter);
  Eventually("it waits", [&] { return waiter.polls() == 1; });
  SoonAllSleep();
  Eventually("one of them sleeps in the driver",
             [&] { return driver.inside == 1; });
  driver.Bring([&] { waiter.Wake(); });
  SoonNoneLive();
  EXPECT_FALSE(was_left_alone)
      << "S5: a worker left the driver for a turn that lasts, the other one is "
         "idle, and no more news can come";
  End();
}

TEST_F(WorkersStep, FromManyThreads) {
  if (!Start(2)) return;
  std::vector<Script *> tasks;
  for (int i = 0; i < 300; i++) tasks.push_back(&NewYielding("a", 3));
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; t++)
    threads.emplace_back([&, t] {
      for (int i = t; i < 300; i += 3) Spawn(*tasks[size_t(i)]);
    });
  for (std::thread &thread : threads) thread.join();
  gate::Note("300 tasks of four turns each");
  EXPECT_TRUE(SoonNoneLive()) << "S7: a task was lost";
  for (Script *task : tasks)
    EXPECT_EQ(4, task->polls()) << "S7: each turn once";
  End();
}

TEST_F(WorkersStep, ATreeOfTasks) {
  if (!Start(3)) return;
  // Each spawns two more, ten levels deep.
  std::vector<Script *> tasks(1023);
  for (size_t i = 0; i < tasks.size(); i++)
    tasks[i] = &New("t", [&, i](Script &, struct context *) {
      for (size_t child : {2 * i + 1, 2 * i + 2})
        if (child < tasks.size()) Spawn(*tasks[child]);
      return POLL_READY;
    });
  Spawn(*tasks[0]);
  gate::Note("1,023 tasks, each spawned by another one");
  EXPECT_TRUE(SoonNoneLive()) << "S7: a task was lost";
  for (Script *task : tasks) EXPECT_EQ(1, task->polls()) << "S7";
  End();
}

TEST_F(WorkersStep, TheEndCancels) {
  if (!Start(2)) return;
  Script &waiter = NewWaiting("w");
  struct join_handle handle;
  ASSERT_EQ(0, Spawn(waiter, &handle));
  EXPECT_TRUE(Eventually("it waits", [&] { return waiter.polls() == 1; }));
  End();
  EXPECT_EQ(1, waiter.drops()) << "Z5: it is cancelled in its last turn";
  gate::WakerProbe probe;
  EXPECT_EQ(POLL_READY, gate::Poll(&handle.base.base, probe));
  EXPECT_EQ(-ECANCELED, handle.base.result) << "Z5";
  future_drop(&handle.base.base);
}

TEST_F(WorkersStep, NobodyWasNeeded) {
  if (!Start(4)) return;
  End();
}

TEST_F(WorkersStep, ThatCannotStart) {
  EXPECT_EQ(-EINVAL,
            work_stealing_prepare(scheduler_.get(), IDLE_MOST + 1, nullptr))
      << "more than the counts of idle.h can hold";
  for (long nth = 1; nth <= 2; nth++) {
    gate::Allocations::FailNth(nth);
    EXPECT_EQ(-ENOMEM, work_stealing_init(scheduler_.get(), 2, nullptr))
        << "no memory: and nothing is left behind";
  }
}

TEST_F(WorkersStep, AsManyAsThereAreProcessors) {
  if (!Start(0)) return;
  EXPECT_EQ(cpus_available(), scheduler_->count);
  End();
}
