// ticks.cc - counts them down.
#include "tests/explore/ticks.h"

namespace explore {

__thread Countdown *countdown;
bool has_hooks;

void CountDown() {
  Countdown *now = countdown;
  if (--now->left > 0) return;
  countdown = nullptr;  // what it does has no ticks
  (*now->act)();
}

}  // namespace explore
