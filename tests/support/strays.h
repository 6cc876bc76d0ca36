// strays.h - processes that a step has started and left behind.
//
// A process can leave its group and its session and let its parent end: it is
// still a descendant of the runner, which adopts whoever loses its parent
// (PR_SET_CHILD_SUBREAPER). Only a child of our own is ended: its number is
// nobody else's until we wait for it. What it has started is our child then.
#ifndef TESTS_SUPPORT_STRAYS_H
#define TESTS_SUPPORT_STRAYS_H

#include <sys/types.h>

#include <string>
#include <vector>

namespace gate {

// From now on; the children that this process has already are left alone.
void AdoptStrays();

// Ends all processes that descend from this one, and waits for them. Returns
// the names of those that were alive, sorted.
std::vector<std::string> EndStrays();

// "a process that it had started: sleep", "3 processes ...: sleep, sh".
std::string DescribeStrays(const std::vector<std::string> &names);

// SIGINT, SIGTERM and SIGHUP no longer end this process, but are noted.
void NoteSignals();
int NotedSignal();  // 0: none

}  // namespace gate

#endif
