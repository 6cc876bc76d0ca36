// calls.h - for who wraps malloc and its kin: while an execution runs, memory
// is the explorer's. Each such call is a tick: begin it with a `Call`.
#ifndef TESTS_EXPLORE_CALLS_H
#define TESTS_EXPLORE_CALLS_H

#include <pthread.h>

#include <atomic>
#include <cstddef>

#include "tests/explore/ticks.h"

namespace explore {

// Is this call one of the code under exploration?
bool IsRunning();
void *Allocate(size_t size, size_t alignment, const void *pc);
void *AllocateZeroed(size_t count, size_t size, const void *pc);
void *Reallocate(void *memory, size_t size, const void *pc);
// False if it is none of an execution's memory.
bool Free(void *memory, const void *pc);
int ConditionWait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                  const void *pc);

// Outside of an execution: mutexes that were made, less those that were
// destroyed.
extern std::atomic<long> live_locks;

// Outside of an execution: told of every lock just before it is given back, by
// the thread that has it; null if nobody wants to know.
extern std::atomic<void (*)(pthread_mutex_t *)> told_of_unlocks;

// Outside of an exploration: timed waits for a condition, and until when, in
// seconds of its clock, the latest lasts.
extern std::atomic<int> timed_waits;
extern std::atomic<long> latest_timed_wait;

inline void TellOfUnlock(pthread_mutex_t *lock) {
  if (void (*told)(pthread_mutex_t *) = told_of_unlocks.load()) told(lock);
}

}  // namespace explore

#endif
