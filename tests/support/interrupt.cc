// interrupt.cc - single steps within a process.
#include "tests/support/interrupt.h"

#include <csignal>

#include <ucontext.h>

namespace gate {

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)

namespace {

volatile long left;  // instructions until the intruder comes
const std::function<void()> *visitor;

constexpr greg_t kTrapFlag = 0x100;

// The kernel turns the trap flag off for the handler, and on again after it:
// unless the intruder has come, and there is nothing more to wait for.
void OnTrap(int, siginfo_t *, void *context) {
  if (--left != 0) return;
  (*visitor)();
  static_cast<ucontext_t *>(context)->uc_mcontext.gregs[REG_EFL] &= ~kTrapFlag;
}

// The 128 bytes below the stack pointer may be in use: the red zone.
inline __attribute__((always_inline)) void TrapOn() {
  asm volatile(
      "leaq -128(%%rsp), %%rsp; pushfq; orq $0x100, (%%rsp); popfq;"
      "leaq 128(%%rsp), %%rsp" ::
          : "cc", "memory");
}

inline __attribute__((always_inline)) void TrapOff() {
  asm volatile(
      "leaq -128(%%rsp), %%rsp; pushfq; andq $~0x100, (%%rsp); popfq;"
      "leaq 128(%%rsp), %%rsp" ::
          : "cc", "memory");
}

}  // namespace

bool InterruptAt(long nth, const std::function<void()> &body,
                 const std::function<void()> &intruder) {
  struct sigaction action = {}, old;
  action.sa_sigaction = OnTrap;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGTRAP, &action, &old);
  visitor = &intruder;
  left = nth;
  TrapOn();
  body();
  TrapOff();
  bool came = left == 0;
  left = 0;
  sigaction(SIGTRAP, &old, nullptr);
  return came;
}

#else

bool InterruptAt(long, const std::function<void()> &body,
                 const std::function<void()> &) {
  body();
  return false;
}

#endif

}  // namespace gate
