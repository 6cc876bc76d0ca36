// report.h - what a learner reads.
#ifndef TESTS_SUPPORT_REPORT_H
#define TESTS_SUPPORT_REPORT_H

#include <string>
#include <vector>

#include "tests/support/run.h"

namespace gate {

struct Style {
  bool plain = false;   // nothing that differs from run to run
  bool colour = false;  // a terminal that wants it
};

// The failing step in the chapter's terms: what, why, where to read on.
std::string Explain(const StepInfo &step, const Outcome &outcome, Style style);

// Filled at 78 columns; the label stands before the first line.
std::string Wrapped(const char *label, const std::string &text);

// One line a step.
std::string BoardOf(const std::vector<Outcome> &outcomes, Style style);

// "3.2 pass 12" a step: number, verdict, milliseconds.
void WriteResults(const char *path, const std::vector<Outcome> &outcomes);

// JUnit XML as Bazel wants it: one test case a step.
void WriteXml(const char *path, const std::vector<Outcome> &outcomes);

// Without what differs from run to run, and the lines of sources.
std::string WithoutNumbers(const std::string &text);

// GoogleTest's wording turned into: the clause, expected, actual.
std::string Tidy(const std::string &failure, Style style);

// What the test, or who judges for it, says about a failure; and whether that
// tells as much as a sentence does, and not only a clause's name or a fragment.
std::string Said(const std::string &failure);
bool IsSentence(const std::string &said);

}  // namespace gate

#endif
