// waker.h - a waker for scenarios: it sets a flag that a thread can wait
// for, and counts its clones.
#ifndef TESTS_EXPLORE_WAKER_H
#define TESTS_EXPLORE_WAKER_H

#include "tests/explore/explore.h"

extern "C" {
#include "chapters/02_future/future.h"
#include "chapters/03_waker/waker.h"
}

namespace explore {

// Reset() it in setup, Check() it in the end.
class TestWaker {
 public:
  void Reset(const char *name = "the wake") {
    woken_.Reset(name);
    live_.Reset();
    wakes_.Reset();
    waker_ = {Operations(), this};
    context_.waker = &waker_;
  }
  struct waker *waker() {
    return &waker_;
  }
  struct context *context() {
    return &context_;
  }
  void Wait() { woken_.WaitAndTake(); }  // until it is woken; then anew
  int wakes() const { return wakes_.value(); }
  void CheckAllGivenBack() const {
    explore::Check(live_.value() == 0, "W2: every clone is consumed once");
  }

 private:
  static const struct waker_ops *Operations() {
    static const struct waker_ops ops = {Clone, Wake, WakeByRef, Drop};
    return &ops;
  }
  static TestWaker *Of(void *data) { return static_cast<TestWaker *>(data); }
  static struct waker Clone(void *data) {
    Of(data)->live_.Add();
    return {Operations(), data};
  }
  static void WakeByRef(void *data) {
    Of(data)->wakes_.Add();
    Of(data)->woken_.Set();
  }
  static void Wake(void *data) {
    WakeByRef(data);
    Drop(data);
  }
  static void Drop(void *data) { Of(data)->live_.Add(-1); }

  Flag woken_;
  Counter live_, wakes_;
  struct waker waker_;
  struct context context_;
};

// Polls until it is ready, after the first time only when it was woken.
inline void PollToEnd(struct future *future, TestWaker *task) {
  while (future_poll(future, task->context()) == POLL_PENDING) task->Wait();
}

}  // namespace explore

#endif
