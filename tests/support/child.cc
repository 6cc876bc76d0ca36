// child.cc - the inside of a step's process: GoogleTest runs one suite, and
// a listener puts the first failure on the board.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "tests/explore/filter.h"
#include "tests/support/crash.h"
#include "tests/support/needs.h"
#include "tests/support/run.h"

namespace gate {
namespace {

const char *const kAll = "*";
std::string wanted = kAll;

class BoardListener : public ::testing::EmptyTestEventListener {
  void OnTestStart(const ::testing::TestInfo &test) override {
    if (board()->failure[0] == 0)
      snprintf(board()->test, sizeof board()->test, "%s", test.name());
  }

  void OnTestPartResult(const ::testing::TestPartResult &part) override {
    if (part.skipped() && board()->left_out[0] == 0)
      snprintf(board()->left_out, sizeof board()->left_out,
               "%s is left out: %s", board()->test, part.message());
    if (!part.failed()) return;
    FailureIs(Kind::kFail);
    if (board()->failure[0] == 0)
      snprintf(board()->failure, kTextSize, "%s", part.message());
  }

  // A test that failed ends the step: what follows would only be noise.
  void OnTestEnd(const ::testing::TestInfo &) override { board()->tests_run++; }
};

// A step that eats the machine ends itself before it ends anything else.
void LimitResources() {
  struct rlimit none = {0, 0}, file = {1 << 26, 1 << 26};
  setrlimit(RLIMIT_CORE, &none);
  setrlimit(RLIMIT_FSIZE, &file);
}

}  // namespace

std::string FilterOf(const StepInfo &step) {
  std::string suites, tests;
  for (const char *c = step.suite; *c; c++)
    if (*c == ' ')
      suites += ".*:";
    else
      suites += *c;
  suites += ".*";
  for (const std::string &test : explore::AllTests())
    if (explore::Matches(suites, test) && explore::Matches(wanted, test))
      tests += (tests.empty() ? "" : ":") + test;
  // A step without a test says so.
  return tests.empty() && wanted == kAll ? suites : tests;
}

std::string TakeFilter() {
  wanted = ::testing::GTEST_FLAG(filter);
  setenv("GTEST_FILTER", wanted.c_str(), 1);  // for the steps' processes
  return explore::PatternWithoutTest(wanted);
}

int RunTestsOf(const StepInfo &step, int board_descriptor) {
  TakeFilter();
  UseBoard(board_descriptor);
  int minor = atoi(strchr(step.number, '.') + 1) & 63;
  board()->due = (uint64_t(2) << minor) - 1;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_DFL);
  NoteCrashes();
  // What it has printed is out, however it ends.
  setvbuf(stdout, nullptr, _IONBF, 0);
  LimitResources();
  RaiseLimits(NeedsOf(step.needs));
  ::testing::GTEST_FLAG(filter) = FilterOf(step);
  ::testing::GTEST_FLAG(fail_fast) = true;
  ::testing::GTEST_FLAG(output) = "";
  ::testing::GTEST_FLAG(color) = "no";
  auto &listeners = ::testing::UnitTest::GetInstance()->listeners();
  delete listeners.Release(listeners.default_result_printer());
  listeners.Append(new BoardListener);
  int status = RUN_ALL_TESTS();
  board()->finished = 1;
  return status;
}

}  // namespace gate
