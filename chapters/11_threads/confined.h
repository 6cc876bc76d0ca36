/* confined.h - whose thread is it: what Send and Sync mean without a compiler.
 *
 *   C1  Something confined belongs to one thread: the one that made it, or
 *       whoever looks first after a hand-over. confined_check() on any other
 *       thread panics, and `what` stands in the message.
 *   C2  confined_hand_over() is for what may move to another thread, but not
 *       be used by two at a time (Rust: Send, not Sync). Only its owner
 *       hands it over; the new owner learns of it by something that orders
 *       memory: a queue, a lock, a join.
 *   C3  A confined future is polled and dropped on the thread that made it,
 *       or else that poll or drop panics, before the child is touched (Rust:
 *       a future that is not Send; spawn() would refuse it when the program
 *       is compiled).
 *
 * A check costs a load and a compare. Rust: the marker traits Send and Sync;
 * checked when the program runs: the crates fragile and send_wrapper. */
#ifndef CHAPTERS_THREADS_CONFINED_H
#define CHAPTERS_THREADS_CONFINED_H

#include "chapters/02_future/future.h"
#include "chapters/common/atomics.h"

#ifdef __cplusplus
extern "C" {
#endif

struct confined {
    atomic_member(uintptr_t) thread; /* 0: whoever looks first */
};

/* Belongs to the calling thread. */
void confined_init(struct confined *confined);

/* Panics on a thread to which it does not belong; `what` is its name. */
void confined_check(struct confined *confined, const char *what);

/* Belongs to nobody from here on, until the next check. A check comes first:
 * what is nobody's becomes the caller's, and is handed over anew. */
void confined_hand_over(struct confined *confined, const char *what);

/* A future that stays on the thread that made it (C3). Its result is that of
 * its child. */
struct confined_future {
    struct int_future base;
    struct int_future *child; /* dropped by this; its memory is the maker's */
    struct confined confined;
    const char *name;
};

void confined_future_init(struct confined_future *future, const char *name,
                          struct int_future *child);

#ifdef __cplusplus
}
#endif

#endif
