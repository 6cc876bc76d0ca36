// run.h - one execution of a scenario, from its set-up to its end.
#ifndef TESTS_EXPLORE_RUN_H
#define TESTS_EXPLORE_RUN_H

#include "tests/explore/state.h"

namespace explore {

enum class Outcome { kHeld, kFailed, kCut };
extern Outcome outcome;
extern char failure[2000];

void RunBody(int thread);  // the scenario's code for it
Outcome RunOnce(const Scenario &scenario);

// The search (search.cc): what the next execution does up to some point.
void BeginSearch();
bool NextExecution();  // false: all are done
std::string Choices();
bool UseChoices(const std::string &text);
extern long executions_cut, steps_done;

}  // namespace explore

#endif
