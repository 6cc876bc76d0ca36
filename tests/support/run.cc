// run.cc - starts a step, watches it, and judges how it ended.
#include "tests/support/run.h"

#include "tests/support/calm.h"
#include "tests/support/hang.h"
#include "tests/support/strays.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace gate {
namespace {

constexpr double kQuiet = 3;  // seconds without any activity: a deadlock
constexpr size_t kOutputLimit = 65536;

double Now() {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return double(now.tv_sec) + double(now.tv_nsec) / 1e9;
}

// The exit statuses that .bazelrc gives to the sanitizers.
constexpr int kAddressSanitizer = 99, kThreadSanitizer = 66;

// The inside of a step's process. It is a copy of the runner, which has run
// none of the learner's code: that is as good as a program started anew, and
// costs a tenth of it.
[[noreturn]] void BeTheStep(const StepInfo &step, int board, int output) {
  for (int ends : {SIGINT, SIGTERM, SIGHUP}) signal(ends, SIG_DFL);
  setpgid(0, 0);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(board, 3);
  for (int other = 4; other < 256; other++) close(other);
  exit(RunTestsOf(step, 3));
}

struct Running {
  pid_t process;
  int output;
  bool is_silent = false;  // its output is closed; it may live on
  int doze = 100;          // microseconds
  bool ended = false;
  int status = 0;
};

// Usually it ends at once: a short sleep first, then longer ones.
void Doze(Running &running, int most) {
  usleep(running.doze);
  if (running.doze < most * 1000) running.doze *= 2;
}

void ReadOutput(Running &running, Outcome &outcome, int milliseconds) {
  if (running.is_silent) return Doze(running, milliseconds);
  struct pollfd poll_descriptor = {running.output, POLLIN, 0};
  if (poll(&poll_descriptor, 1, milliseconds) <= 0) return;
  char text[4096];
  ssize_t length = read(running.output, text, sizeof text);
  if (length > 0) outcome.output.append(text, size_t(length));
  if (length == 0) running.is_silent = true;
  if (outcome.output.size() > 2 * kOutputLimit)
    outcome.output.erase(0, outcome.output.size() - kOutputLimit);
}

void CheckEnded(Running &running) {
  int status;
  if (!running.ended &&
      waitpid(running.process, &status, WNOHANG) == running.process) {
    running.ended = true;
    running.status = status;
  }
}

// Of a process and all its threads; 0 if it is gone.
double ProcessorSeconds(pid_t process) {
  clockid_t clock;
  struct timespec used;
  if (clock_getcpuclockid(process, &clock) != 0 ||
      clock_gettime(clock, &used) != 0)
    return 0;
  return double(used.tv_sec) + double(used.tv_nsec) / 1e9;
}

// A step that is right uses a second or two of a processor, however busy the
// machine is and however long it has to wait for its turn. A sanitizer's may
// use more.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr double kMostOfDeadline = 1;
#else
constexpr double kMostOfDeadline = 0.3;
#endif

// A step that has had no calm time for so long gets no verdict.
double LongestWait(double deadline) { return 2 * deadline + 120; }

// Waits for the end; true if the deadline came first or all fell asleep. It
// spun if it used a processor for much of the time that it has, or if at most
// looks a thread was runnable. What it waited for a processor does not count.
bool Watch(Running &running, Outcome &outcome, double deadline) {
  int looks = 0, runnable = 0;
  double quiet_since = 0, last_look = Now();
  long activity = -1;
  CalmTime calm(running.process);
  calm.Look();
  while (true) {
    ReadOutput(running, outcome, 20);
    CheckEnded(running);
    if (running.ended || NotedSignal() != 0) return false;
    if (Now() - last_look < 0.25) continue;
    last_look = Now();
    calm.Look();
    if (ProcessorSeconds(running.process) > kMostOfDeadline * deadline)
      return outcome.spun = true;
    if (calm.seconds() > deadline) {
      outcome.spun = 2 * runnable > looks;
      return true;
    }
    if (calm.awake() > LongestWait(deadline)) return outcome.was_busy = true;
    long seen = Activity(running.process);
    looks++;
    runnable += seen == kRunnable;
    if (seen < 0 || seen != activity) quiet_since = calm.seconds();
    activity = seen;
    if (calm.seconds() - quiet_since > kQuiet) return true;
  }
}

void EndAll(Running &running, Outcome &outcome) {
  if (!running.ended) {
    kill(running.process, SIGKILL);
    waitpid(running.process, &running.status, 0);
  }
  outcome.strays = EndStrays();
  int flags = fcntl(running.output, F_GETFL);
  fcntl(running.output, F_SETFL, flags | O_NONBLOCK);
  char text[4096];
  for (ssize_t n; (n = read(running.output, text, sizeof text)) > 0;)
    outcome.output.append(text, size_t(n));
  if (outcome.output.size() > kOutputLimit)
    outcome.output.erase(0, outcome.output.size() - kOutputLimit);
  close(running.output);
}

[[noreturn]] void EndBy(int number) {
  signal(number, SIG_DFL);
  raise(number);
  _exit(128 + number);  // it is blocked
}

std::string SignalMeaning(int signal) {
  const char *name = sigabbrev_np(signal), *words = sigdescr_np(signal);
  switch (signal) {
    case SIGSEGV:
      return "it touched memory that is not there (SIGSEGV): a null or stale "
             "pointer, or a stack that overflowed";
    case SIGBUS:
      return "it touched memory in a way that cannot be (SIGBUS)";
    case SIGABRT:
      return "it aborted (SIGABRT): it found a contract broken, or its memory "
             "damaged";
    case SIGFPE:
      return "it divided by zero or overflowed (SIGFPE)";
    case SIGPIPE:
      return "it wrote to a connection that the peer had closed and was ended "
             "by SIGPIPE: send with MSG_NOSIGNAL";
    case SIGKILL:
      return "something killed it (SIGKILL), perhaps for want of memory";
    case SIGXFSZ:
      return "it wrote an endless file (SIGXFSZ)";
    case SIGILL:
      return "it ran into an impossible instruction (SIGILL)";
    default:
      return "a signal ended it: " +
             (name == nullptr ? "number " + std::to_string(signal)
                              : "SIG" + std::string(name) + ", " + words);
  }
}

Verdict JudgeFailure(const Outcome &outcome) {
  if (outcome.board->todos & outcome.board->due) return Verdict::kTodo;
  switch (Kind(outcome.board->kind.load())) {
    case Kind::kLeak:
      return Verdict::kLeak;
    case Kind::kSpin:
      return Verdict::kSpin;
    default:
      return Verdict::kFail;
  }
}

Verdict JudgeExit(int status, Outcome &outcome) {
  bool finished = outcome.board->finished, failed = outcome.board->failure[0];
  if (WIFSIGNALED(status)) {
    outcome.what = SignalMeaning(WTERMSIG(status));
    return Verdict::kCrash;
  }
  if (WEXITSTATUS(status) == kThreadSanitizer) {
    outcome.what =
        "ThreadSanitizer saw two threads use the same memory without order";
    return Verdict::kRace;
  }
  if (WEXITSTATUS(status) == kAddressSanitizer ||
      (finished && !failed && WEXITSTATUS(status) != 0)) {
    outcome.what = finished ? "a sanitizer found a leak or an error at the end"
                            : "a sanitizer stopped it";
    return finished ? Verdict::kLeak : Verdict::kCrash;
  }
  if (!finished) {
    outcome.what = "the program called exit(" +
                   std::to_string(WEXITSTATUS(status)) +
                   ") in the middle of the step";
    return Verdict::kCrash;
  }
  if (failed) return JudgeFailure(outcome);
  if (outcome.board->tests_run == 0) {
    outcome.what = "the gate has no test for this step";
    return Verdict::kFail;
  }
  if (!outcome.strays.empty()) return Verdict::kLeak;
  // A test that skipped itself proves nothing.
  outcome.what = outcome.board->left_out;
  return outcome.what.empty() ? Verdict::kPass : Verdict::kSkip;
}

}  // namespace

const char *VerdictName(Verdict verdict) {
  static const char *const names[] = {"pass", "todo", "fail",   "crash",
                                      "race", "hang", "spin",   "leak",
                                      "busy", "skip", "waiting"};
  static_assert(sizeof names / sizeof *names == int(Verdict::kWaiting) + 1);
  return names[int(verdict)];
}

Outcome SkipFor(const std::string &missing) {
  Outcome outcome;
  outcome.verdict = Verdict::kSkip;
  outcome.what = missing;
  return outcome;
}

Outcome RunStep(const StepInfo &step) {
  Outcome outcome;
  int board_descriptor, pipe_ends[2];
  outcome.board = NewBoard(&board_descriptor);
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) CannotRun("a pipe");
  double start = Now();
  fflush(nullptr);  // or the copy would print it again
  Running running = {fork(), pipe_ends[0]};
  if (running.process < 0) CannotRun("a process");
  if (running.process == 0) BeTheStep(step, board_descriptor, pipe_ends[1]);
  setpgid(running.process, running.process);
  close(pipe_ends[1]);
  close(board_descriptor);
  bool stuck = Watch(running, outcome, step.deadline);
  if (stuck) {
    outcome.threads = DescribeThreads(running.process);
    outcome.is_stopped = IsStopped(running.process);
    AskForStory(running.process, outcome.board);
    outcome.verdict = outcome.was_busy ? Verdict::kBusy
                      : outcome.spun   ? Verdict::kSpin
                                       : Verdict::kHang;
  }
  EndAll(running, outcome);
  if (NotedSignal() != 0) EndBy(NotedSignal());
  if (!stuck) outcome.verdict = JudgeExit(running.status, outcome);
  outcome.seconds = Now() - start;
  return outcome;
}

}  // namespace gate
