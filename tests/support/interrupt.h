// interrupt.h - something happens between two instructions of the code under
// test, at every place in turn.
//
// Races are not waited for: the processor's trap flag makes it stop after
// each instruction of `body`, and before the nth one `intruder` is called, on
// the same thread, from the trap's signal handler. What two threads do once in
// a million runs happens here every time. A call of a shared library (libc's
// lock, its memcpy) counts as one instruction. On x86-64 only, and not under
// sanitizers, whose own code cannot be interrupted: elsewhere no instruction
// is found, and loops over all of them end at once.
#ifndef TESTS_SUPPORT_INTERRUPT_H
#define TESTS_SUPPORT_INTERRUPT_H

#include <functional>

namespace gate {

// False if `body` ended before its nth instruction (from 1), so that the
// intruder was not called. Not for two threads at a time.
bool InterruptAt(long nth, const std::function<void()> &body,
                 const std::function<void()> &intruder);

}  // namespace gate

#endif
