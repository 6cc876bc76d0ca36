// script.h - tasks whose every poll runs a piece of the test.
#ifndef TESTS_04_EXECUTOR_SCRIPT_H
#define TESTS_04_EXECUTOR_SCRIPT_H

#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "tests/support/gate.h"
#include "tests/support/probes.h"

extern "C" {
#include "chapters/04_executor/executor.h"
#include "chapters/04_executor/remote_queue.h"
#include "chapters/04_executor/task.h"
#include "chapters/04_executor/task_state.h"
#include "chapters/04_executor/task_waker.h"
#include "chapters/04_executor/yield.h"
}

namespace executor_test {

class Script;

// What the executor copies: plain bytes that point back to the script.
struct script_future {
  struct int_future base;
  Script *script;
};

// A future made of a lambda, which counts. The fixture owns it (see New), so
// that it outlives its task even when a test ends early.
class Script {
 public:
  using Poll = std::function<enum poll(struct context *cx)>;

  explicit Script(Poll poll) : poll_(std::move(poll)) {
    static const struct future_ops kOps = {DoPoll, DoDrop};
    value_.base.base.ops = &kOps;
    value_.base.result = 0;
    value_.script = this;
  }
  ~Script() { waker_drop(&waker_); }
  Script(const Script &) = delete;
  Script &operator=(const Script &) = delete;

  int Spawn(struct executor *executor, struct join_handle *handle = nullptr) {
    return executor_spawn(executor, &value_.base, sizeof value_, handle);
  }

  // For use inside the lambda.
  void KeepWaker(struct context *cx) {
    waker_drop(&waker_);
    waker_ = waker_clone(cx->waker);
  }
  void SetResult(int result) { running_->base.result = result; }

  struct waker *waker() {
    return &waker_;
  }  // the one kept, or empty
  const struct script_future &value() const { return value_; }
  int polls() const { return polls_; }
  int drops() const { return drops_; }
  bool was_ready() const { return was_ready_; }
  void OnDrop(std::function<void()> drop) { drop_ = std::move(drop); }

 private:
  static enum poll DoPoll(struct future *self, struct context *cx) {
    auto *future = reinterpret_cast<struct script_future *>(self);
    Script *script = future->script;

    script->polls_++;
    EXPECT_FALSE(script->was_ready_) << "P4: polled after POLL_READY";
    EXPECT_EQ(0, script->drops_) << "P5: polled after its drop";
    script->running_ = future;
    enum poll result = script->poll_(cx);
    if (result == POLL_READY) script->was_ready_ = true;
    return result;
  }
  static void DoDrop(struct future *self) {
    Script *script = reinterpret_cast<struct script_future *>(self)->script;

    script->drops_++;
    if (script->drop_) script->drop_();
  }

  Poll poll_;
  std::function<void()> drop_;
  struct script_future value_ {};
  struct script_future *running_ = nullptr;
  struct waker waker_ = {nullptr, nullptr};
  int polls_ = 0;
  int drops_ = 0;
  bool was_ready_ = false;
};

// The base of the steps: an executor that is set up and ended.
class ExecutorStep : public gate::Step {
 protected:
  void SetUp() override {
    Step::SetUp();
    memset(&executor_, 0xa5, sizeof executor_);  // as somebody else left it
    ASSERT_EQ(0, executor_init(&executor_));
    is_up_ = true;
  }
  void TearDown() override {
    End();
    for (Script &script : scripts_) waker_drop(script.waker());
    Step::TearDown();
  }
  void End() {
    if (is_up_) executor_end(&executor_);
    is_up_ = false;
  }
  // A script that lives as long as the test.
  Script &New(Script::Poll poll) {
    scripts_.emplace_back(std::move(poll));
    return scripts_.back();
  }
  // A script that keeps its waker and is pending until `*ready`.
  Script &NewParked(const bool *ready) {
    auto self = std::make_shared<Script *>();
    Script &script = New([self, ready](struct context *cx) {
      if (*ready) return POLL_READY;
      (*self)->KeepWaker(cx);
      return POLL_PENDING;
    });
    *self = &script;
    return script;
  }
  int Spawn(const gate::FutureProbe &probe,
            struct join_handle *handle = nullptr) {
    return executor_spawn(&executor_, &probe.value().base, sizeof probe.value(),
                          handle);
  }
  // Gives turns until none is due, `limit` at most; returns how many it were.
  int Turns(int limit = 100) {
    int turns = 0;
    while (turns < limit && executor_try_turn(&executor_)) turns++;
    return turns;
  }

  struct executor executor_;
  bool is_up_ = false;

 private:
  std::deque<Script> scripts_;
};

inline void Drop(struct join_handle *handle) {
  future_drop(&handle->base.base);
}

inline uint64_t References(const struct join_handle &handle) {
  return task_state_references(handle.task);
}

}  // namespace executor_test

#endif
