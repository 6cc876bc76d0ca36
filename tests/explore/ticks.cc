// ticks.cc - counts them down.
#include "tests/explore/ticks.h"

#include <cstdint>

namespace explore {

__thread Countdown *countdown;
bool has_hooks;

namespace {

bool IsWatched(const Countdown &now, const volatile void *address,
               size_t size) {
  auto at = reinterpret_cast<uintptr_t>(address);
  auto first = reinterpret_cast<uintptr_t>(now.watched);
  return at < first + now.size && first < at + size;
}

}  // namespace

void CountDown(const volatile void *address, size_t size) {
  Countdown *now = countdown;
  bool stays = now->watched != nullptr;
  if (stays ? !IsWatched(*now, address, size) : --now->left > 0) return;
  countdown = nullptr;  // what it does has no ticks
  (*now->act)();
  if (stays) countdown = now;
}

}  // namespace explore
