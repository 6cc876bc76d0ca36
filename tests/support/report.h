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

// GoogleTest's wording turned into: the clause, expected, actual.
std::string Tidy(const std::string &failure, Style style);

}  // namespace gate

#endif
