// hang.h - a step that hangs tells what it knows.
//
// A step that is stuck cannot say anything any more. So the runner asks, before
// it ends it: it sends a signal, and the handler puts the story on the board.
// The story takes no lock without trying, and changes nothing.
//
// A story must not depend on the moment at which it is asked for: a thread that
// spins may have a lock in its hand for nine tenths of the time. So a lock that
// is found held is watched. Either somebody gives it back: then the story is
// told there and then, by that thread, just before it does. Or every thread has
// its turn and nobody gives it back: then, and only then, the lock is held. If
// neither can be known there is no story.
#ifndef TESTS_SUPPORT_HANG_H
#define TESTS_SUPPORT_HANG_H

#include <pthread.h>

#include <functional>
#include <string>

#include "tests/support/board.h"

namespace gate {

// From here to the end of the test: who holds what, who waits, in lines that
// do not differ from run to run. At most kWatchedLocks locks are asked for.
constexpr int kWatchedLocks = 8;
void OnHang(std::function<std::string()> story);

// In a story: whether nobody gives the lock back, as above. Anywhere else:
// whether somebody has it now.
bool IsHeld(pthread_mutex_t *lock);

// At the end of a test.
void NoStory();

// In the runner: makes a process that hangs tell its story, if it has one.
void AskForStory(int process, Board *board);

}  // namespace gate

#endif
