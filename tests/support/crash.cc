// crash.cc - the unwinder finds who has called whom.
#include "tests/support/crash.h"

#include <execinfo.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "tests/explore/symbols.h"

namespace gate {
namespace {

using Addresses = std::vector<const void *>;

constexpr int kEnds[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGPIPE};
constexpr char kMark = '\1', kMarkEnd = '\2';
// A sanitizer has handlers of its own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
pid_t step;  // a process that a test forks has no say

struct Machine {
  const void *pc, *caller;  // of a function that has done nothing yet
};

Machine MachineOf(const void *context) {
  const mcontext_t &machine =
      static_cast<const ucontext_t *>(context)->uc_mcontext;
#if defined(__x86_64__)
  auto *stack = reinterpret_cast<const void *const *>(machine.gregs[REG_RSP]);
  auto *pc = reinterpret_cast<const void *>(machine.gregs[REG_RIP]);
  // Only behind a wild call is it sure that the caller is there.
  bool is_wild = reinterpret_cast<uintptr_t>(pc) < 4096;
  return {pc, is_wild ? *stack : nullptr};
#elif defined(__aarch64__)
  return {reinterpret_cast<const void *>(machine.pc),
          reinterpret_cast<const void *>(machine.regs[30])};
#else
#error "Where in ucontext_t is the program counter of your processor?"
#endif
}

void Keep(void *const *frames, int count, const Machine *machine) {
  Board *own = board();
  if (getpid() != step || own->caller_count.exchange(1) != 0) return;
  int first = 0;
  if (machine != nullptr)
    first = int(std::find(frames, frames + count, machine->pc) - frames) + 1;
  int kept = 0;
  if (machine != nullptr) {
    // All others are return addresses, after the instruction that is meant.
    own->callers[kept++] = reinterpret_cast<uintptr_t>(machine->pc) + 1;
    if (first >= count && machine->caller != nullptr)
      own->callers[kept++] = reinterpret_cast<uintptr_t>(machine->caller);
  }
  for (; first < count && kept < kCallers; first++)
    own->callers[kept++] = reinterpret_cast<uintptr_t>(frames[first]);
  own->caller_count = kept;
}

void OnCrash(int number, siginfo_t *, void *context) {
  void *frames[kCallers];
  Machine machine = MachineOf(context);
  Keep(frames, backtrace(frames, kCallers), &machine);
  signal(number, SIG_DFL);
  raise(number);
}

void OnExit() {
  if (board()->finished || getpid() != step) return;
  void *frames[kCallers];
  Keep(frames, backtrace(frames, kCallers), nullptr);
}

bool Contains(const std::string &text, const char *part) {
  return text.find(part) != std::string::npos;
}

bool EndsIn(const std::string &text, const char *end) {
  size_t at = text.rfind(end);
  return at != std::string::npos && at + std::string(end).size() == text.size();
}

// A gate is C++, so what is C is the learner's; but what all chapters share is
// seldom at fault. A mutant is compiled below the tests, in Bazel's folders.
bool IsLearners(const explore::Frame &frame) {
  if (Contains(frame.file, "chapters/common/")) return false;
  return EndsIn(frame.file, ".c") || Contains(frame.file, "chapters/") ||
         Contains(frame.file, "solutions/") ||
         Contains(frame.file, "bin/tests/");
}

std::string PlaceOf(const explore::Frame &frame) {
  return frame.function + "(), " + explore::ShortName(frame.file.c_str()) +
         ":" + std::to_string(frame.line);
}

// The innermost one in a source; and which function of a header it has called.
std::string Place(const Addresses &callers) {
  std::string header, place;
  for (const void *caller : callers)
    for (const explore::Frame &frame : explore::FramesAt(caller)) {
      if (!IsLearners(frame)) continue;
      bool is_source = EndsIn(frame.file, ".c");
      if (is_source && header.empty()) return "in " + PlaceOf(frame);
      if (is_source) return "in " + header + "(), called by " + PlaceOf(frame);
      if (EndsIn(frame.file, ".h") && header.empty()) {
        header = frame.function;
        place = "in " + PlaceOf(frame);
      }
    }
  return place;
}

Addresses AddressesIn(const std::string &mark) {
  Addresses addresses;
  const char *at = mark.c_str();
  for (char *end; *at != 0; at = end) {
    uintptr_t address = strtoull(at, &end, 16);
    if (end == at) break;
    addresses.push_back(reinterpret_cast<const void *>(address));
  }
  return addresses;
}

}  // namespace

void NoteCrashes() {
  if (kSanitized) return;
  void *frame;
  backtrace(&frame, 1);  // what it loads, it loads now
  step = getpid();
  atexit(OnExit);
  static char memory[64 << 10];  // where a stack has overflowed
  stack_t stack = {};
  stack.ss_sp = memory;
  stack.ss_size = sizeof memory;
  sigaltstack(&stack, nullptr);
  struct sigaction action = {};
  action.sa_sigaction = OnCrash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND;
  for (int end : kEnds) sigaction(end, &action, nullptr);
}

std::string Callers() {
  void *frames[kCallers];
  int count = backtrace(frames, kCallers);
  std::string mark(1, kMark);
  char number[24];
  for (int i = 0; i < count; i++) {
    snprintf(number, sizeof number, "%zx ",
             size_t(reinterpret_cast<uintptr_t>(frames[i])));
    mark += number;
  }
  return mark + kMarkEnd;
}

std::string TellPlaces(const std::string &text) {
  std::string told = text;
  for (size_t at; (at = told.find(kMark)) != std::string::npos;) {
    size_t end = std::min(told.find(kMarkEnd, at), told.size() - 1);
    std::string place = Place(AddressesIn(told.substr(at + 1, end - at - 1)));
    told.replace(at, end + 1 - at, place.empty() ? "" : ", " + place);
  }
  return told;
}

std::string CrashPlace(const Board &board) {
  Addresses callers;
  int count = std::min<int>(board.caller_count, kCallers);
  for (int i = 0; i < count; i++)
    callers.push_back(reinterpret_cast<const void *>(board.callers[i]));
  return Place(callers);
}

}  // namespace gate
