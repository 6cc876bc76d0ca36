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

bool InterruptAt(long nth, const std::function<void()> &body,
                 const std::function<void()> &intruder) {
  if (!CanInterrupt()) return body(), false;
  NeedHooks();
  explore::Countdown own = {nth, &intruder};
  explore::Countdown *outer = explore::countdown;
  explore::countdown = &own;
  body();
  explore::countdown = outer;
  return own.left == 0;
}

}  // namespace gate
