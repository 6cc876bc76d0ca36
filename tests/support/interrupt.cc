// interrupt.cc - single steps within a process.
//
// Each step is a signal, some two microseconds. Most instructions of a short
// function are those of the libraries that it calls, so we do not walk through
// them, nor through the explorer's hooks: at their first instruction the return
// address is exchanged for that of a breakpoint, and the walk goes on from
// there.
#include "tests/support/interrupt.h"

#include <csignal>
#include <cstdint>

#include <link.h>
#include <ucontext.h>

// The explorer's hooks (tests/explore/hooks.cc), which the compiler calls
// around accesses to memory: no code of the learner's.
extern "C" __attribute__((weak)) const char __start_explore_hooks[];
extern "C" __attribute__((weak)) const char __stop_explore_hooks[];

namespace gate {

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)

namespace {

volatile long left;  // instructions until the intruder comes
const std::function<void()> *visitor;
greg_t return_address;  // of the library call that is under way
bool was_ours;          // the instruction before: the program's, no library's

constexpr greg_t kTrapFlag = 0x100;

// Where a library returns to in place of the code that called it.
extern "C" char interrupt_return[];
asm(".pushsection .text; interrupt_return: int3; .popsection");

struct Range {
  uintptr_t begin, end;
};

int FirstObject(struct dl_phdr_info *info, size_t, void *range) {
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const auto &part = info->dlpi_phdr[i];
    uintptr_t begin = info->dlpi_addr + part.p_vaddr;
    if (part.p_type == PT_LOAD && (part.p_flags & PF_X))
      *static_cast<Range *>(range) = {begin, begin + part.p_memsz};
  }
  return 1;  // the first is the program itself
}

bool IsHook(greg_t address) {
  const char *at = reinterpret_cast<const char *>(address);
  return at >= __start_explore_hooks && at < __stop_explore_hooks;
}

// The hooks are as good as a library's: entered by a call, and not looked at.
bool IsProgram(greg_t address) {
  static const Range range = [] {
    Range found = {};
    dl_iterate_phdr(FirstObject, &found);
    return found;
  }();
  auto place = static_cast<uintptr_t>(address);
  return range.begin <= place && place < range.end && !IsHook(address);
}

// At the first instruction of a library's function the return address is on
// top of the stack; if that is the loader's resolver, which jumps on to the
// function, below two words of its own. Later on what looks like one of ours
// may be anything. If it is neither, step on.
void StepOver(greg_t *registers) {
  auto *top = reinterpret_cast<greg_t *>(registers[REG_RSP]);
  if (!IsProgram(*top)) top += 2;
  if (!IsProgram(*top)) return;
  return_address = *top;
  *top = reinterpret_cast<greg_t>(interrupt_return);
  registers[REG_EFL] &= ~kTrapFlag;
}

void StepOn(greg_t *registers) {
  registers[REG_RIP] = return_address;
  registers[REG_EFL] |= kTrapFlag;
}

// The kernel turns the trap flag off for the handler, and on again after it:
// unless the intruder has come, and there is nothing more to wait for.
void OnTrap(int, siginfo_t *, void *context) {
  greg_t *registers = static_cast<ucontext_t *>(context)->uc_mcontext.gregs;
  if (registers[REG_RIP] == reinterpret_cast<greg_t>(interrupt_return) + 1)
    StepOn(registers);
  if (--left == 0) {
    (*visitor)();
    registers[REG_EFL] &= ~kTrapFlag;
    return;
  }
  bool is_ours = IsProgram(registers[REG_RIP]);
  if (was_ours && !is_ours) StepOver(registers);
  was_ours = is_ours;
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
  was_ours = true;
  IsProgram(0);  // looks up the range, not in a signal handler
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
