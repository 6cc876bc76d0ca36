// worker_fixture.h - tasks that are pieces of the test; and a scheduler whose
// workers are the test's own thread, one at a time: what happens, happens in
// an order that is always the same.
#ifndef TESTS_WORK_STEALING_WORKER_FIXTURE_H
#define TESTS_WORK_STEALING_WORKER_FIXTURE_H

#include <algorithm>
#include <cerrno>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "tests/12_work_stealing/bed_fixture.h"
#include "tests/support/hang.h"
#include "tests/support/lock_looker.h"

extern "C" {
#include "chapters/04_executor/executor.h"
#include "chapters/04_executor/task.h"
#include "chapters/12_work_stealing/work_stealing.h"
#include "chapters/12_work_stealing/worker.h"
}

namespace stealing_test {

using gate::IsFree;

class Script;

struct script_future {
  struct int_future base;
  Script *script;
};

// A future made of a lambda.
class Script {
 public:
  using Poll = std::function<enum poll(Script &, struct context *)>;

  Script(std::string name, Poll poll)
      : name_(std::move(name)), poll_(std::move(poll)) {
    static const struct future_ops kOps = {DoPoll, DoDrop};
    value_.base.base.ops = &kOps;
    value_.base.result = 0;
    value_.script = this;
  }
  ~Script() { DropWaker(); }
  Script(const Script &) = delete;

  const std::string &name() const { return name_; }
  struct int_future *future() {
    return &value_.base;
  }
  void OnPoll(std::function<void(Script &)> act) { on_poll_ = std::move(act); }
  void OnDrop(std::function<void(Script &)> act) { on_drop_ = std::move(act); }

  // In its poll: keeps the waker.
  enum poll Wait(struct context *cx) {
    struct waker waker = waker_clone(cx->waker);
    std::swap(waker, waker_);
    waker_drop(&waker);
    return POLL_PENDING;
  }
  void Wake() { waker_wake_by_ref(&waker_); }
  bool has_waker() const { return waker_.ops != nullptr; }
  void DropWaker() { waker_drop(&waker_); }
  int polls() const { return polls_; }
  int drops() const { return drops_; }

 private:
  static Script *Self(struct future *self) {
    return reinterpret_cast<struct script_future *>(self)->script;
  }
  static enum poll DoPoll(struct future *self, struct context *cx) {
    Script *script = Self(self);
    script->polls_++;
    if (script->on_poll_) script->on_poll_(*script);
    return script->poll_(*script, cx);
  }
  static void DoDrop(struct future *self) {
    Script *script = Self(self);
    script->DropWaker();
    script->drops_++;
    if (script->on_drop_) script->on_drop_(*script);
  }

  std::string name_;
  Poll poll_;
  std::function<void(Script &)> on_poll_, on_drop_;
  struct script_future value_ {};
  struct waker waker_ = {nullptr, nullptr};
  std::atomic<int> polls_{0}, drops_{0};
};

class SchedulerStep : public gate::Step {
 protected:
  static constexpr size_t kSize = sizeof(struct script_future);

  // After a failure threads or tasks may be about still: what they use stays.
  void TearDown() override {
    gate::NoStory();
    if (HasFailure()) {
      new std::deque<Script>(std::move(scripts_));
      scheduler_.release();
    }
    scripts_.clear();
    gate::Step::TearDown();
  }
  Script &New(std::string name, Script::Poll poll) {
    scripts_.emplace_back(std::move(name), std::move(poll));
    Script &script = scripts_.back();
    script.OnPoll([this](Script &self) { Log(self.name()); });
    script.OnDrop([this](Script &) {
      if (--live_ == 0 && on_last_) on_last_();
    });
    return script;
  }
  // Ready at once.
  Script &NewReady(std::string name) {
    return New(std::move(name),
               [](Script &, struct context *) { return POLL_READY; });
  }
  // Wakes itself, so often, and is ready then.
  Script &NewYielding(std::string name, int times) {
    return New(std::move(name), [times](Script &self, struct context *cx) {
      if (self.polls() > times) return POLL_READY;
      context_wake(cx);
      return POLL_PENDING;
    });
  }
  // Waits to be woken, once.
  Script &NewWaiting(std::string name) {
    return New(std::move(name), [](Script &self, struct context *cx) {
      return self.polls() == 1 ? self.Wait(cx) : POLL_READY;
    });
  }
  int Spawn(Script &script, struct join_handle *handle = nullptr) {
    live_++;
    int error =
        work_stealing_spawn(scheduler_.get(), script.future(), kSize, handle);
    if (error < 0) live_--;
    return error;
  }
  void Log(const std::string &name) {
    std::lock_guard<std::mutex> guard(lock_);
    log_.push_back(name);
  }
  std::string Story() {
    std::string text;
    for (const std::string &name : log_)
      text += (text.empty() ? "" : " ") + name;
    return text;
  }
  long Turns(const std::string &name) {
    long turns = 0;
    for (const std::string &entry : log_) turns += entry == name;
    return turns;
  }
  // On a thread of its own, as one that is none of the scheduler's.
  static void Outside(const std::function<void()> &act) {
    std::thread(act).join();
  }
  struct worker &Worker(unsigned i) {
    return scheduler_->workers[i];
  }

  std::unique_ptr<struct work_stealing> scheduler_ =
      std::make_unique<struct work_stealing>();
  std::deque<Script> scripts_;
  std::atomic<int> live_{0};  // tasks that were spawned and not dropped
  std::function<void()> on_last_;
  std::mutex lock_;
  std::vector<std::string> log_;  // each poll
};

// Without threads.
class BenchStep : public SchedulerStep {
 protected:
  void Prepare(unsigned workers) {
    log_.clear();
    is_finished_ = false;
    driver_.Reset();
    ASSERT_EQ(0, work_stealing_prepare(scheduler_.get(), workers, &driver_));
    fresh_bed_ = Worker(0).sleeper.bed.state;
    on_last_ = [this] { Finish(); };
    on_idle_ = nullptr;
    driver_.on_look = nullptr;
    driver_.on_sleep = [this] {
      if (on_idle_ && driver_.sleeps <= 20) return on_idle_();
      if (!is_finished_)
        ADD_FAILURE() << "S8: the worker sleeps, and tasks are left: "
                      << "one was lost, or it lies in a queue where nobody "
                         "looks";
      Finish();
    };
  }
  // The worker's loop ends after this turn.
  void Finish() {
    if (is_finished_.exchange(true)) return;
    worker_finish_homes(scheduler_.get(), scheduler_->count + 1);
  }
  void RunHere(unsigned i = 0) { worker_run(&Worker(i)); }
  // On another thread, for the case that it goes round and round.
  void Run(unsigned i = 0) {
    std::atomic<bool> has_ended{false};
    std::thread thread([&] {
      RunHere(i);
      has_ended = true;
    });
    bool is_done = gate::Eventually("the worker has done all that there is",
                                    [&] { return bool(has_ended); });
    if (!is_done) Finish();
    thread.join();
    EXPECT_TRUE(is_done) << "S8: the worker neither sleeps nor finds the tasks "
                            "that are there";
  }
  void Release() {
    EXPECT_EQ(0, live_) << "S7: a task is left that had no last turn";
    if (!HasFailure()) work_stealing_release(scheduler_.get());
  }
  // What would be in the injector goes to that worker's ring.
  void SpawnTo(unsigned i, Script &script) {
    ASSERT_EQ(0, Spawn(script));
    struct task *task = injector_pop(&scheduler_->injector);
    ASSERT_NE(nullptr, task);
    local_queue_push(&Worker(i).queue, &scheduler_->injector, task);
  }
  // The task of a script, which is in no queue: for an intruder to queue.
  struct task *SpawnNowhere(Script &script) {
    EXPECT_EQ(0, Spawn(script));
    return injector_pop(&scheduler_->injector);
  }
  // As a worker that is not run would.
  bool FallAsleep(unsigned i) {
    return idle_fall_asleep(&scheduler_->idle, &Worker(i).sleeper, false);
  }
  // As it should: among the sleepers, it looks once more.
  void LookAndFallAsleep(unsigned i) {
    if (FallAsleep(i) &&
        (Injected() > 0 || local_queue_length(&Worker(0).queue) > 0))
      idle_get_up(&scheduler_->idle, &Worker(i).sleeper);
  }
  bool IsAsleep(unsigned i) {
    return idle_is_asleep(&scheduler_->idle, &Worker(i).sleeper);
  }
  bool IsDeputy(unsigned i) {
    return idle_is_deputy(&scheduler_->idle, &Worker(i).sleeper);
  }
  // The two halves of the word of idle.h.
  int Awake() const { return int(scheduler_->idle.state >> 16); }
  int Searching() const { return int(scheduler_->idle.state & 0xffff); }
  // Has that worker neither slept nor been woken? Who falls asleep and looks
  // once more wakes itself, and its bed keeps the notification.
  bool NeverWentToBed(unsigned i) {
    return Metric(&metrics::parks, i) == 0 &&
           Worker(i).sleeper.bed.state == fresh_bed_;
  }
  size_t Injected() { return injector_length(&scheduler_->injector); }
  uint64_t Metric(uint64_t metrics::*member, unsigned i = 0) {
    return work_stealing_metrics(scheduler_.get(), i)->*member;
  }

  FakeDriver driver_;
  std::function<void()> on_idle_;  // a worker sleeps
  uint32_t fresh_bed_ = 0;         // the state of a bed at first
  std::atomic<bool> is_finished_{false};
};

}  // namespace stealing_test

#endif
