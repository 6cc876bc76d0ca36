// queue_test.cc - steps 11.4, 11.5 and 11.6: one queue under a lock, those who
// sleep at it, and guests who have to be out before the end.
#include "tests/11_threads/threads_fixture.h"

#include <algorithm>

extern "C" {
#include "chapters/11_threads/shared_queue.h"
#include "chapters/11_threads/visits.h"
}

namespace {
std::atomic<int> yields{0};
}  // namespace

// In place of libc's.
extern "C" int sched_yield() {
  yields++;
  return int(syscall(SYS_sched_yield));
}

namespace {

using namespace threads_test;

class SharedQueueStep : public HomeStep {
 protected:
  static constexpr int kMost = 4;

  void SetUp() override {
    HomeStep::SetUp();
    memset(&shared_, kOld, sizeof shared_);
    memset(sleepers_, kOld, sizeof sleepers_);
    shared_queue_init(&shared_);
    for (struct sleeper &sleeper : sleepers_) sleeper_init(&sleeper);
    gate::OnHang([this] { return KeptLock(&shared_.lock, "the queue"); });
    for (struct task *&task : tasks_) task = Create(NewReady());
  }
  void TearDown() override {
    for (struct task *task : tasks_) task_unref(task);
    shared_queue_end(&shared_);
    if (!HasFailure()) home_end(&home_);
    HomeStep::TearDown();
  }
  void Push(int i) { shared_queue_push(&shared_, tasks_[i]); }
  struct task *Take(int i) {
    return shared_queue_take(&shared_, &sleepers_[i]);
  }
  // Has the body the lock whenever it looks at what is under it?
  bool TouchesQueueLocked(const std::function<void()> &body) {
    auto *first = reinterpret_cast<const char *>(&shared_.tasks);
    auto *end = reinterpret_cast<const char *>(&shared_.sleepers + 1);
    return gate::TouchesLocked(first, size_t(end - first), &shared_.lock, body);
  }
  bool TouchesIsClosedLocked(const std::function<void()> &body) {
    return gate::TouchesLocked(&shared_.is_closed, &shared_.lock, body);
  }
  // Unparked, it goes: its memory is somebody else's from there on. True if
  // that one finds it as he left it.
  bool LeavesAlone(int i, const std::function<void()> &body, bool *came,
                   long nth) {
    bool is_gone = false;
    struct sleeper theirs;
    memset(&theirs, kOld, sizeof theirs);
    *came = InterruptAt(nth, body, [&] {
      if (!IsUnparked(i)) return;
      memcpy(&sleepers_[i], &theirs, sizeof theirs);
      is_gone = true;
    });
    return !is_gone || memcmp(&sleepers_[i], &theirs, sizeof theirs) == 0;
  }
  // Its place in the queue's memory, as a worker that sleeps would have it.
  void LieDown(int i) {
    list_push_front(&shared_.sleepers, &sleepers_[i].link);
  }
  bool Sleeps(int i) {
    pthread_mutex_lock(&shared_.lock);
    bool sleeps = list_is_linked(&sleepers_[i].link);
    pthread_mutex_unlock(&shared_.lock);
    return sleeps;
  }
  bool IsTheOnlySleeper(int i) {
    struct list *list = &shared_.sleepers, *link = &sleepers_[i].link;
    pthread_mutex_lock(&shared_.lock);
    bool is_only = list->next == link && link->next == list &&
                   list->prev == link && link->prev == list;
    pthread_mutex_unlock(&shared_.lock);
    return is_only;
  }
  // 0: nobody unparked it since it was last awake.
  bool IsUnparked(int i) {
    return __atomic_load_n(&sleepers_[i].parker.state, __ATOMIC_ACQUIRE) != 0;
  }
  // The number of a task; -1 for NULL.
  int Number(const struct task *task) {
    for (int i = 0; i < kMost; i++)
      if (task == tasks_[i]) return i;
    return task == nullptr ? -1 : 99;
  }

  struct shared_queue shared_;
  struct sleeper sleepers_[kMost];
  struct task *tasks_[kMost];
};

// Looks at the list of sleepers, one place later each time: where it has
// changed since, the lock must be held.
class SleepersWatch {
 public:
  explicit SleepersWatch(struct shared_queue *queue) : queue_(queue) {}
  void Look() {
    const struct list *next = queue_->sleepers.next;
    bool has_changed = last_ != nullptr && next != last_;
    if (has_changed && IsFree(&queue_->lock)) is_locked_ = false;
    last_ = next;
  }
  bool is_locked() const { return is_locked_; }

 private:
  struct shared_queue *queue_;
  const struct list *last_ = nullptr;
  bool is_locked_ = true;
};

// A worker that takes once. It is always ended: by a task, or by force.
class Taker {
 public:
  Taker(struct shared_queue *queue, struct sleeper *sleeper)
      : queue_(queue), sleeper_(sleeper), thread_([this] {
          thread_number_ = ThisThread();
          got_ = shared_queue_take(queue_, sleeper_);
          is_done_ = true;
        }) {}
  ~Taker() { Join(); }
  bool SoonAsleep() {
    return Eventually("a worker that finds nothing sleeps", [&] {
      return is_done_ || (gate::IsAsleep(thread_number_) && IsListed());
    });
  }
  bool SoonDone() {
    return Eventually("a worker gets a task", [&] { return bool(is_done_); });
  }
  struct task *Join() {
    if (thread_.joinable()) thread_.join();
    return got_;
  }
  bool is_done() const { return is_done_; }

 private:
  bool IsListed() {
    pthread_mutex_lock(&queue_->lock);
    bool is_listed = list_is_linked(&sleeper_->link);
    pthread_mutex_unlock(&queue_->lock);
    return is_listed;
  }
  struct shared_queue *queue_;
  struct sleeper *sleeper_;
  std::atomic<int> thread_number_{0};
  std::atomic<bool> is_done_{false};
  struct task *got_ = nullptr;
  std::thread thread_;
};

TEST_F(SharedQueueStep, FirstInFirstOut) {
  for (int i = 0; i < 3; i++) Push(i);
  for (int i = 0; i < 3; i++)
    ASSERT_EQ(i, Number(Take(0))) << "Q1: first in, first out";
  EXPECT_EQ(0u, sleepers_[0].parks) << "Q2: who finds a task does not sleep";
  EXPECT_FALSE(Sleeps(0)) << "Q2: who finds a task is no sleeper";
}

TEST_F(SharedQueueStep, APushWakesTheLastWhoFellAsleep) {
  for (int i = 0; i < 3; i++) LieDown(i);
  Push(0);
  EXPECT_TRUE(IsUnparked(2))
      << "Q3: a push wakes the sleeper that fell asleep last, which is in "
         "front";
  EXPECT_FALSE(Sleeps(2)) << "Q4: it is taken from the sleepers: the next push "
                             "must not choose it again";
  EXPECT_FALSE(IsUnparked(0) || IsUnparked(1))
      << "Q3: one task, one sleeper: the others would wake in vain";
  EXPECT_TRUE(Sleeps(0) && Sleeps(1)) << "Q3: the others sleep";
  Push(1);
  EXPECT_TRUE(IsUnparked(1)) << "Q3: the next push wakes the next";
  EXPECT_FALSE(IsUnparked(0)) << "Q3: and nobody else";
}

TEST_F(SharedQueueStep, WithoutTheLockItUnparks) {
  bool came = true, was_free = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    sleeper_init(&sleepers_[0]);
    LieDown(0);
    came = InterruptAt(
        nth, [&] { Push(0); },
        [&] {
          if (IsUnparked(0) && !IsFree(&shared_.lock)) was_free = false;
        });
    EXPECT_TRUE(was_free) << "Q3: it unparks without the lock: else the "
                             "sleeper wakes up just to wait for the lock";
    EXPECT_TRUE(IsUnparked(0)) << "Q3: a push wakes one sleeper";
    EXPECT_EQ(0, Number(run_queue_pop(&shared_.tasks))) << "Q1: it is there";
  }
}

TEST_F(SharedQueueStep, WithTheLockItTakesASleeper) {
  bool came = true;
  SleepersWatch watch(&shared_);
  for (long nth = 1; came && !HasFailure(); nth++) {
    for (int i = 0; i < 2; i++) {
      list_remove(&sleepers_[i].link);
      sleeper_init(&sleepers_[i]);
    }
    for (int i = 0; i < 2; i++) LieDown(i);
    came = InterruptAt(
        nth, [&] { Push(0); }, [&] { watch.Look(); });
    EXPECT_TRUE(watch.is_locked())
        << "Q4: the sleepers are under the queue's lock: it takes one out "
           "without the lock, and another push may choose the same one";
    run_queue_init(&shared_.tasks);
  }
}

// A worker looks for a task in the middle of a push. If it finds none it joins
// the sleepers, under the lock; the push has to see one of the two.
TEST_F(SharedQueueStep, AWorkerFallsAsleepDuringAPush) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    bool has_joined = false;
    sleeper_init(&sleepers_[0]);
    came = InterruptAt(
        nth, [&] { Push(0); },
        [&] {
          if (!IsFree(&shared_.lock) || shared_.tasks.first != nullptr) return;
          LieDown(0);
          has_joined = true;
        });
    EXPECT_EQ(0, Number(run_queue_pop(&shared_.tasks))) << "Q1: it is there";
    EXPECT_EQ(has_joined, IsUnparked(0))
        << "Q2: a worker looked before the task was there, and fell asleep; "
           "the push did not see it, and it sleeps beside a full queue. Push "
           "and look for a sleeper under one lock, without a gap";
    EXPECT_FALSE(Sleeps(0)) << "Q4: it is taken from the sleepers";
    list_init(&shared_.sleepers);
  }
}

// A worker that was unparked is awake at once, and finds nothing, as somebody
// else has taken the task.
TEST_F(SharedQueueStep, AWorkerFallsAsleepAgainDuringAPush) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    bool has_joined = false;
    sleeper_init(&sleepers_[0]);
    LieDown(0);
    came = InterruptAt(
        nth, [&] { Push(0); },
        [&] {
          if (!IsUnparked(0) || !IsFree(&shared_.lock)) return;
          has_joined = true;
          LieDown(0);
        });
    EXPECT_EQ(has_joined, Sleeps(0))
        << "Q4: the push has unparked a worker, which was awake at once and "
           "joined the sleepers anew; then the push took it out. When it is "
           "unparked, a sleeper is no business of the push any more";
    list_init(&shared_.sleepers);
    run_queue_init(&shared_.tasks);
  }
}

TEST_F(SharedQueueStep, WhoIsUnparkedIsLeftAlone) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    sleeper_init(&sleepers_[0]);
    LieDown(0);
    EXPECT_TRUE(LeavesAlone(
        0, [&] { Push(0); }, &came, nth))
        << "Q4: the push writes to a sleeper that it has unparked: that one is "
           "awake, and may be gone, with its memory";
    run_queue_init(&shared_.tasks);
  }
}

TEST_F(SharedQueueStep, TwoPushesAtOnce) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    bool is_pushed = false;
    came = InterruptAt(
        nth, [&] { Push(0); },
        [&] {
          if (!IsFree(&shared_.lock)) return;
          Push(1);
          is_pushed = true;
        });
    int count = 0;
    while (run_queue_pop(&shared_.tasks) != nullptr) count++;
    EXPECT_EQ(is_pushed ? 2 : 1, count)
        << "Q1: two pushes at the same time, and a task was lost: the lock is "
           "for this";
  }
}

TEST_F(SharedQueueStep, TwoTakeAtOnce) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    struct task *mine = nullptr, *other = nullptr;
    for (int i = 0; i < 2; i++) Push(i);
    came = InterruptAt(
        nth, [&] { mine = Take(0); },
        [&] {
          if (IsFree(&shared_.lock)) other = Take(1);
        });
    if (other == nullptr) other = Take(1);
    EXPECT_EQ(1, Number(mine) + Number(other))
        << "Q1: two take at the same time: each task is taken by one worker";
    run_queue_init(&shared_.tasks);
  }
}

TEST_F(SharedQueueStep, AWorkerSleepsUntilThereIsATask) {
  Taker taker(&shared_, &sleepers_[0]);
  EXPECT_TRUE(taker.SoonAsleep())
      << "Q2: who finds nothing joins the sleepers, "
         "and sleeps";
  EXPECT_FALSE(taker.is_done()) << "Q2: there is nothing to take";
  Push(0);
  EXPECT_TRUE(HasFailure() || taker.SoonDone()) << "Q3: the push wakes it";
  if (!taker.is_done()) parker_unpark(&sleepers_[0].parker);
  EXPECT_EQ(0, Number(taker.Join())) << "Q1: and it takes the task";
  EXPECT_EQ(1u, sleepers_[0].parks) << "Q2: it has slept, once";
  EXPECT_FALSE(Sleeps(0)) << "Q4: it is awake, and among the sleepers";
}

TEST_F(SharedQueueStep, WhoIsWokenInVainSleepsAgain) {
  Taker taker(&shared_, &sleepers_[0]);
  ASSERT_TRUE(taker.SoonAsleep()) << "Q2: who finds nothing sleeps";
  // As a push whose task somebody else has taken already.
  pthread_mutex_lock(&shared_.lock);
  list_remove(&sleepers_[0].link);
  pthread_mutex_unlock(&shared_.lock);
  parker_unpark(&sleepers_[0].parker);
  EXPECT_TRUE(Eventually("a worker that was woken in vain joins the sleepers",
                         [&] { return Sleeps(0); }))
      << "Q4: woken in vain it sleeps again, and must join the sleepers "
         "again: else no push will ever find it";
  Push(0);
  if (HasFailure()) parker_unpark(&sleepers_[0].parker);
  EXPECT_EQ(0, Number(taker.Join())) << "Q1: it takes the task";
  EXPECT_EQ(2u, sleepers_[0].parks) << "Q4: it has slept twice";
}

TEST_F(SharedQueueStep, OfTwoTheLastWhoFellAsleepIsWoken) {
  Taker first(&shared_, &sleepers_[0]);
  ASSERT_TRUE(first.SoonAsleep());
  {
    Taker last(&shared_, &sleepers_[1]);
    ASSERT_TRUE(last.SoonAsleep());
    Push(0);
    Eventually("one of them gets the task",
               [&] { return first.is_done() || last.is_done(); });
    EXPECT_TRUE(last.is_done() && !first.is_done())
        << "Q3: the one that fell asleep last: its cache is the warmest";
    Push(1);  // the other one, whichever it is
  }
  EXPECT_EQ(1, Number(first.Join()));
}

// Something comes once: in the middle of a take that finds nothing, or else
// when the worker sleeps. Should it sleep afterwards all the same, somebody
// sees it and ends it by force.
class LostWake {
 public:
  LostWake(struct sleeper *sleeper, std::function<void()> come)
      : sleeper_(sleeper),
        come_(std::move(come)),
        worker_(ThisThread()),
        thread_([this] { Watch(); }) {}
  void Come() {
    if (is_claimed_.exchange(true)) return;
    come_();
    has_come_ = true;
  }
  // True if it slept although there was something to do.
  bool End() {
    is_over_ = true;
    thread_.join();
    return is_lost_;
  }

 private:
  void Watch() {
    for (; !is_over_; std::this_thread::yield()) {
      bool had_come = has_come_;
      if (!gate::IsAsleep(worker_) || is_over_) continue;
      if (had_come) {
        is_lost_ = true;
        parker_unpark(&sleeper_->parker);
        return;
      }
      Come();
    }
  }
  struct sleeper *sleeper_;
  std::function<void()> come_;
  int worker_;
  std::atomic<bool> is_claimed_{false}, has_come_{false}, is_over_{false};
  bool is_lost_ = false;
  std::thread thread_;
};

// It has joined the sleepers, and does not park yet.
TEST_F(SharedQueueStep, APushBeforeItParks) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    struct task *got = nullptr;
    LostWake watch(&sleepers_[0], [&] { Push(0); });
    came = InterruptAt(
        nth, [&] { got = Take(0); },
        [&] {
          if (IsFree(&shared_.lock) && Sleeps(0)) watch.Come();
        });
    EXPECT_FALSE(watch.End())
        << "Q2: a push took it from the sleepers and unparked it before it "
           "parked, and then it parked all the same. Its parker remembers an "
           "unpark (K2), and ends the next park at once; unless it is made "
           "anew in between";
    EXPECT_EQ(0, Number(got)) << "Q1: it takes the task";
  }
}

TEST_F(SharedQueueStep, APushWhileAWorkerFallsAsleep) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    struct task *got = nullptr;
    LostWake watch(&sleepers_[0], [&] { Push(0); });
    came = InterruptAt(
        nth, [&] { got = Take(0); },
        [&] {
          if (IsFree(&shared_.lock)) watch.Come();
        });
    EXPECT_FALSE(watch.End())
        << "Q2: a push came after the look and before the worker was among the "
           "sleepers: it woke nobody, and the worker sleeps beside a full "
           "queue. Look and join under the same lock";
    EXPECT_EQ(0, Number(got)) << "Q1: it takes the task";
    EXPECT_FALSE(Sleeps(0)) << "Q4: it is awake, and among the sleepers";
  }
}

// A push comes in the middle of a take, and wakes a worker that finds the task
// by itself, perhaps. Then there is nothing, and the worker takes again.
TEST_F(SharedQueueStep, AfterAPushInBetweenItTakesAgain) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    struct task *got = nullptr;
    LostWake watch(&sleepers_[0], [&] { Push(0); });
    came = InterruptAt(
        nth, [&] { got = Take(0); },
        [&] {
          if (IsFree(&shared_.lock)) watch.Come();
        });
    EXPECT_FALSE(watch.End()) << "Q2: it sleeps beside a full queue";
    EXPECT_EQ(0, Number(got)) << "Q1: it takes the task";
    Taker again(&shared_, &sleepers_[0]);
    EXPECT_TRUE(again.SoonAsleep() && IsTheOnlySleeper(0))
        << "Q4: it joined the sleepers, and joined them again without having "
           "left: now it is in the list twice, and that is no list any more. A "
           "push had unparked it, and it found the task by itself; so its next "
           "park was over at once";
    if (HasFailure()) list_init(&shared_.sleepers);
    Push(1);
    if (HasFailure()) parker_unpark(&sleepers_[0].parker);
    EXPECT_EQ(1, Number(again.Join())) << "Q1: it takes the task";
  }
}

TEST_F(SharedQueueStep, EachTaskIsTakenByOneWorker) {
  constexpr int kTasks = 600, kWorkers = 3;
  std::vector<struct task *> many;
  for (int i = 0; i < kTasks + kWorkers; i++)
    many.push_back(Create(scripts_.front()));
  std::atomic<int> taken[kTasks + kWorkers] = {};
  auto number = [&](struct task *task) {
    return int(std::find(many.begin(), many.end(), task) - many.begin());
  };
  std::vector<std::thread> workers;
  for (int w = 0; w < kWorkers; w++)
    workers.emplace_back([&, w] {
      int i;
      do {
        i = number(Take(w));
        if (i < kTasks + kWorkers) taken[i]++;
      } while (i < kTasks);  // the last ones say: enough
    });
  for (struct task *task : many) shared_queue_push(&shared_, task);
  for (std::thread &worker : workers) worker.join();
  int wrong = 0;
  for (std::atomic<int> &times : taken) wrong += times != 1;
  EXPECT_EQ(0, wrong) << "Q1: each task is taken by one worker, once";
  for (struct task *task : many) task_unref(task);
}

TEST_F(SharedQueueStep, EverythingUnderTheLock) {
  constexpr char kWhy[] =
      "Q2: the tasks and the sleepers are under the queue's lock, to look at "
      "them, too: without it that is a data race";
  LieDown(1);
  EXPECT_TRUE(TouchesQueueLocked([&] { Push(0); })) << kWhy;
  EXPECT_TRUE(TouchesQueueLocked([&] { Take(0); })) << kWhy;
}

// 11.5: everybody up.
class CloseQueueStep : public SharedQueueStep {};

TEST_F(CloseQueueStep, WhatIsThereIsTakenFirst) {
  for (int i = 0; i < 2; i++) Push(i);
  shared_queue_close(&shared_);
  for (int i = 0; i < 2; i++)
    EXPECT_EQ(i, Number(Take(0))) << "Q5: take returns what is there";
  EXPECT_TRUE(shared_.is_closed) << "Q5: it is closed";
  if (HasFailure()) return;
  EXPECT_EQ(nullptr, Take(0)) << "Q5: then NULL, and nobody sleeps";
  EXPECT_FALSE(Sleeps(0)) << "Q5: it is told to go, and is among the sleepers "
                             "still: who goes must not be in the list";
  EXPECT_EQ(nullptr, Take(0)) << "Q5: for good";
  EXPECT_EQ(0u, sleepers_[0].parks) << "Q5: nobody sleeps";
  EXPECT_FALSE(Sleeps(0)) << "Q5: nobody sleeps";
}

TEST_F(CloseQueueStep, WhatComesAfterTheCloseIsTaken) {
  shared_queue_close(&shared_);
  Push(0);
  EXPECT_EQ(0, Number(Take(0)))
      << "Q5: a task that is pushed when the queue is closed is queued, and "
         "taken: there is nobody else who would give it a turn";
  EXPECT_EQ(nullptr, Take(0)) << "Q5: then NULL";
}

TEST_F(CloseQueueStep, WhoIsUnparkedIsLeftAlone) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    shared_.is_closed = false;
    for (int i = 0; i < 2; i++) {
      sleeper_init(&sleepers_[i]);
      LieDown(i);
    }
    EXPECT_TRUE(LeavesAlone(
        1, [&] { shared_queue_close(&shared_); }, &came, nth))
        << "Q4: the close writes to a sleeper that it has unparked: that one "
           "is awake, and may be gone, with its memory";
  }
}

TEST_F(CloseQueueStep, AllAreWoken) {
  for (int i = 0; i < 3; i++) LieDown(i);
  shared_queue_close(&shared_);
  for (int i = 0; i < 3; i++) {
    EXPECT_TRUE(IsUnparked(i)) << "Q5: nobody sleeps: it wakes everybody";
    EXPECT_FALSE(Sleeps(i)) << "Q4: who is unparked is no sleeper";
  }
}

TEST_F(CloseQueueStep, WithoutTheLockItUnparksAll) {
  bool came = true, was_free = true, is_out = true, is_up[2] = {};
  SleepersWatch watch(&shared_);
  for (long nth = 1; came && !HasFailure(); nth++) {
    shared_.is_closed = false;
    for (int i = 0; i < 2; i++) {
      sleeper_init(&sleepers_[i]);
      LieDown(i);
    }
    came = InterruptAt(
        nth, [&] { shared_queue_close(&shared_); },
        [&] {
          watch.Look();
          for (int i = 0; i < 2; i++) {
            if (is_up[i] || !IsUnparked(i)) continue;
            is_up[i] = true;  // just now
            if (!IsFree(&shared_.lock)) was_free = false;
            if (list_is_linked(&sleepers_[i].link)) is_out = false;
          }
        });
    EXPECT_TRUE(was_free) << "Q5, Q3: it unparks without the lock";
    EXPECT_TRUE(is_out)
        << "Q4: it unparks a sleeper that is in a list still, and takes it out "
           "then: that one is awake, and may be gone";
    EXPECT_TRUE(watch.is_locked())
        << "Q5: the sleepers are the queue's, and under its lock: it changes "
           "their list without it, while a push may do the same";
  }
}

TEST_F(CloseQueueStep, ThreeWhoSleepGoHome) {
  Taker one(&shared_, &sleepers_[0]), two(&shared_, &sleepers_[1]),
      three(&shared_, &sleepers_[2]);
  ASSERT_TRUE(one.SoonAsleep() && two.SoonAsleep() && three.SoonAsleep());
  shared_queue_close(&shared_);
  EXPECT_TRUE(one.SoonDone() && two.SoonDone() && three.SoonDone())
      << "Q5: after the close nobody sleeps";
  shared_.is_closed = true;
  for (int i = 0; i < 3; i++) parker_unpark(&sleepers_[i].parker);
  EXPECT_EQ(nullptr, one.Join()) << "Q5: closed and empty: NULL";
  EXPECT_EQ(nullptr, two.Join()) << "Q5: closed and empty: NULL";
  EXPECT_EQ(nullptr, three.Join()) << "Q5: closed and empty: NULL";
}

TEST_F(CloseQueueStep, ClosedWhileAWorkerFallsAsleep) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    struct task *got = tasks_[0];
    shared_.is_closed = false;
    LostWake watch(&sleepers_[0], [&] { shared_queue_close(&shared_); });
    came = InterruptAt(
        nth, [&] { got = Take(0); },
        [&] {
          if (IsFree(&shared_.lock)) watch.Come();
        });
    EXPECT_FALSE(watch.End()) << "Q5: it sleeps at a queue that is closed: "
                                 "nobody will ever wake it";
    EXPECT_EQ(-1, Number(got)) << "Q5: closed and empty: NULL";
  }
}

// The last task of all comes, and then the end.
TEST_F(CloseQueueStep, APushAndTheCloseWhileAWorkerFallsAsleep) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    struct task *got = nullptr;
    shared_.is_closed = false;
    LostWake watch(&sleepers_[0], [&] {
      Push(0);
      shared_queue_close(&shared_);
    });
    came = InterruptAt(
        nth, [&] { got = Take(0); },
        [&] {
          if (IsFree(&shared_.lock)) watch.Come();
        });
    EXPECT_FALSE(watch.End()) << "Q5: it sleeps at a queue that is closed: "
                                 "nobody will ever wake it";
    EXPECT_EQ(0, Number(got))
        << "Q5: a task was pushed and the queue closed after it had looked, "
           "and it goes home beside a task: look for both under one lock";
  }
}

// A worker looks for something in the middle of the close.
TEST_F(CloseQueueStep, SomebodyFallsAsleepMeanwhile) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    shared_.is_closed = false;
    sleeper_init(&sleepers_[0]);
    bool is_in = false;
    came = InterruptAt(
        nth, [&] { shared_queue_close(&shared_); },
        [&] {
          if (!IsFree(&shared_.lock) || shared_.is_closed) return;
          LieDown(0);  // what take does under the lock
          is_in = true;
        });
    EXPECT_EQ(is_in, IsUnparked(0))
        << "Q5: it fell asleep while the queue was closed, and was not woken: "
           "say that it is closed and take all sleepers under the same lock";
    EXPECT_FALSE(Sleeps(0)) << "Q5: nobody sleeps";
  }
}

TEST_F(CloseQueueStep, EverythingUnderTheLock) {
  constexpr char kWhy[] =
      "Q5: the tasks, the sleepers and whether it is closed are under the "
      "queue's lock, to look at them, too: without it that is a data race";
  LieDown(1);
  EXPECT_TRUE(TouchesQueueLocked([&] { shared_queue_close(&shared_); }))
      << kWhy;
  shared_.is_closed = false;
  EXPECT_TRUE(TouchesIsClosedLocked([&] { shared_queue_close(&shared_); }))
      << kWhy;
  EXPECT_TRUE(TouchesIsClosedLocked([&] { Push(0); })) << kWhy;
  for (int i = 0; i < 2 && !HasFailure(); i++) {
    EXPECT_TRUE(TouchesIsClosedLocked([&] { Take(0); })) << kWhy;
  }
}

// 11.6: guests.
class VisitsStep : public gate::Step {
 protected:
  void SetUp() override {
    gate::Step::SetUp();
    memset(&visits_, kOld, sizeof visits_);
    visits_init(&visits_);
    gate::OnHang([this] { return GuestsInside(&visits_); });
  }
  struct visits visits_;
};

TEST_F(VisitsStep, NobodyIsInside) {
  visits_wait(&visits_);
  visits_begin(&visits_);
  EXPECT_EQ(1u, visits_.inside) << "V1: a guest has come";
  visits_end(&visits_);
  EXPECT_EQ(0u, visits_.inside) << "V1: and gone";
  visits_wait(&visits_);
}

TEST_F(VisitsStep, TwoGuests) {
  visits_begin(&visits_);
  visits_begin(&visits_);
  visits_end(&visits_);
  EXPECT_EQ(1u, visits_.inside) << "V2: one has gone, one is inside";
  visits_end(&visits_);
  EXPECT_EQ(0u, visits_.inside) << "V2: nobody is inside";
}

TEST_F(VisitsStep, TwoComeAtOnce) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    visits_init(&visits_);
    came = InterruptAt(
        nth, [&] { visits_begin(&visits_); }, [&] { visits_begin(&visits_); });
    EXPECT_EQ(came ? 2u : 1u, visits_.inside)
        << "V1: two came at once, and one was counted: come and count in one "
           "step";
  }
}

TEST_F(VisitsStep, TwoGoAtOnce) {
  bool came = true;
  for (long nth = 1; came && !HasFailure(); nth++) {
    visits_init(&visits_);
    visits_begin(&visits_);
    visits_begin(&visits_);
    came = InterruptAt(
        nth, [&] { visits_end(&visits_); }, [&] { visits_end(&visits_); });
    EXPECT_EQ(came ? 0u : 1u, visits_.inside)
        << "V1: two went at once, and one is counted still: the end would "
           "wait for ever";
  }
}

// The last guest goes while visits_wait() looks, or looks again.
TEST_F(VisitsStep, ItWaitsForTheLastGuest) {
  if (!CanInterrupt()) return;
  for (long nth = 1; nth <= 100 && !HasFailure(); nth++) {
    visits_begin(&visits_);
    visits_begin(&visits_);
    visits_end(&visits_);
    bool came = InterruptAt(
        nth, [&] { visits_wait(&visits_); }, [&] { visits_end(&visits_); });
    ASSERT_TRUE(came) << "V2: it returned, and somebody was inside";
  }
}

TEST_F(VisitsStep, TheWaitYields) {
  if (!CanInterrupt()) return;
  int before = yields, during = 0;
  visits_begin(&visits_);
  InterruptAt(
      500, [&] { visits_wait(&visits_); },
      [&] {
        during = yields;
        visits_end(&visits_);
      });
  EXPECT_LT(before, during)
      << "V2: the wait yields the processor: the guest may need this one to go";
}

TEST_F(VisitsStep, GuestsOnOtherThreads) {
  constexpr int kGuests = 3, kVisits = 2000;
  std::vector<std::thread> guests;
  int kept[kGuests] = {};  // what they did inside
  for (int i = 0; i < kGuests; i++) visits_begin(&visits_);
  for (int i = 0; i < kGuests; i++)
    guests.emplace_back([&, i] {
      for (int n = 0; n < kVisits; n++) {
        visits_begin(&visits_);
        kept[i]++;
        visits_end(&visits_);
      }
      visits_end(&visits_);
    });
  visits_wait(&visits_);
  for (int n : kept)
    EXPECT_EQ(kVisits, n) << "V3: what a guest did comes before the return";
  for (std::thread &guest : guests) guest.join();
}

}  // namespace
