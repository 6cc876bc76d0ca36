// interrupt.h - something happens in the middle of the code under test, at
// every place in turn.
//
// Races are not waited for. Two threads can see each other only at accesses to
// memory and at calls, so the explorer's hooks (tests/explore/hooks.cc) count
// them: before the nth of them in `body`, `intruder` is called, on the same
// thread. What two threads do once in a million runs happens here every time.
//
// A place is
//   - each access to memory of the code under test: a load, a store, an atomic
//     operation, a fence; all of a memcpy(), memmove() or memset() is one;
//   - each call for which a gate has a stand-in, before it happens: WRAPPED and
//     THREAD_CALLS in tools/chapter.bzl name malloc(), pthread_mutex_lock(),
//     epoll_wait() and their kin;
//   - each return of a function of the code under test: so there is one after
//     the last access, too.
// No place is
//   - a call of another function of the code under test, or of another one of
//     libc: what it does is seen at the next place;
//   - what libc does to memory inside of a call;
//   - an access that the compiler has left out, since the value is in a
//     register, or made one of several;
//   - an access of the test's own code in `body`, or of a header that it
//     includes: a loop there that waits for the intruder waits for ever, unless
//     it calls code under test.
// So places are the compiler's business. Do not rely on their number, and walk
// through all of them: each costs nanoseconds.
#ifndef TESTS_SUPPORT_INTERRUPT_H
#define TESTS_SUPPORT_INTERRUPT_H

#include <pthread.h>

#include <cstddef>
#include <functional>

namespace gate {

// False if `body` ended before its nth place (from 1), so that the intruder
// was not called. What the intruder does has no places, nor has what other
// threads do. An intruder may interrupt something itself, and so may `body`,
// whose own places then count for that alone.
bool InterruptAt(long nth, const std::function<void()> &body,
                 const std::function<void()> &intruder);

// The same with two of them, the second one `later` places (from 1) after the
// first. False if `body` ended before that.
bool InterruptTwice(long nth, long later, const std::function<void()> &body,
                    const std::function<void()> &first,
                    const std::function<void()> &second);

// Calls `act` before each access of the code under test to one of these bytes.
// Not under sanitizers.
void AtEachAccess(const volatile void *memory, size_t size,
                  const std::function<void()> &body,
                  const std::function<void()> &act);

// True if the lock is held whenever `body` touches one of these bytes. A look
// without the lock is a data race, also where no run of a test would show it.
// True under sanitizers.
bool TouchesLocked(const volatile void *memory, size_t size,
                   pthread_mutex_t *lock, const std::function<void()> &body);
template <typename T>
bool TouchesLocked(const volatile T *object, pthread_mutex_t *lock,
                   const std::function<void()> &body) {
  return TouchesLocked(object, sizeof *object, lock, body);
}

// False under sanitizers, which have hooks of their own: there nothing has a
// place, and loops over all of them end at once.
bool CanInterrupt();

}  // namespace gate

#endif
