// needs.h - what a step needs of the machine it runs on.
//
// What the machine does not give is no fault of the code. So a gate looks
// before its first step, and before each step that needs more than all do.
#ifndef TESTS_SUPPORT_NEEDS_H
#define TESTS_SUPPORT_NEEDS_H

#include <string>

namespace gate {

// Every step's, unless its line `needs:` in steps.txt says more.
struct Needs {
  long descriptors = 64;
  long threads = 8;
  long memory = 1;  // GiB of address space: a thread's stack takes 8 MiB of it
  bool loopback = false;
};

// "descriptors 800, threads 1100, memory 10, loopback"
Needs NeedsOf(const char *text);

// The same in words: "800 open files, 1100 threads, ...".
std::string Describe(const Needs &needs);

// What is missing here, and the cure, in one sentence; empty: nothing is. Soft
// limits that are too low do not count: see RaiseLimits().
std::string Missing(const Needs &needs);

// In a step's process: raises soft limits that are lower than its needs.
void RaiseLimits(const Needs &needs);

}  // namespace gate

#endif
