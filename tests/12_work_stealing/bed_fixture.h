// bed_fixture.h - a driver that never sleeps, and notes how it was used.
#ifndef TESTS_WORK_STEALING_BED_FIXTURE_H
#define TESTS_WORK_STEALING_BED_FIXTURE_H

#include <unistd.h>

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "tests/support/gate.h"
#include "tests/support/interrupt.h"
#include "tests/support/probes.h"

extern "C" {
#include "chapters/12_work_stealing/bed.h"
}

namespace stealing_test {

using gate::InterruptAt;

// Where a real driver would sleep, it asks the test what happens, and returns.
struct FakeDriver : driver {
  FakeDriver() : driver{&kOps} {}
  void Reset() {
    looks = sleeps = wakes = wakers = 0;
    is_stuck = false;
  }

  std::function<void()> on_sleep, on_look, on_wake;
  int looks = 0;   // parks with a timeout of 0
  int sleeps = 0;  // all others
  int64_t timeout = 0;
  int wakes = 0;   // of its unparker
  int wakers = 0;  // unparkers that were not dropped
  bool is_stuck = false;

 private:
  static FakeDriver *Self(void *driver) {
    return static_cast<FakeDriver *>(driver);
  }
  static bool Park(struct driver *self, int64_t timeout) {
    FakeDriver *driver = static_cast<FakeDriver *>(self);
    driver->timeout = timeout;
    (timeout == 0 ? driver->looks : driver->sleeps)++;
    auto &act = timeout == 0 ? driver->on_look : driver->on_sleep;
    if (act) act();
    return true;
  }
  static struct waker Unparker(struct driver *self) {
    FakeDriver *driver = static_cast<FakeDriver *>(self);
    driver->wakers++;
    return {&kWakerOps, driver};
  }
  static struct waker Clone(void *data) {
    Self(data)->wakers++;
    return {&kWakerOps, data};
  }
  static void Wake(void *data) {
    WakeByRef(data);
    Self(data)->wakers--;
  }
  static void WakeByRef(void *data) {
    Self(data)->wakes++;
    if (Self(data)->on_wake) Self(data)->on_wake();
  }
  static void Drop(void *data) { Self(data)->wakers--; }

  static constexpr struct driver_ops kOps = {Park, Unparker};
  static constexpr struct waker_ops kWakerOps = {Clone, Wake, WakeByRef, Drop};
};

}  // namespace stealing_test

#endif
