// threads_fixture.h - tasks whose polls are pieces of the test, on any thread;
// a home with a scheduler that only takes note; latches that hold a worker.
#ifndef TESTS_THREADS_THREADS_FIXTURE_H
#define TESTS_THREADS_THREADS_FIXTURE_H

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/gate.h"
#include "tests/support/hang.h"
#include "tests/support/interrupt.h"
#include "tests/support/lock_looker.h"
#include "tests/support/panics.h"
#include "tests/support/probes.h"

extern "C" {
#include "chapters/03_waker/block_on.h"
#include "chapters/04_executor/task.h"
#include "chapters/04_executor/task_state.h"
#include "chapters/04_executor/task_waker.h"
#include "chapters/11_threads/home.h"
#include "chapters/11_threads/pool.h"
#include "chapters/11_threads/turn.h"
#include "chapters/common/panic.h"
}

namespace threads_test {

using gate::Allocations;
using gate::CanInterrupt;
using gate::Eventually;
using gate::InterruptAt;
using gate::IsFree;
using gate::Panics;

inline int ThisThread() { return static_cast<int>(syscall(SYS_gettid)); }

// What memory may hold that somebody else had before: an init sets all of it.
constexpr int kOld = 0xa5;

// What a step that hangs says of a lock that nobody gives back.
inline std::string KeptLock(pthread_mutex_t *lock, const char *whose) {
  return !gate::IsHeld(lock)
             ? ""
             : std::string("the lock of ") + whose +
                   " is held by a thread that sleeps, or that has gone on "
                   "without it: somewhere it is not given back, on a path that "
                   "returns early, perhaps, or it is taken twice";
}

inline std::string GuestsInside(const struct visits *visits) {
  uint32_t inside = __atomic_load_n(&visits->inside, __ATOMIC_RELAXED);
  if (inside == 0) return "";
  return std::to_string(inside) +
         (inside == 1 ? " guest is inside" : " guests are inside") +
         ": a visit has begun, and has not ended";
}

// Holds whoever passes until somebody opens it. What it is made of stays: after
// a failure a worker may be held for good.
class Latch {
 public:
  void Open() {
    std::lock_guard<std::mutex> guard(state_->lock);
    state_->is_open = true;
    state_->changed.notify_all();
  }
  void Pass() {
    State *state = state_;
    std::unique_lock<std::mutex> guard(state->lock);
    state->waiting++;
    state->changed.wait(guard, [state] { return state->is_open; });
  }
  int waiting() {
    std::lock_guard<std::mutex> guard(state_->lock);
    return state_->waiting;
  }

 private:
  struct State {
    std::mutex lock;
    std::condition_variable changed;
    bool is_open = false;
    int waiting = 0;  // or have passed
  };
  static State *Make() {
    static auto *all = new std::deque<State>;
    return &all->emplace_back();
  }
  State *state_ = Make();
};

class Script;

// What a task copies: plain bytes that point back to the script.
struct script_future {
  struct int_future base;
  Script *script;
};

// A future made of a lambda, which counts. It notes what must not be; the test
// asks afterwards, on its own thread.
class Script {
 public:
  using Poll = std::function<enum poll(struct context *cx)>;

  explicit Script(Poll poll) : poll_(std::move(poll)) {
    static const struct future_ops kOps = {DoPoll, DoDrop};
    value_.base.base.ops = &kOps;
    value_.base.result = 0;
    value_.script = this;
  }
  ~Script() { DropWaker(); }
  Script(const Script &) = delete;
  Script &operator=(const Script &) = delete;

  // For use inside the lambda.
  void KeepWaker(struct context *cx) {
    struct waker waker = waker_clone(cx->waker);
    {
      std::lock_guard<std::mutex> guard(lock_);
      waker_swap(&waker, &waker_);
    }
    waker_drop(&waker);
  }
  void SetResult(int result) { running_.load()->base.result = result; }
  void OnDrop(std::function<void()> drop) { drop_ = std::move(drop); }

  // For the test, on any thread.
  struct waker TakeWaker() {
    std::lock_guard<std::mutex> guard(lock_);
    return waker_take(&waker_);
  }
  void DropWaker() {
    struct waker waker = TakeWaker();
    waker_drop(&waker);
  }
  // False if there is no waker to wake.
  bool Wake() {
    struct waker waker = TakeWaker();
    if (waker.ops == nullptr) return false;
    waker_wake(&waker);
    return true;
  }
  // For an intruder, who may have come while this very thread keeps a waker.
  bool IsAtRest() {
    if (!lock_.try_lock()) return false;
    lock_.unlock();
    return true;
  }
  struct int_future *future() {
    return &value_.base;
  }
  // Spent and dropped, it is as good as new.
  void Renew() {
    is_ready_ = false;
    drops_ = 0;
  }
  static constexpr size_t kSize = sizeof(struct script_future);
  int polls() const { return polls_; }
  int drops() const { return drops_; }
  int dropped_by() const { return dropped_by_; }
  bool is_ready() const { return is_ready_; }

  // What is wrong, or nothing.
  std::string Wrong() const {
    if (overlapped_) return "Z3: a task had two turns at once";
    if (polled_again_) return "P4: a task was polled after POLL_READY";
    if (polled_dropped_) return "P5: a task was polled after its drop";
    if (drops_ > 1) return "P5: a task's future was dropped twice";
    return "";
  }

 private:
  static Script *Self(struct future *self) {
    return reinterpret_cast<struct script_future *>(self)->script;
  }
  static enum poll DoPoll(struct future *self, struct context *cx) {
    Script *script = Self(self);
    script->polls_++;
    if (script->inside_.exchange(true)) script->overlapped_ = true;
    if (script->is_ready_) script->polled_again_ = true;
    if (script->drops_ > 0) script->polled_dropped_ = true;
    script->running_ = reinterpret_cast<struct script_future *>(self);
    enum poll result = script->poll_(cx);
    if (result == POLL_READY) script->is_ready_ = true;
    script->inside_ = false;
    return result;
  }
  static void DoDrop(struct future *self) {
    Script *script = Self(self);
    if (script->inside_) script->overlapped_ = true;
    script->dropped_by_ = ThisThread();
    if (script->drop_) script->drop_();
    script->drops_++;
  }

  Poll poll_;
  std::function<void()> drop_;
  struct script_future value_ {};
  std::atomic<struct script_future *> running_{nullptr};
  std::mutex lock_;
  struct waker waker_ = {nullptr, nullptr};
  std::atomic<int> polls_{0}, drops_{0}, dropped_by_{0};
  std::atomic<bool> inside_{false}, is_ready_{false};
  std::atomic<bool> overlapped_{false}, polled_again_{false},
      polled_dropped_{false};
};

inline enum poll PollHandle(struct join_handle &handle,
                            struct context *context) {
  return future_poll(&handle.base.base, context);
}
inline void DropHandle(struct join_handle &handle) {
  future_drop(&handle.base.base);
}

// The scripts of a test.
class ScriptStep : public gate::Step {
 protected:
  void TearDown() override {
    for (Script &script : scripts_) {
      script.DropWaker();
      EXPECT_EQ("", script.Wrong());
    }
    gate::Step::TearDown();
  }
  // A script that lives as long as the test.
  Script &New(Script::Poll poll) {
    scripts_.emplace_back(std::move(poll));
    return scripts_.back();
  }
  // Keeps its waker and is pending until `*ready`; then its result is 7.
  Script &NewParked(const std::atomic<bool> *ready) {
    auto self = std::make_shared<Script *>();
    Script &script = New([self, ready](struct context *cx) {
      (*self)->KeepWaker(cx);
      if (!*ready) return POLL_PENDING;
      (*self)->DropWaker();
      (*self)->SetResult(7);
      return POLL_READY;
    });
    *self = &script;
    return script;
  }
  Script &NewReady(int result = 0) {
    auto self = std::make_shared<Script *>();
    Script &script = New([self, result](struct context *) {
      (*self)->SetResult(result);
      return POLL_READY;
    });
    *self = &script;
    return script;
  }

  std::deque<Script> scripts_;
};

// A home whose scheduler puts tasks in a queue of the test's. Nobody but the
// test gives turns.
class HomeStep : public ScriptStep {
 protected:
  void SetUp() override {
    ScriptStep::SetUp();
    gate::OnHang([this] { return KeptLock(&home_.lock, "the home"); });
    static const struct scheduler_ops ops = {Schedule, home_ref, home_unref};
    memset(&own_, kOld, sizeof own_);
    home_init(&own_.home, &ops);
    own_.step = this;
    run_queue_init(&queue_);
  }
  void End() {
    EXPECT_EQ(0u, home_.live) << "H1: nobody is left, and the home counts one";
    if (!HasFailure()) home_end(&home_);
  }
  struct task *Create(Script &script) {
    return task_create(&home_.scheduler, script.future(), Script::kSize);
  }
  // A task at home, that is scheduled and in no queue: as if just taken out.
  struct task *Adopt(Script &script) {
    struct task *task = Create(script);
    EXPECT_EQ(0, home_adopt(&home_, task)) << "H1: an open home adopts";
    return task;
  }
  // A task that leaves as it came: without a turn.
  bool Leave(struct task *task) {
    bool was_last = home_leave(task);
    task_unref(task);
    return was_last;
  }
  struct task *Pop() {
    return run_queue_pop(&queue_);
  }
  // Has the body the lock whenever it looks at what is under it?
  bool TouchesHomeLocked(const std::function<void()> &body) {
    auto *first = reinterpret_cast<const char *>(&home_.tasks);
    auto *end = reinterpret_cast<const char *>(&home_.is_closed + 1);
    return gate::TouchesLocked(first, size_t(end - first), &home_.lock, body);
  }
  size_t AtHome() {
    size_t count = 0;
    struct list *link;
    list_for_each(link, &home_.tasks) if (++count == 100) break;
    return count;  // 100: a list that has no end any more
  }

  struct Own {
    struct home home;
    HomeStep *step;
  };
  struct Own own_;
  struct home &home_ = own_.home;
  struct run_queue queue_;
  std::function<void(struct task *)> on_schedule_;
  int schedules_ = 0;
  bool schedules_free_ = true;        // the lock was free each time
  volatile bool is_pushing_ = false;  // an intruder must leave the queue alone

 private:
  static void Schedule(struct scheduler *self, struct task *task) {
    HomeStep *step = reinterpret_cast<struct Own *>(self)->step;
    step->schedules_++;
    if (!IsFree(&step->home_.lock)) step->schedules_free_ = false;
    step->is_pushing_ = true;
    run_queue_push(&step->queue_, task);
    step->is_pushing_ = false;
    if (step->on_schedule_) step->on_schedule_(task);
  }
};

}  // namespace threads_test

#endif
