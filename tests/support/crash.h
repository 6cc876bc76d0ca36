// crash.h - where in the learner's files something has happened.
//
// The step's process notes addresses only. The runner, of which it is a copy,
// asks addr2line for their lines, when there is somebody to read them.
#ifndef TESTS_SUPPORT_CRASH_H
#define TESTS_SUPPORT_CRASH_H

#include <string>

#include "tests/support/board.h"

namespace gate {

// In a step's process: a crash, an abort() or an exit() notes its callers.
void NoteCrashes();

// The callers of this function, as a mark in a text: TellPlaces() makes of it
// ", in wheel_put(), wheel.c:88", the innermost place in the learner's files.
std::string Callers();
std::string TellPlaces(const std::string &text);

// The same of a crash, without the comma; empty: nobody knows.
std::string CrashPlace(const Board &board);

}  // namespace gate

#endif
