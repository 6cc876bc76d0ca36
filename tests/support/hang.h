// hang.h - a step that hangs tells what it knows.
//
// A step that is stuck cannot say anything any more. So the runner asks, before
// it ends it: it sends a signal, and the handler puts the story on the board.
// The story is told while all threads stand still, wherever they are: it takes
// no lock without trying, and changes nothing.
#ifndef TESTS_SUPPORT_HANG_H
#define TESTS_SUPPORT_HANG_H

#include <pthread.h>

#include <functional>
#include <string>

#include "tests/support/board.h"

namespace gate {

// From here to the end of the test: who holds what, who waits, in lines that
// do not differ from run to run.
void OnHang(std::function<std::string()> story);

// In a story: whether nobody gives the lock back. The thread that stands still
// for the story may be one that spins, with the lock in its hand for a moment:
// so a story that finds a lock held is asked for again, a little later, before
// it is believed.
bool IsHeld(pthread_mutex_t *lock);

// At the end of a test.
void NoStory();

// In the runner: makes a process that hangs tell its story, if it has one.
void AskForStory(int process, Board *board);

}  // namespace gate

#endif
