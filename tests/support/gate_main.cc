// gate_main.cc - the runner: one process a step, then a page and a board.
//
//   --step=3.2       only this step
//   --first=3.7      this step first, and its page at once; if it fails, only
//                    those before it follow
//   --no-fork        in this process, for a debugger; with --step
//   --all            go on after a step that failed
//   --plain          nothing that differs from run to run
//   --results=FILE   a line a step: number, verdict, milliseconds
//   --list           the steps
//   --needs          what they need of the machine
//   --gtest_filter=  only these tests, in the steps that have one
//   --hint=3.2 --level=1   a hint: 1 a question, 2 the idea, 3 the shape
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/support/needs.h"
#include "tests/support/report.h"
#include "tests/support/strays.h"

namespace gate {
namespace {

struct Flags {
  const char *step = nullptr, *first = nullptr, *hint = nullptr;
  const char *results = nullptr;
  int level = 1;
  bool all = false, plain = false, no_fork = false, list = false;
  bool needs = false;
};

const char *Value(const char *argument, const char *flag) {
  size_t length = strlen(flag);
  return strncmp(argument, flag, length) == 0 ? argument + length : nullptr;
}

bool Parse(const char *argument, Flags *flags) {
  if (const char *v = Value(argument, "--step=")) return flags->step = v, true;
  if (const char *v = Value(argument, "--first="))
    return flags->first = v, true;
  if (const char *v = Value(argument, "--hint=")) return flags->hint = v, true;
  if (const char *v = Value(argument, "--results="))
    return flags->results = v, true;
  if (const char *v = Value(argument, "--level="))
    return flags->level = atoi(v), true;
  if (strcmp(argument, "--all") == 0) return flags->all = true;
  if (strcmp(argument, "--plain") == 0) return flags->plain = true;
  if (strcmp(argument, "--no-fork") == 0) return flags->no_fork = true;
  if (strcmp(argument, "--list") == 0) return flags->list = true;
  if (strcmp(argument, "--needs") == 0) return flags->needs = true;
  return false;
}

const StepInfo *Find(const char *number) {
  for (int i = 0; i < kStepCount; i++)
    if (strcmp(kSteps[i].number, number) == 0) return &kSteps[i];
  fprintf(stderr, "no step %s; --list names them\n", number);
  exit(2);
}

int List() {
  for (int i = 0; i < kStepCount; i++)
    printf("%s %s\n", kSteps[i].number, kSteps[i].title);
  return 0;
}

int ListNeeds() {
  printf("Every step needs %s.\n", Describe(Needs()).c_str());
  for (int i = 0; i < kStepCount; i++)
    if (kSteps[i].needs[0])
      printf("%s needs %s.\n", kSteps[i].number,
             Describe(NeedsOf(kSteps[i].needs)).c_str());
  return 0;
}

int Hint(const Flags &flags) {
  int level = flags.level < 1 ? 1 : flags.level > 3 ? 3 : flags.level;
  printf("%s\n", Find(flags.hint)->hints[level - 1]);
  return 0;
}

// Plain GoogleTest in this process, so that a debugger sees the code.
int InThisProcess(const StepInfo &step) {
  RaiseLimits(NeedsOf(step.needs));
  ::testing::GTEST_FLAG(filter) = FilterOf(step);
  int status = RUN_ALL_TESTS();
  if (::testing::UnitTest::GetInstance()->test_to_run_count() > 0)
    return status;
  fprintf(stderr, "step %s has no test\n", step.number);
  return 2;
}

bool IsWanted(const Flags &flags, const StepInfo &step) {
  if (flags.step && strcmp(step.number, flags.step) != 0) return false;
  return !FilterOf(step).empty();
}

// Has this verdict words of its own, before the board?
bool HasPage(const Outcome &outcome) {
  return outcome.verdict != Verdict::kPass &&
         outcome.verdict != Verdict::kWaiting &&
         outcome.verdict != Verdict::kSkip;
}

// What is missing for all steps, or for this one.
Outcome RunOrSkip(const StepInfo &step, const std::string &missing) {
  std::string more =
      missing.empty() && step.needs[0] ? Missing(NeedsOf(step.needs)) : missing;
  return more.empty() ? RunStep(step) : SkipFor(more);
}

// Who works at a late step waits for none of those before it.
void ShowFirst(const StepInfo &step, const Outcome &outcome, Style style) {
  if (HasPage(outcome))
    printf("%s\n", Explain(step, outcome, style).c_str());
  else if (outcome.verdict == Verdict::kPass)
    printf("step %s passed. The other steps follow.\n\n", step.number);
  fflush(stdout);
}

std::vector<Outcome> RunSteps(const Flags &flags, const std::string &missing,
                              Style style) {
  std::vector<Outcome> outcomes(static_cast<size_t>(kStepCount));
  int first = flags.first ? int(Find(flags.first) - kSteps) : -1;
  int end = kStepCount;
  if (first >= 0 && IsWanted(flags, kSteps[first])) {
    outcomes[size_t(first)] = RunOrSkip(kSteps[first], missing);
    if (missing.empty())
      ShowFirst(kSteps[first], outcomes[size_t(first)], style);
    if (HasPage(outcomes[size_t(first)]) && !flags.all) end = first;
  }
  for (int i = 0; i < end; i++) {
    if (i == first || !IsWanted(flags, kSteps[i])) continue;
    outcomes[size_t(i)] = RunOrSkip(kSteps[i], missing);
    if (HasPage(outcomes[size_t(i)]) && !flags.all) break;
  }
  return outcomes;
}

bool AllPassed(const Flags &flags, const std::vector<Outcome> &outcomes) {
  for (size_t i = 0; i < outcomes.size(); i++)
    if (IsWanted(flags, kSteps[i]) && outcomes[i].verdict != Verdict::kPass)
      return false;
  return true;
}

// The page of the step that failed first, if it was not shown, and the board.
void Print(const Flags &flags, const std::vector<Outcome> &outcomes,
           const std::string &missing, Style style) {
  if (!missing.empty()) {
    printf("No step has run. This is not about your code:\n%s\n",
           Wrapped("  what      ", "the gate lacks something: " + missing)
               .c_str());
    return;
  }
  for (size_t i = 0; i < outcomes.size(); i++) {
    if (!HasPage(outcomes[i])) continue;
    if (!flags.first || strcmp(flags.first, kSteps[i].number) != 0)
      printf("%s\n", Explain(kSteps[i], outcomes[i], style).c_str());
    break;
  }
  printf("%s", BoardOf(outcomes, style).c_str());
}

void Write(const Flags &flags, const std::vector<Outcome> &outcomes) {
  if (flags.results) WriteResults(flags.results, outcomes);
  if (const char *path = getenv("XML_OUTPUT_FILE")) WriteXml(path, outcomes);
}

int Main(int count, char **arguments) {
  Flags flags;
  ::testing::InitGoogleTest(&count, arguments);
  for (int i = 1; i < count; i++)
    if (!Parse(arguments[i], &flags)) {
      fprintf(stderr, "unknown argument %s\n", arguments[i]);
      return 2;
    }
  if (::testing::GTEST_FLAG(list_tests)) return RUN_ALL_TESTS();
  std::string unmet = TakeFilter();
  if (!unmet.empty()) {
    fprintf(stderr, "no test matches %s; --list names the steps\n",
            unmet.c_str());
    return 2;
  }
  if (flags.list) return List();
  if (flags.needs) return ListNeeds();
  if (flags.hint) return Hint(flags);
  if (flags.step && flags.no_fork) return InThisProcess(*Find(flags.step));
  if (flags.step && !IsWanted(flags, *Find(flags.step))) {
    fprintf(stderr, "no test of step %s is wanted\n", flags.step);
    return 2;
  }

  Style style;
  style.plain = flags.plain;
  style.colour =
      !flags.plain && isatty(STDOUT_FILENO) && getenv("NO_COLOR") == nullptr;
  AdoptStrays();
  NoteSignals();
  printf("chapter %s\n\n", kChapter);
  std::string missing = Missing(Needs());
  std::vector<Outcome> outcomes = RunSteps(flags, missing, style);
  Print(flags, outcomes, missing, style);
  Write(flags, outcomes);
  return AllPassed(flags, outcomes) ? 0 : 1;
}

}  // namespace
}  // namespace gate

int main(int count, char **arguments) { return gate::Main(count, arguments); }
