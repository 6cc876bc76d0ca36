// pool_test.cc - steps 11.7 and 11.9: workers, and how they end.
#include <random>

#include "tests/11_threads/pool_fixture.h"

extern "C" {
#include "chapters/04_executor/executor.h"
}

namespace {

using namespace threads_test;
using gate::FailNthThread;

class WorkersStep : public PoolStep {
 protected:
  // As a second worker would, on this thread: takes a task, gives it its turn.
  // False if there is none, or a lock is held just now.
  bool TakeATurn() {
    if (!IsFree(&pool_->queue.lock) || !IsFree(&pool_->home.lock)) return false;
    pthread_mutex_lock(&pool_->queue.lock);
    struct task *task = run_queue_pop(&pool_->queue.tasks);
    pthread_mutex_unlock(&pool_->queue.lock);
    if (task != nullptr) turn_take(task);
    return task != nullptr;
  }
  uint32_t Inside() {
    return __atomic_load_n(&pool_->visits.inside, __ATOMIC_RELAXED);
  }
  // True if a task can be taken while its guest, who is about to wake this
  // sleeper, is not counted.
  bool IsUncounted(const struct sleeper &sleeper) {
    return IsFree(&pool_->queue.lock) && !IsQueueEmpty() && Inside() == 0 &&
           sleeper.parker.state == 0;
  }
  void LieDown(struct sleeper *sleeper) {
    sleeper_init(sleeper);
    pthread_mutex_lock(&pool_->queue.lock);
    list_push_front(&pool_->queue.sleepers, &sleeper->link);
    pthread_mutex_unlock(&pool_->queue.lock);
  }
};

// These first: what they see depends on no other thread.

// Its poll notes its last byte, and is held.
struct LargeFuture {
  struct int_future base;
  char bytes[500];
};
std::atomic<int> last_byte{0};
Latch *held_large;

TEST_F(WorkersStep, AllBytesOfTheFutureAndNoHandle) {
  static const struct future_ops ops = {
      [](struct future *self, struct context *) {
        last_byte = reinterpret_cast<LargeFuture *>(self)->bytes[499];
        held_large->Pass();
        return POLL_READY;
      },
      [](struct future *) {}};
  LargeFuture large = {{{&ops}, 0}, {}};
  Latch latch;
  held_large = &latch;
  large.bytes[499] = 7;
  if (!Start(1)) return;
  gate::Note("spawning without a handle: NULL stands for none");
  ASSERT_EQ(0, pool_spawn(pool_.get(), &large.base, sizeof large, nullptr))
      << "pool_spawn() returns 0";
  gate::Note("a task reads the last byte of its future");
  ASSERT_TRUE(SoonHeld(latch)) << "E1: spawned, it has a turn";
  EXPECT_TRUE(last_byte == 7)
      << "M1: the task has `size` bytes of the future, all of them";
  latch.Open();
  Stop();
}

// A worker is so fast that the task is over before pool_spawn() is.
TEST_F(WorkersStep, OverBeforeItsSpawnIs) {
  if (!Start(1)) return;
  Latch latch;
  ASSERT_EQ(0, Spawn(NewHolding(latch))) << "pool_spawn() returns 0";
  ASSERT_TRUE(SoonHeld(latch)) << "E1: spawned, it has a turn";
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    Script &script = NewReady(7);
    struct join_handle handle;
    int error = 1;
    came = InterruptAt(
        nth, [&] { error = Spawn(script, &handle); }, [&] { TakeATurn(); });
    ASSERT_EQ(0, error) << "pool_spawn() returns 0";
    TakeATurn();
    ASSERT_FALSE(Allocations::written_after_free())
        << "M2: once it is in the queue the task may be over and freed: the "
           "handle has its reference before that";
    ASSERT_FALSE(list_is_linked(&handle.task->all))
        << "H1: it is over, and at home: once it is in the queue it may run "
           "and "
           "leave. So it is adopted before that";
    ASSERT_EQ(7, block_on(&handle.base)) << "J1: its output";
    ASSERT_EQ(1u, Live()) << "H1: it is adopted before anybody can run it";
  }
  latch.Open();
  Stop();
}

// V1: at no moment can a task be taken while its guest is not counted and has
// something left to do. Only one who is inside keeps the pool then.
TEST_F(WorkersStep, WhoWakesIsAGuest) {
  if (!Start(1)) return;
  std::atomic<bool> ready{false};
  Latch latch;
  Script &script = NewParked(&ready);
  ASSERT_EQ(0, Spawn(script)) << "pool_spawn() returns 0";
  ASSERT_TRUE(Eventually(
      "its first turn", [&] { return script.polls() == 1 && Sleepers() == 1; }))
      << "E1: the worker gave the task its first turn, and did not lie down to "
         "sleep behind it: it looks for more until there is none";
  ASSERT_EQ(0, Spawn(NewHolding(latch))) << "pool_spawn() returns 0";
  ASSERT_TRUE(SoonHeld(latch)) << "E1: spawned, it has a turn";
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    struct sleeper sleeper;
    struct waker waker = script.TakeWaker();
    bool is_uncounted = false;
    LieDown(&sleeper);
    came = InterruptAt(
        nth, [&] { waker_wake(&waker); },
        [&] { is_uncounted = IsUncounted(sleeper); });
    EXPECT_FALSE(is_uncounted)
        << "V1: the task is in the queue, and may run and be the last; its "
           "guest is not counted, and has a sleeper to wake still";
    EXPECT_EQ(0u, Inside()) << "V1: the guest has gone";
    EXPECT_TRUE(TakeATurn()) << "E2: woken, it is in the queue";
  }
  ready = true;
  script.Wake();
  latch.Open();
  Stop();
}

TEST_F(WorkersStep, WhoSpawnsIsAGuest) {
  if (!Start(1)) return;
  Latch latch;
  ASSERT_EQ(0, Spawn(NewHolding(latch))) << "pool_spawn() returns 0";
  ASSERT_TRUE(SoonHeld(latch)) << "E1: spawned, it has a turn";
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    struct sleeper sleeper;
    Script &script = NewReady();
    bool is_uncounted = false;
    LieDown(&sleeper);
    came = InterruptAt(
        nth, [&] { Spawn(script); },
        [&] { is_uncounted = IsUncounted(sleeper); });
    EXPECT_FALSE(is_uncounted)
        << "V1: the task is in the queue, and may run and be the last; who "
           "spawned it is not counted, and has a sleeper to wake still";
    EXPECT_TRUE(TakeATurn()) << "E1: spawned, it is in the queue";
  }
  latch.Open();
  Stop();
}

TEST_F(WorkersStep, NoMemory) {
  if (!Start(1)) return;
  Script &script = NewReady();
  struct join_handle handle, before;
  memset(&handle, 0x5a, sizeof handle);
  memset(&before, 0x5a, sizeof before);
  Allocations::FailNth(1);
  EXPECT_EQ(-ENOMEM, Spawn(script, &handle)) << "there is no memory for a task";
  Allocations::FailNth(0);
  EXPECT_TRUE(memcmp(&handle, &before, sizeof handle) == 0)
      << "on failure the handle is untouched: all of its bytes";
  EXPECT_EQ(0, script.drops()) << "on failure the future is the caller's still";
  EXPECT_EQ(0u, Live()) << "on failure nothing is left of the task";
  Stop();
}

TEST_F(WorkersStep, AHomeThatIsClosed) {
  if (!Start(1)) return;
  Script &script = NewReady();
  struct join_handle handle, before;
  memset(&handle, 0x5a, sizeof handle);
  memset(&before, 0x5a, sizeof before);
  pthread_mutex_lock(&pool_->home.lock);
  pool_->home.is_closed = true;
  pthread_mutex_unlock(&pool_->home.lock);
  EXPECT_EQ(-ECANCELED, Spawn(script, &handle)) << "H2: it is closed";
  EXPECT_TRUE(memcmp(&handle, &before, sizeof handle) == 0)
      << "on failure the handle is untouched: all of its bytes";
  EXPECT_EQ(0, script.drops()) << "on failure the future is the caller's still";
  EXPECT_EQ(0, script.polls()) << "H2: nobody was adopted";
  Stop();
}

TEST_F(WorkersStep, NoThreads) {
  int before = gate::LiveThreads();
  for (long nth = 1; nth <= 3; nth++) {
    FailNthThread(nth);
    ASSERT_EQ(-EAGAIN, pool_init(pool_.get(), 3))
        << "a thread could not be started";
    ASSERT_EQ(before, gate::LiveThreads()) << "those that were have ended";
  }
  Allocations::FailNth(1);
  EXPECT_EQ(-ENOMEM, pool_init(pool_.get(), 3)) << "no room for the workers";
}

TEST_F(WorkersStep, ATaskRuns) {
  if (!Start(2)) return;
  Script &script = NewReady(7);
  struct join_handle handle;
  ASSERT_EQ(0, Spawn(script, &handle)) << "pool_spawn() returns 0";
  EXPECT_EQ(7, block_on(&handle.base)) << "Z1: joined from outside";
  EXPECT_EQ(1, script.polls()) << "E1: spawned, it is polled, once";
  EXPECT_EQ(1, script.drops()) << "E5: its future is dropped";
  EXPECT_NE(ThisThread(), script.dropped_by()) << "a worker gives the turns";
  Stop();
  EXPECT_EQ(1u, turns_) << "one turn was given";
}

// An idle pool is not one that ends.
TEST_F(WorkersStep, WhenAllIsDoneMoreMayCome) {
  if (!Start(2)) return;
  for (int i = 0; i < 2 && !HasFailure(); i++) {
    Script &script = NewReady();
    ASSERT_EQ(0, Spawn(script)) << "pool_spawn() returns 0";
    EXPECT_TRUE(Eventually("the task is over, and all workers sleep", [&] {
      return IsQueueClosed() || (Live() == 0 && Sleepers() == pool_->count);
    })) << "Z4: with nothing to do all workers sleep";
    EXPECT_FALSE(IsQueueClosed())
        << "Q5: all tasks are over, and the queue is closed: the workers go "
           "home, and the next task has nobody. It closes after TURN_LAST, "
           "which is the last one of a home that is closed";
    EXPECT_EQ(1, script.drops()) << "E1: spawned, it has its turn";
  }
  Stop();
}

TEST_F(WorkersStep, OneWorkerKeepsTheOrder) {
  if (!Start(1)) return;
  Latch latch;
  std::string order;
  ASSERT_EQ(0, Spawn(NewHolding(latch))) << "pool_spawn() returns 0";
  ASSERT_TRUE(SoonHeld(latch)) << "E1: spawned, it has a turn";
  for (const char *name : {"a", "b", "c"}) {
    auto turns = std::make_shared<int>(0);
    Spawn(New([&order, name, turns](struct context *cx) {
      order += name;
      if (++*turns == 2) return POLL_READY;
      context_wake(cx);
      return POLL_PENDING;
    }));
  }
  latch.Open();
  Stop();
  EXPECT_EQ("abcabc", order) << "Z2: turns are given out in the order of the "
                                "queue; who wakes itself goes to the end";
  EXPECT_EQ(7u, turns_) << "E1: one for each spawn and each wake";
}

TEST_F(WorkersStep, TwoRunAtTheSameTime) {
  if (!Start(2)) return;
  Latch first, second;
  ASSERT_EQ(0, Spawn(New([&](struct context *) {
              first.Open();
              second.Pass();
              return POLL_READY;
            })));
  ASSERT_EQ(0, Spawn(New([&](struct context *) {
              second.Open();
              first.Pass();
              return POLL_READY;
            })));
  gate::Note("two tasks wait for each other in their polls");
  Stop();
}

TEST_F(WorkersStep, WokenWhileItRunsOnAnotherThread) {
  if (!Start(2)) return;
  Latch latch;
  std::atomic<bool> is_second{false};
  Script *self = nullptr;
  struct join_handle handle;
  Script &script = New([&](struct context *cx) {
    if (is_second) return POLL_READY;
    is_second = true;
    self->KeepWaker(cx);
    latch.Pass();
    return POLL_PENDING;
  });
  self = &script;
  ASSERT_EQ(0, Spawn(script, &handle)) << "pool_spawn() returns 0";
  ASSERT_TRUE(SoonHeld(latch)) << "E1: spawned, it has a turn";
  EXPECT_TRUE(script.Wake()) << "it was polled with the task's waker";
  EXPECT_TRUE(IsQueueEmpty()) << "Z3: it runs, so it must not be in the queue";
  latch.Open();
  gate::Note("joining a task that was woken while it ran");
  block_on(&handle.base);
  EXPECT_EQ(2, script.polls()) << "E2: a wake during the poll leads to another";
  Stop();
}

TEST_F(WorkersStep, AbortedWhileItRunsOnAnotherThread) {
  if (!Start(2)) return;
  Latch latch;
  struct join_handle handle;
  Script &script = New([&](struct context *) {
    latch.Pass();
    return POLL_PENDING;
  });
  ASSERT_EQ(0, Spawn(script, &handle)) << "pool_spawn() returns 0";
  ASSERT_TRUE(SoonHeld(latch)) << "E1: spawned, it has a turn";
  join_handle_abort(&handle);
  EXPECT_EQ(0, script.drops()) << "U1: nobody touches a future that runs";
  latch.Open();
  gate::Note("joining a task that was aborted while it ran");
  EXPECT_EQ(-ECANCELED, block_on(&handle.base)) << "J3: it was aborted";
  EXPECT_EQ(1, script.polls()) << "J3: it is not polled again";
  EXPECT_EQ(1, script.drops()) << "J3: dropped, once";
  Stop();
}

TEST_F(WorkersStep, JoinedByAnotherTask) {
  if (!Start(2)) return;
  Latch latch;
  struct join_handle first, second;
  Script *one_self = nullptr, *two_self = nullptr;
  Script &one = New([&](struct context *) {
    latch.Pass();
    one_self->SetResult(7);
    return POLL_READY;
  });
  one_self = &one;
  Script &two = New([&](struct context *cx) {
    if (PollHandle(first, cx) == POLL_PENDING) return POLL_PENDING;
    two_self->SetResult(first.base.result + 1);
    DropHandle(first);
    return POLL_READY;
  });
  two_self = &two;
  ASSERT_EQ(0, Spawn(one, &first)) << "pool_spawn() returns 0";
  ASSERT_EQ(0, Spawn(two, &second)) << "pool_spawn() returns 0";
  EXPECT_TRUE(Eventually("the joiner waits", [&] {
    return two.polls() == 1 && Sleepers() == 1;
  })) << "Z4: the joiner waits without a thread";
  latch.Open();
  gate::Note("joining a task that joins another one");
  EXPECT_EQ(8, block_on(&second.base)) << "Z1: joined inside the pool";
  EXPECT_EQ(2, two.polls()) << "E1: one wake, one poll";
  Stop();
}

TEST_F(WorkersStep, TheLastReferenceIsDroppedElsewhere) {
  if (!Start(1)) return;
  struct join_handle handle;
  Script *self = nullptr;
  Script &script = New([&](struct context *cx) {
    self->KeepWaker(cx);
    return POLL_READY;
  });
  self = &script;
  ASSERT_EQ(0, Spawn(script, &handle)) << "pool_spawn() returns 0";
  block_on(&handle.base);
  Stop();
  EXPECT_EQ(1, script.drops()) << "M3: dropped with its last turn";
  std::thread other([&] { script.Wake(); });  // W5: does nothing, lets go
  other.join();
  EXPECT_EQ(1, script.polls()) << "W5: a complete task is not woken";
}

TEST_F(WorkersStep, ATaskSpawns) {
  if (!Start(2)) return;
  std::vector<Script *> children;
  for (int i = 0; i < 10; i++) children.push_back(&NewReady(i));
  std::atomic<int> errors{0};
  ASSERT_EQ(0, Spawn(New([&](struct context *) {
              for (Script *child : children) errors += Spawn(*child) != 0;
              return POLL_READY;
            })));
  Stop();
  EXPECT_EQ(0, errors) << "Z1: tasks are spawned inside the pool, too";
  for (Script *child : children)
    EXPECT_EQ(1, child->drops()) << "E1: each has its turn";
}

TEST_F(WorkersStep, WithNothingToDoAllSleep) {
  if (!Start(2)) return;
  std::atomic<bool> ready{false};
  Script &script = NewParked(&ready);
  struct join_handle handle;
  EXPECT_TRUE(SoonAllSleep()) << "Z4: with nothing to do all workers sleep";
  ASSERT_EQ(0, Spawn(script, &handle)) << "pool_spawn() returns 0";
  EXPECT_TRUE(
      Eventually("a task has its first turn and its worker sleeps again",
                 [&] { return script.polls() == 1 && Sleepers() == 2; }))
      << "E1, Z4: a spawn ends the sleep of one worker, for one turn";
  ready = true;
  EXPECT_TRUE(script.Wake()) << "it was polled with the task's waker";
  gate::Note("joining a task that was woken while all workers slept");
  EXPECT_EQ(7, block_on(&handle.base)) << "E2: a wake ends the sleep, too";
  Stop();
}

// Many tasks, woken by many threads, on many workers.
TEST_F(WorkersStep, EveryWakeIsATurn) {
  constexpr int kTasks = 30, kThreads = 3, kWakes = 200;
  if (!Start(3)) return;
  std::atomic<bool> ready{false};
  std::vector<Script *> parked;
  for (int i = 0; i < kTasks; i++) {
    parked.push_back(&NewParked(&ready));
    ASSERT_EQ(0, Spawn(*parked.back())) << "pool_spawn() returns 0";
  }
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; t++)
    threads.emplace_back([&, t] {
      for (int n = 0; n < kWakes; n++) parked[(n * 7 + t) % kTasks]->Wake();
    });
  for (std::thread &thread : threads) thread.join();
  ready = true;
  // A last wake for each; one that runs just now has its waker soon.
  for (Script *script : parked)
    Eventually("a last wake", [&] {
      script->Wake();
      return script->is_ready();
    });
  Stop();
  unsigned long polls = 0;
  for (Script *script : parked) {
    polls += script->polls();
    EXPECT_EQ(1, script->drops()) << "M3: dropped, once";
    EXPECT_EQ("", script->Wrong());
  }
  EXPECT_EQ(polls, turns_) << "Z3: a turn is a poll, and no poll is lost";
}

// As chance has it, on one worker: wakes by tasks, by themselves and by another
// thread, and a queue beside it that knows whose turn it is. The smallest case
// that fails comes first.
class OrderStep : public WorkersStep {
 protected:
  void Try(unsigned seed, size_t tasks) {
    random_.seed(seed);
    turns_ = 0;
    wrong_.clear();
    queue_.clear();
    scripts_.clear();
    waiting_.clear();
    if (!Start(1)) return;
    Latch latch;  // so that all are in the queue before the first turn
    Spawn(NewHolding(latch));
    SoonHeld(latch);
    for (size_t i = 0; i < tasks; i++) {
      queue_.push_back(i);
      Spawn(New([this, i](struct context *cx) { return Turn(i, cx); }));
    }
    latch.Open();
    Stop();
  }
  std::string wrong_;

 private:
  Script &Of(size_t i) { return scripts_[i + 1]; }
  bool IsOver() const { return turns_ > 200 || !wrong_.empty(); }
  void WakeSomebody(bool from_outside) {
    if (waiting_.empty()) return;
    auto at = waiting_.begin() + long(random_() % waiting_.size());
    size_t i = *at;
    waiting_.erase(at);
    queue_.push_back(i);
    if (from_outside)
      std::thread([&] { Of(i).Wake(); }).join();
    else
      Of(i).Wake();
  }
  enum poll Turn(size_t i, struct context *cx) {
    turns_++;
    if (wrong_.empty()) Check(i);
    // One goes on as long as anybody waits: or else all would sleep.
    if (IsOver()) {
      while (!waiting_.empty()) WakeSomebody(false);
      return POLL_READY;
    }
    if (random_() % 2 == 0) WakeSomebody(false);
    if (random_() % 8 == 0) WakeSomebody(true);
    if (i == 0 || random_() % 3 > 0) {
      context_wake(cx);
      queue_.push_back(i);
    } else {
      Of(i).KeepWaker(cx);
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
    wrong_ = "of " + std::to_string(scripts_.size() - 1) + " tasks, in turn " +
             std::to_string(turns_) + ": a task had its turn, and " +
             std::to_string(in_front) + " that had waited for longer had not";
  }

  std::mt19937 random_;
  long turns_ = 0;
  std::deque<size_t> queue_;
  std::vector<size_t> waiting_;
};

TEST_F(OrderStep, NobodyIsOvertaken) {
  for (size_t tasks = 2; tasks < 10 && !HasFailure(); tasks++)
    for (unsigned seed = 1; seed <= 3 && !HasFailure(); seed++) {
      Try(seed, tasks);
      EXPECT_EQ("", wrong_) << "Z2: turns are given out in the order of the "
                               "queue, wherever a wake comes from (seed "
                            << seed << ")";
    }
}

TEST_F(WorkersStep, EverythingUnderTheLock) {
  if (!Start(1)) return;
  Latch latch;
  ASSERT_EQ(0, Spawn(NewHolding(latch))) << "pool_spawn() returns 0";
  ASSERT_TRUE(SoonHeld(latch)) << "E1: spawned, it has a turn";
  Script &script = NewReady();
  EXPECT_TRUE(TouchesHomeLocked([&] { Spawn(script); }))
      << "H2: whether the home is closed, and who is there, is under its lock, "
         "to look at it, too: without it that is a data race. home_adopt() "
         "says if it is closed";
  latch.Open();
  Stop();
}

// 11.9: the end.
class EndStep : public PoolStep {
 protected:
  // Ends the pool on a thread of its own.
  void BeginTheEnd() {
    ender_ = std::thread([this] {
      ender_number_ = ThisThread();
      pool_end(pool_.get());
      has_ended_ = true;
    });
  }
  bool SoonInTheEnd() {
    return Eventually("pool_end() waits for its threads", [&] {
      return IsHomeClosed() && gate::IsAsleep(ender_number_);
    });
  }
  std::atomic<bool> never_{false}, has_ended_{false};
  std::atomic<int> ender_number_{0};
  std::thread ender_;
};

TEST_F(EndStep, NobodyIsLeft) {
  for (unsigned workers = 1; workers <= 3; workers++) {
    if (!Start(workers)) return;
    ASSERT_TRUE(SoonAllSleep()) << "Z4: nothing to do";
    pool_end(pool_.get());
    EXPECT_EQ(0u, pool_->count) << "pool_end() waits for its threads: there is "
                                   "a pool_join()";
    EXPECT_EQ(0u, pool_->turns) << "nothing was done";
    EXPECT_LE(workers, pool_->parks) << "all have slept";
  }
}

TEST_F(EndStep, WhoWaitsIsCancelled) {
  if (!Start(2)) return;
  Script *scripts[3];
  struct join_handle handles[3];
  for (int i = 0; i < 3; i++) {
    scripts[i] = &NewParked(&never_);
    ASSERT_EQ(0, Spawn(*scripts[i], &handles[i])) << "pool_spawn() returns 0";
  }
  ASSERT_TRUE(Eventually("all wait", [&] {
    return Sleepers() == 2 && IsQueueEmpty() && scripts[2]->polls() == 1;
  }));
  pool_end(pool_.get());
  for (int i = 0; i < 3; i++) {
    EXPECT_EQ(1, scripts[i]->polls()) << "Z5: its last turn is no poll";
    EXPECT_EQ(1, scripts[i]->drops()) << "Z5: dropped, once";
    EXPECT_NE(ThisThread(), scripts[i]->dropped_by())
        << "Z5: on a worker's thread";
    memset(pool_.get(), 0xdd, sizeof *pool_);
    EXPECT_EQ(-ECANCELED, block_on(&handles[i].base))
        << "Z6: the handle outlives the pool";
    EXPECT_TRUE(scripts[i]->Wake()) << "Z6: a wake does nothing any more";
  }
  EXPECT_EQ(1, scripts[0]->polls()) << "Z6: a wake does nothing any more";
}

TEST_F(EndStep, WhoIsReadyHasItsOutput) {
  if (!Start(2)) return;
  struct join_handle handle;
  Script &script = NewReady(7);
  ASSERT_EQ(0, Spawn(script, &handle)) << "pool_spawn() returns 0";
  ASSERT_TRUE(Eventually("it is ready", [&] { return Live() == 0; }));
  pool_end(pool_.get());
  EXPECT_EQ(1u, pool_->turns) << "for you to read";
  EXPECT_EQ(7, block_on(&handle.base)) << "Z6: the handle outlives the pool";
}

TEST_F(EndStep, WhoRunsFinishesItsTurn) {
  if (!Start(1)) return;
  Latch latch;
  struct join_handle running, queued;
  Script &runs = New([&](struct context *) {
    latch.Pass();
    return POLL_PENDING;
  });
  Script &waits = NewReady(7);
  ASSERT_EQ(0, Spawn(runs, &running)) << "pool_spawn() returns 0";
  ASSERT_TRUE(SoonHeld(latch)) << "E1: spawned, it has a turn";
  ASSERT_EQ(0, Spawn(waits, &queued)) << "pool_spawn() returns 0";
  BeginTheEnd();
  EXPECT_TRUE(SoonInTheEnd()) << "Z5: a task that is running finishes its turn "
                                 "first";
  EXPECT_EQ(0, runs.drops()) << "Z5: a task that is running is not dropped";
  EXPECT_EQ(0, waits.drops()) << "Z5: dropped on a worker's thread";
  latch.Open();
  gate::Note("ending a pool whose tasks are all aborted");
  ender_.join();
  EXPECT_EQ(1, runs.polls());
  EXPECT_EQ(1, runs.drops()) << "Z5: then it has its last turn";
  EXPECT_EQ(0, waits.polls()) << "Z5: the last turn of one that waits in the "
                                 "queue is no poll either";
  EXPECT_EQ(1, waits.drops()) << "Z5: dropped, once";
  EXPECT_EQ(-ECANCELED, block_on(&running.base)) << "Z5: cancelled";
  EXPECT_EQ(-ECANCELED, block_on(&queued.base)) << "Z5: cancelled";
}

// Somebody has the duty to queue a task, and has not come to it.
TEST_F(EndStep, WhoIsOnTheWayIsWaitedFor) {
  if (!Start(1)) return;
  Latch latch;
  Script &late = NewParked(&never_);
  Script &runs = NewHolding(latch);
  struct join_handle handle;
  ASSERT_EQ(0, Spawn(late, &handle)) << "pool_spawn() returns 0";
  ASSERT_TRUE(SoonAllSleep() && late.polls() == 1) << "E1: it has its turn";
  ASSERT_EQ(0, Spawn(runs)) << "pool_spawn() returns 0";
  ASSERT_TRUE(SoonHeld(latch)) << "E1: spawned, it has a turn";
  ASSERT_EQ(TASK_SCHEDULE, task_state_wake(handle.task));
  BeginTheEnd();
  EXPECT_TRUE(SoonInTheEnd()) << "Z5: two tasks are left";
  gate::Note("waiting until the worker sleeps: one task is on its way");
  latch.Open();
  EXPECT_TRUE(Eventually("the worker sleeps: one task is on its way",
                         [&] { return runs.drops() == 1 && Sleepers() == 1; }))
      << "Z5: one task is left, which somebody is about to queue: the worker "
         "must be there for it";
  if (HasFailure()) return ender_.detach();
  task_schedule(handle.task);
  gate::Note("ending a pool whose last task has come");
  ender_.join();
  EXPECT_EQ(1, late.drops()) << "Z5: it has its last turn";
  DropHandle(handle);
}

TEST_F(EndStep, ADropThatSpawns) {
  if (!Start(1)) return;
  Script &script = NewParked(&never_), &child = NewReady();
  int error = 0;
  script.OnDrop([&] { error = Spawn(child); });
  ASSERT_EQ(0, Spawn(script)) << "pool_spawn() returns 0";
  ASSERT_TRUE(SoonAllSleep()) << "Z4: nothing to do";
  pool_end(pool_.get());
  EXPECT_EQ(-ECANCELED, error) << "H2: a pool that ends takes no new tasks";
  EXPECT_EQ(0, child.polls() + child.drops()) << "H2: it was not adopted";
}

TEST_F(EndStep, GuestsAreWaitedFor) {
  if (!CanInterrupt()) return;
  if (!Start(1)) return;
  ASSERT_TRUE(SoonAllSleep()) << "Z4: nothing to do";
  visits_begin(&pool_->visits);
  unsigned threads = 1;
  long blocks = 0;
  bool came = InterruptAt(
      20000, [&] { pool_end(pool_.get()); },
      [&] {
        threads = pool_->count;
        blocks = Allocations::live();
        visits_end(&pool_->visits);
      });
  EXPECT_TRUE(came) << "V1: somebody was inside, and the pool is gone";
  EXPECT_EQ(0u, threads)
      << "V2: wait for guests when nobody comes any more: the home is closed, "
         "and the threads have been joined";
  EXPECT_LT(0, blocks) << "V1: somebody was inside, and the workers' memory "
                          "has been freed: a guest may be about to wake one";
}

TEST_F(EndStep, InsideATask) {
  EXPECT_TRUE(Panics(
      [&] {
        if (!Start(1)) _exit(1);
        alarm(5);  // should it wait for itself, without a panic
        Spawn(New([&](struct context *) {
          pool_end(pool_.get());
          return POLL_READY;
        }));
        for (;;) pause();
      },
      "pool_end() inside a task"))
      << "inside a task the end would wait for itself";
}

TEST_F(EndStep, BlockOnInsideATask) {
  EXPECT_TRUE(Panics(
      [&] {
        if (!Start(1)) _exit(1);
        alarm(5);  // should it wait for itself, without a panic
        Spawn(New([&](struct context *) {
          block_on(NewReady().future());
          return POLL_READY;
        }));
        for (;;) pause();
      },
      "block_on() inside a task"))
      << "B1: block_on() is for threads outside";
}

// In the midst of everything.
TEST_F(EndStep, EachTaskRunsOrIsDroppedOnce) {
  constexpr int kTasks = 60;
  for (int round = 0; round < 10 && !HasFailure(); round++) {
    if (!Start(3)) return;
    std::vector<Script *> scripts;
    std::vector<struct join_handle> handles(kTasks);
    for (int i = 0; i < kTasks; i++) {
      if (i % 3 == 0)
        scripts.push_back(&NewParked(&never_));
      else if (i % 3 == 1)
        scripts.push_back(&NewReady(7));
      else
        scripts.push_back(&New([](struct context *cx) {
          context_wake(cx);  // for ever
          return POLL_PENDING;
        }));
      ASSERT_EQ(0, Spawn(*scripts.back(), &handles[i]));
    }
    std::thread waking([&] {
      for (int i = 0; i < kTasks; i += 3) scripts[i]->Wake();
    });
    pool_end(pool_.get());
    waking.join();
    for (int i = 0; i < kTasks; i++) {
      EXPECT_EQ(1, scripts[i]->drops()) << "Z5: dropped, once";
      EXPECT_EQ(scripts[i]->is_ready() ? 7 : -ECANCELED,
                block_on(&handles[i].base))
          << "Z5: its output, or cancelled";
    }
  }
}

TEST_F(EndStep, EverythingUnderTheLock) {
  if (!Start(1)) return;
  Script &script = NewParked(&never_);
  ASSERT_EQ(0, Spawn(script)) << "pool_spawn() returns 0";
  ASSERT_TRUE(Eventually(
      "it waits", [&] { return Sleepers() == 1 && script.polls() == 1; }));
  EXPECT_TRUE(TouchesHomeLocked([&] { pool_end(pool_.get()); }))
      << "H3: whether anybody is at home is under the home's lock, as long as "
         "there are workers: to look at it without is a data race. "
         "home_close() says it";
}

}  // namespace
