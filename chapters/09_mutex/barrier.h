/* barrier.h - nobody goes on before all are here.
 *
 *     generation 0: a, b, c    generation 1: c, a, b    generation 2: ...
 *
 *   B1  barrier_wait, a future, has come with its first poll. When `size` have
 *       come they are all ready, and their generation is over.
 *   B2  One of them is the leader, the one that came last: its result is 1, the
 *       others' is 0.
 *   B3  It can be used again and again. Who comes after the last of a
 *       generation belongs to the next one, also if those of the one before
 *       have not been polled since.
 *   B4  One that is dropped before its generation is over has not come: another
 *       one is needed. After that a drop changes nothing.
 *   B5  A barrier of 1, or of 0, lets everybody through at once, as a leader.
 *
 * Any thread may use it. Rust: tokio::sync::Barrier; there, who is dropped
 * stays counted. */
#ifndef CHAPTERS_MUTEX_BARRIER_H
#define CHAPTERS_MUTEX_BARRIER_H

#include "chapters/02_future/future.h"
#include "chapters/08_channel/waiter.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct barrier {
    size_t size; /* set once */
    pthread_mutex_t lock;
    /* Under the lock: */
    size_t arrived;      /* of this generation; less than size */
    uint64_t generation; /* how many are over */
    struct list waiters; /* those who have come */
};

struct barrier_wait {
    struct int_future base; /* 1: the leader, or 0 */
    struct barrier *barrier;
    bool has_come;
    bool is_done;
    uint64_t generation;  /* in which it came */
    struct waiter waiter; /* under the barrier's lock */
    bool was_refused;     /* B6 of budget_poll.h */
};

void barrier_init(struct barrier *barrier, size_t size);

/* Nobody waits, and nobody uses it any more. */
void barrier_end(struct barrier *barrier);

/* The barrier outlives the future. */
void barrier_wait_init(struct barrier_wait *wait, struct barrier *barrier);

#ifdef __cplusplus
}
#endif

#endif
