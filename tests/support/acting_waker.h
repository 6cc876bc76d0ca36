// acting_waker.h - a waker whose wake does what the test says.
#ifndef TESTS_SUPPORT_ACTING_WAKER_H
#define TESTS_SUPPORT_ACTING_WAKER_H

#include <functional>

extern "C" {
#include "chapters/03_waker/waker.h"
}

// A waker that runs a function, once or more; it has no state to leak.
class ActingWaker {
 public:
  explicit ActingWaker(std::function<void()> act)
      : act_(act), waker_{&kOps, this}, context_{&waker_} {}
  struct context *context() {
    return &context_;
  }
  const struct waker *waker() const { return &waker_; }

 private:
  static struct waker Clone(void *data) { return {&kOps, data}; }
  static void Wake(void *data) { static_cast<ActingWaker *>(data)->act_(); }
  static void Drop(void *) {}
  static constexpr struct waker_ops kOps = {Clone, Wake, Wake, Drop};

  std::function<void()> act_;
  struct waker waker_;
  struct context context_;
};

#endif
