// timer_fixture.h - a timer on a clock that the test holds, around a driver
// that only writes down what it was asked.
#ifndef TESTS_TIMER_TIMER_FIXTURE_H
#define TESTS_TIMER_TIMER_FIXTURE_H

#include <functional>
#include <vector>

#include "tests/support/gate.h"
#include "tests/support/probes.h"

extern "C" {
#include "chapters/07_timer/timer.h"
}

class InnerDriver {
 public:
  struct driver *driver() {
    return &own_.driver;
  }

  std::vector<int64_t> timeouts;     // of each park
  std::function<bool(int64_t)> act;  // what a park does; says: news
  gate::WakerProbe unparked{"unparker"};
  const struct waker *unparker = unparked.waker();  // a clone of it is lent out

 private:
  struct Own {
    struct driver driver;  // first
    InnerDriver *self;
  };
  static bool Park(struct driver *driver, int64_t timeout) {
    InnerDriver *self = reinterpret_cast<Own *>(driver)->self;
    self->timeouts.push_back(timeout);
    return self->act ? self->act(timeout) : false;
  }
  static struct waker Unparker(struct driver *driver) {
    return waker_clone(reinterpret_cast<Own *>(driver)->self->unparker);
  }
  static constexpr struct driver_ops kOps = {Park, Unparker};
  Own own_ = {{&kOps}, this};
};

class TimerFixture : public gate::Step {
 protected:
  void SetUp() override {
    gate::Step::SetUp();
    clock_init_paused(&clock_, kStart);
    clock_.advances_by_itself = false;
    timer_init(&timer_, &clock_, inner_.driver());
  }
  void TearDown() override {
    if (!HasFailure()) timer_end(&timer_);
    gate::Step::TearDown();
  }
  bool Park(int64_t timeout) { return driver_park(&timer_.driver, timeout); }
  // Time passes; the executor looks.
  void Pass(int64_t duration) {
    clock_advance(&clock_, duration);
    Park(0);
  }
  int64_t now() const { return clock_now(&clock_); }

  static constexpr int64_t kStart = SECONDS(1000);
  struct clock clock_;
  InnerDriver inner_;
  struct timer timer_;
};

#endif
