// explore.cc - one execution after the other, until one fails or all are
// done; and then that one again, to be told.
#include "tests/explore/explore.h"

#include <csignal>
#include <ctime>
#include <ucontext.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/explore/context.h"
#include "tests/explore/run.h"
#include "tests/explore/state.h"
#include "tests/explore/story.h"
#include "tests/explore/symbols.h"
#include "tests/explore/ticks.h"

namespace explore {

State state;
Options options;
bool recording;
Outcome outcome;
char failure[2000];

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
bool IsOn() { return false; }
#else
bool IsOn() { return true; }
#endif

namespace {

const Scenario *running;

void ResetThreads() {
  for (Thread &thread : state.threads) memset(&thread, 0, sizeof thread);
  state.threads[0].now.at[0] = 1;
  state.thread_count = int(running->threads.size()) + 1;
  for (int &mark : state.sleep) mark = -1;
  for (uint64_t &changes : state.changes_by) changes = 0;
  state.all_changes = 0;
  state.self = state.events_used = 0;
  state.restricted = -1;
  state.spurious = state.spurious_wakes = 0;
  state.timeouts = state.preemptions = 0;
}

// The context of set-up and end.
void RunScenario() {
  if (running->setup) running->setup();
  RunThreads();
  if (running->finish) running->finish();
  if (options.leaks) CheckLeaks();
  outcome = Outcome::kHeld;
  LeaveContext(0, kMainContext);
}

// -------------------------------------------------------------------- crashes

constexpr int kCrashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
constexpr int kCrashCount = sizeof kCrashes / sizeof *kCrashes;
struct sigaction old_actions[kCrashCount];

uintptr_t CrashPlace(const void *context) {
  const mcontext_t &machine =
      static_cast<const ucontext_t *>(context)->uc_mcontext;
#if defined(__x86_64__)
  return uintptr_t(machine.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return machine.pc;
#else
#error \
    "Where in ucontext_t is the program counter of your processor? Say so here"
#endif
}

void OnCrash(int number, siginfo_t *info, void *context) {
  if (state.phase == Phase::kOff) {
    signal(number, SIG_DFL);
    return;
  }
  uintptr_t address = reinterpret_cast<uintptr_t>(info->si_addr);
  const char *what = number == SIGABRT  ? "abort()"
                     : number == SIGFPE ? "a division by zero"
                     : IsGuard(address) ? "the stack is too small"
                     : address < 4096   ? "a null pointer is used"
                                        : "a wild pointer is used";
  // All other places are return addresses, after the instruction that is meant.
  const void *pc = reinterpret_cast<const void *>(CrashPlace(context) + 1);
  Fail("crash: %s\n%s", what, TellThreadPlace("by", state.self, pc));
}

class Crashes {
 public:
  Crashes() {
    static char stack[64 << 10];
    stack_t mine = {};
    mine.ss_sp = stack;
    mine.ss_size = sizeof stack;
    sigaltstack(&mine, &old_stack_);
    struct sigaction action = {};
    action.sa_sigaction = OnCrash;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    for (int i = 0; i < kCrashCount; i++)
      sigaction(kCrashes[i], &action, &old_actions[i]);
  }
  ~Crashes() {
    for (int i = 0; i < kCrashCount; i++)
      sigaction(kCrashes[i], &old_actions[i], nullptr);
    sigaltstack(&old_stack_, nullptr);
  }

 private:
  stack_t old_stack_;
};

// -------------------------------------------------------------------- results

double Now() {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return double(now.tv_sec) + double(now.tv_nsec) / 1e9;
}

// "Suite.Test": a replay is for one test, and its first exploration that
// fails; later ones go by number.
std::string TestName() {
  static const ::testing::TestInfo *last;
  static int explorations;
  const ::testing::TestInfo *info =
      ::testing::UnitTest::GetInstance()->current_test_info();
  explorations = info == last ? explorations + 1 : 1;
  last = info;
  if (info == nullptr) return "scenario";
  std::string name = std::string(info->test_suite_name()) + "." + info->name();
  if (explorations > 1) name += "#" + std::to_string(explorations);
  return name;
}

// The execution that EXPLORE_REPLAY asks for, if it is of this exploration.
bool IsReplay(const std::string &name) {
  const char *wanted = getenv("EXPLORE_REPLAY");
  if (wanted == nullptr) return false;
  const char *choices = strchr(wanted, ':');
  if (choices == nullptr || std::string(wanted, choices) != name) return false;
  return UseChoices(choices + 1);
}

void Tell(const Scenario &scenario, const std::string &name, Result *result) {
  result->failed = true;
  result->replay = name + ":" + Choices();
  UseChoices(Choices());
  recording = true;
  ResetStory(&scenario);
  outcome = RunOnce(scenario);
  recording = false;
  std::string what =
      outcome == Outcome::kFailed ? failure : "this execution holds";
  result->story = Story(scenario, what, result->replay);
  result->what = Resolve(what.substr(0, what.find('\n')));
}

bool IsOver(const Result &result) {
  long limit =
      options.random_runs > 0 ? options.random_runs : options.executions;
  return result.executions + executions_cut >= limit;
}

}  // namespace

void RunBody(int thread) { running->threads[size_t(thread) - 1].run(); }

Outcome RunOnce(const Scenario &scenario) {
  running = &scenario;
  ResetNames();
  ResetHeap();
  ResetMemory();
  ResetOrder();
  ResetShadow();
  ResetThreads();
  ResetContext(0, RunScenario);
  state.phase = Phase::kSetup;
  SwitchContext(kMainContext, 0);
  state.phase = Phase::kOff;
  return outcome;
}

Result Explore(const Scenario &scenario, const Options &wanted) {
  Result result;
  if (!IsOn()) {
    result.skipped = true;
    return result;
  }
  Call call;  // in there nothing counts
  std::string name = TestName();
  double begin = Now();
  options = wanted;
  PrepareContexts();
  ResetStory(&scenario);
  Crashes crashes;
  BeginSearch();
  executions_cut = steps_done = 0;
  if (IsReplay(name)) {
    Tell(scenario, name, &result);
    return result;
  }
  for (bool more = true; more; more = NextExecution()) {
    Outcome ending = RunOnce(scenario);
    if (ending == Outcome::kFailed) {
      steps_done += state.events_used;
      result.executions++;
      Tell(scenario, name, &result);
      break;
    }
    ending == Outcome::kHeld ? result.executions++ : executions_cut++;
    if (IsOver(result)) {
      result.complete = false;
      break;
    }
  }
  result.complete = result.complete && !result.failed;
  result.cut = executions_cut;
  result.steps = steps_done;
  result.seconds = Now() - begin;
  return result;
}

namespace {

// With EXPLORE_FIGURES=FILE in the environment: what each exploration took.
void PrintFigures(const Result &result) {
  const char *path = getenv("EXPLORE_FIGURES");
  FILE *file = path != nullptr ? fopen(path, "a") : nullptr;
  if (file == nullptr) return;
  const ::testing::TestInfo *info =
      ::testing::UnitTest::GetInstance()->current_test_info();
  fprintf(file, "%-45s %8ld runs %8ld cut %9ld steps %7.0f ms%s\n",
          info != nullptr ? info->name() : "", result.executions, result.cut,
          result.steps, result.seconds * 1000,
          result.complete ? "" : " (not all)");
  fclose(file);
}

}  // namespace

::testing::AssertionResult Holds(const Scenario &scenario,
                                 const Options &wanted) {
  Result result = Explore(scenario, wanted);
  PrintFigures(result);
  if (result.failed) return ::testing::AssertionFailure() << result.story;
  if (result.skipped || result.complete || wanted.may_be_incomplete ||
      wanted.random_runs > 0)
    return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "the search was not complete after "
                                       << result.executions << " executions";
}

// ----------------------------------------------------- for the scenario's code

void Check(bool condition, const char *what) {
  if (!condition && state.phase != Phase::kOff)
    Fail("%s\n%s", what,
         TellThreadPlace("found by", state.self, __builtin_return_address(0)));
}

int Self() { return state.phase == Phase::kThreads ? state.self - 1 : -1; }

void PlainRead(const volatile void *memory, size_t size, const void *pc) {
  if (state.phase != Phase::kOff)
    Plain(reinterpret_cast<uintptr_t>(memory), size, Mode::kRead, pc);
}

void PlainWrite(volatile void *memory, size_t size, const void *pc) {
  if (state.phase != Phase::kOff)
    Plain(reinterpret_cast<uintptr_t>(memory), size, Mode::kWrite, pc);
}

}  // namespace explore
