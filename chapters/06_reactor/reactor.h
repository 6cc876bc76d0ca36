/* reactor.h - one sleep for everything that tasks wait for.
 *
 *      task --poll--> io_source <---------- token ------+
 *                      |    ^                           |
 *          registers a |    | readiness                 |
 *                waker v    |                           |
 *                     reactor <--- events --- epoll_wait()
 *
 *   T1  A source is registered once, edge-triggered and for everything. From
 *       then on nothing about it costs a system call until it is closed.
 *   T2  reactor_turn() asks the kernel once, and hands each event to the
 *       source that it is for, in the kernel's order.
 *   T3  A wake may close sources and open others. An event that is in hand
 *       for a closed one reaches nobody (I4).
 *   T4  The reactor is a driver (driver.h): an executor sleeps in it. With
 *       nothing to do it sleeps in one epoll_wait() and makes no other call.
 *
 *   T5  One thread at a time turns it, or parks in it; not always the same one.
 *       Meanwhile any thread may register, share, poll and close sources, and
 *       get and wake the unparker. Init and end have it to themselves.
 *
 * A task's readiness comes at the latest DRIVER_INTERVAL turns of the executor
 * after the kernel's.
 *
 * epoll(7), "Level-triggered and edge-triggered". Rust: mio::Poll and tokio's
 * I/O driver. */
#ifndef CHAPTERS_REACTOR_REACTOR_H
#define CHAPTERS_REACTOR_REACTOR_H

#include "chapters/04_executor/driver.h"
#include "chapters/06_reactor/source_table.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wakeup;

enum {
    /* Events a turn takes. With fewer, a thousand busy sources need many
     * system calls; with more, the array would push other things out of the
     * processor's cache. It is 12 bytes an event. What does not fit is
     * first at the next turn: the kernel hands out events in rotation. */
    REACTOR_EVENTS = 256
};

struct reactor {
    struct driver driver; /* first: a reactor is a driver */
    int epoll;
    struct source_table sources;
    struct wakeup *wakeup;
    bool has_slept; /* in its last park */

    /* Since init, for you to read: of the thread that turns it. */
    unsigned long turns;
    unsigned long events;
};

/* 0, or a negative errno. Counterpart: reactor_end(). */
int reactor_init(struct reactor *reactor);

/* All sources are closed before, or it panics. (Tokio 1.54.1 wakes who waits,
 * to an error.) */
void reactor_end(struct reactor *reactor);

/* Makes a source of a descriptor that does not block. It starts out ready
 * for `bits`: what the caller knows, or hopes; a hope in vain costs one
 * call. (Tokio 1.54.1 starts without hope: a call that would succeed is not
 * made before the driver has said so.) 0, or a negative errno; the descriptor
 * is then still the caller's. */
int reactor_register(struct reactor *reactor, int descriptor, uint16_t bits,
                     struct io_source **source);

/* Takes a source out of epoll and frees its slot. io_source_close() calls
 * it, for the last owner. */
void reactor_deregister(struct reactor *reactor, struct io_source *source);

/* Asks the kernel once; sleeps up to `timeout` milliseconds, without end if
 * it is negative. How many events there were; 0 if a signal came first. */
int reactor_turn(struct reactor *reactor, int timeout);

#ifdef __cplusplus
}
#endif

#endif
