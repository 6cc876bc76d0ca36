// queue.h - threads that wait at an object until another wakes them.
#ifndef TESTS_EXPLORE_QUEUE_H
#define TESTS_EXPLORE_QUEUE_H

#include "tests/explore/state.h"

namespace explore {

enum class Wake { kWoken, kTimedOut, kSpuriously };

// How a wait that is about to begin will end: an option of the operation.
Wake ChooseWake(bool is_timed);
// The thread is in the object's queue from here on ...
void Enqueue(int object, bool is_timed);
// ... and sleeps until it is woken. False: it timed out.
bool Sleep(int object, const char *verb, const void *pc);

// Who is woken, of those who wait: an option of the operation.
uint8_t ChooseWaiters(int object, int most);
void WakeWaiters(int object, uint8_t waiters);

}  // namespace explore

#endif
