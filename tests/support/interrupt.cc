// interrupt.cc - counts the places of the code under test down to the intruder.
#include "tests/support/interrupt.h"

#include <cstdio>
#include <cstdlib>

#include "tests/explore/ticks.h"

namespace gate {

bool CanInterrupt() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return false;
#else
  return true;
#endif
}

// Without the hooks every loop over all places would end at once, and all
// tests that have one would pass.
static void NeedHooks() {
  if (explore::has_hooks) return;
  fputs("no code in this program is built with the explorer's hooks\n", stderr);
  abort();
}

static void CountIn(explore::Countdown *own,
                    const std::function<void()> &body) {
  explore::Countdown *outer = explore::countdown;
  explore::countdown = own;
  body();
  explore::countdown = outer;
}

bool InterruptAt(long nth, const std::function<void()> &body,
                 const std::function<void()> &intruder) {
  if (!CanInterrupt()) return body(), false;
  NeedHooks();
  explore::Countdown own = {nth, &intruder};
  CountIn(&own, body);
  return own.left == 0;
}

bool InterruptTwice(long nth, long later, const std::function<void()> &body,
                    const std::function<void()> &first,
                    const std::function<void()> &second) {
  explore::Countdown next = {later, &second};
  InterruptAt(nth, body, [&] {
    first();
    explore::countdown = &next;
  });
  return next.left == 0;
}

void AtEachAccess(const volatile void *memory, size_t size,
                  const std::function<void()> &body,
                  const std::function<void()> &act) {
  if (!CanInterrupt()) return body();
  NeedHooks();
  explore::Countdown watch = {0, &act, memory, size};
  CountIn(&watch, body);
}

bool TouchesLocked(const volatile void *memory, size_t size,
                   pthread_mutex_t *lock, const std::function<void()> &body) {
  bool is_locked = true;
  AtEachAccess(memory, size, body, [&] {
    if (pthread_mutex_trylock(lock) != 0) return;
    pthread_mutex_unlock(lock);
    is_locked = false;
  });
  return is_locked;
}

}  // namespace gate
