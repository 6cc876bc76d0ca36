// ticks.h - the moments at which a gate may interrupt the code under test.
//
// Two threads see each other at accesses to memory and at calls. Code that is
// built with the hooks says so before each of them, and when a function
// returns: a tick. Outside of an exploration a thread may count its ticks, and
// act at the last one (tests/support/interrupt.h). On a thread that does not
// count, a tick is one look at a pointer.
#ifndef TESTS_EXPLORE_TICKS_H
#define TESTS_EXPLORE_TICKS_H

#include <cstddef>
#include <functional>

namespace explore {

struct Countdown {
  long left;  // ticks, with the one at which it acts
  const std::function<void()> *act;
  // If not null it acts at each access to these bytes instead.
  const volatile void *watched = nullptr;
  size_t size = 0;
};

// Of this thread; null: it does not count. Near the thread's register also
// where this is part of a shared object.
extern __thread Countdown *countdown __attribute__((tls_model("initial-exec")));

// True if any code that is built with the hooks was loaded.
extern bool has_hooks;

void CountDown(const volatile void *address, size_t size);

// Before an access to `size` bytes there; null: something else.
inline void Tick(const volatile void *address = nullptr, size_t size = 0) {
  if (__builtin_expect(countdown != nullptr, 0)) CountDown(address, size);
}

// A call of the code under test, for the function that stands in for it: one
// tick, before it happens. Locks that the stand-in uses itself are none.
class Call {
 public:
  Call() {
    Tick();
    outside_ = countdown;
    countdown = nullptr;
  }
  ~Call() { countdown = outside_; }
  Call(const Call &) = delete;
  Call &operator=(const Call &) = delete;

 private:
  Countdown *outside_;
};

}  // namespace explore

#endif
