// gate.h - what a chapter's gate is written with.
//
// A gate is a list of numbered steps (steps.txt of the chapter). A step is a
// GoogleTest suite whose fixture derives from gate::Step; the runner starts
// each in a process of its own, with a deadline.
#ifndef TESTS_SUPPORT_GATE_H
#define TESTS_SUPPORT_GATE_H

#include <gtest/gtest.h>

namespace gate {

// One stanza of steps.txt; see tools/steps.awk for the keys.
struct StepInfo {
  const char *number;  // "3.2"
  const char *title;
  const char
      *suite;  // the GoogleTest suite(s) that make the step: "WakerStep2"
  const char *task;
  const char *section;  // of the lesson
  const char *cause;    // what usually causes a failure here
  const char *hints[3];
  int deadline;       // seconds, of calm time (calm.h)
  bool code;          // false: the step asks for no code
  const char *needs;  // of the machine, beyond what all steps do (needs.h)
};

extern const char *const kChapter;
extern const StepInfo kSteps[];
extern const int kStepCount;

// The base of every step's fixture. Its tear-down fails the test on a leak of
// anything that the probes count: allocations and mutexes of the code under
// test, open descriptors, threads, live wakers, futures polled but not dropped.
class Step : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;
  // A test that leaks on purpose (a detached thread, say) says so.
  void AllowLeaks() { leaks_allowed_ = true; }

 private:
  bool leaks_allowed_ = false;
  int descriptors_ = 0;
  int threads_ = 0;
  long locks_ = 0;
};

}  // namespace gate

#endif
