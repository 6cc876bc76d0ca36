// runtime_test.cc - step 7.10 once more: clock, reactor, timer and executor as
// one.
#include <cerrno>
#include <cstring>

#include "tests/support/epoll.h"
#include "tests/support/gate.h"
#include "tests/support/probes.h"

extern "C" {
#include "chapters/07_timer/runtime.h"
#include "chapters/07_timer/sleep.h"
}

namespace {

using gate::Allocations;

class RuntimeStep : public gate::Step {
 protected:
  void SetUp() override {
    gate::Step::SetUp();
    memset(&runtime_, 0xa5, sizeof runtime_);  // as somebody else left it
  }
  struct runtime runtime_;
};

TEST_F(RuntimeStep, ASleepOnIt) {
  struct sleep sleep;
  ASSERT_EQ(0, runtime_init(&runtime_)) << "runtime_init() is given, and fails";
  // Time that stands until all sleep: a machine may be as slow as it likes.
  clock_init_paused(&runtime_.clock, clock_now(&runtime_.clock));
  runtime_.clock.advances_by_itself = true;
  sleep_init(&sleep, &runtime_.timer, MILLISECONDS(1));
  int64_t start = timer_now(&runtime_.timer);
  ASSERT_EQ(0, executor_spawn(&runtime_.executor, &sleep.base, sizeof sleep,
                              nullptr));
  executor_run(&runtime_.executor);
  EXPECT_LE(start + MILLISECONDS(1), timer_now(&runtime_.timer))
      << "T2: never early";
  EXPECT_LT(0, gate::Epoll::waits()) << "it sleeps in the reactor";
  runtime_end(&runtime_);
}

TEST_F(RuntimeStep, TasksThatAreLeftAreCancelled) {
  struct sleep sleep;
  ASSERT_EQ(0, runtime_init(&runtime_)) << "runtime_init() is given, and fails";
  sleep_init(&sleep, &runtime_.timer, SECONDS(1000));
  ASSERT_EQ(0, executor_spawn(&runtime_.executor, &sleep.base, sizeof sleep,
                              nullptr));
  executor_try_turn(&runtime_.executor);
  runtime_end(&runtime_);
}

// What was made before the part that fails is given back.
TEST_F(RuntimeStep, EachAllocationFails) {
  int error = -1;
  for (long nth = 1; error != 0 && nth < 20; nth++) {
    Allocations::FailNth(nth);
    error = runtime_init(&runtime_);
    Allocations::FailNth(0);
    if (error == 0) runtime_end(&runtime_);
  }
  EXPECT_EQ(0, error) << "it fails although all memory is there";
}

}  // namespace
