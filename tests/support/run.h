// run.h - running one step in a process of its own.
#ifndef TESTS_SUPPORT_RUN_H
#define TESTS_SUPPORT_RUN_H

#include <string>
#include <vector>

#include "tests/support/board.h"
#include "tests/support/gate.h"

namespace gate {

enum class Verdict {
  kPass,
  kTodo,
  kFail,
  kCrash,
  kRace,
  kHang,
  kSpin,
  kLeak,
  kBusy,  // the machine was: no verdict
  kSkip,  // the machine lacks what the step, or one of its tests, needs
  kWaiting,
};

const char *VerdictName(Verdict verdict);

struct Outcome {
  Verdict verdict = Verdict::kWaiting;
  std::string what;                 // one sentence for a crash or an early end
  std::string threads;              // a hang: what each thread was doing
  std::string output;               // what the step printed, its last 64 KiB
  std::vector<std::string> strays;  // processes that it left behind
  double seconds = 0;
  bool spun = false;        // stuck, and not asleep
  bool was_busy = false;    // the machine
  bool is_stopped = false;  // by a signal
  Board *board = nullptr;   // as the step left it
};

// What makes a step a skip: its needs, before it runs.
Outcome SkipFor(const std::string &missing);

// Starts this program again for one step, waits for it at most
// step.deadline seconds, and ends whatever it started.
Outcome RunStep(const StepInfo &step);

// Remembers which tests the command line wants (--gtest_filter, or Bazel's
// --test_filter); says which of its patterns matches no test, or nothing.
std::string TakeFilter();

// The step's tests, as far as they are wanted, as GoogleTest wants them named;
// empty if none is wanted.
std::string FilterOf(const StepInfo &step);

// In the step's own process: runs its tests, reports on the board.
int RunTestsOf(const StepInfo &step, int board_descriptor);

// Stopped by a signal: SIGSTOP or its kin.
bool IsStopped(int process);

// For each thread of a process, a line on what it is doing.
std::string DescribeThreads(int process);

// Changes whenever any thread of the process group does anything, but for the
// thread `except`; or one of these.
constexpr long kRunnable = -1;  // a thread runs, or could
constexpr long kSleeping = -2;  // a thread sleeps for a time: it will go on
long Activity(int group, int except = 0);

}  // namespace gate

#endif
