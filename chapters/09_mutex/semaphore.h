/* semaphore.h - so many permits, and a fair queue for who has none.
 *
 *     permits: 0      first          second         third
 *     release(3) -->  needs 2        needs 3        needs 1
 *                     has 2: woken   has 1          has 0
 *
 *     bits 2 and up      bit 1       bit 0
 *   +----------------+-----------+----------+
 *   | free permits   |  WAITERS  |  CLOSED  |    the semaphore's word
 *   +----------------+-----------+----------+
 *
 *   WAITERS is set if and only if somebody is in the queue; then no permit is
 *   free (S3). WAITERS and CLOSED change under the lock only. Permits:
 *
 *                      taken by                     added by
 *     WAITERS is off   anybody, in one step         anybody, in one step
 *     WAITERS is on    nobody: there are none       who has the lock
 *
 *   S1  There are permits that nobody has, at most `maximum`; whoever acquires
 *       some has them, and gives them back with semaphore_release().
 *   S2  semaphore_acquire, a future, is ready with 0 when all its permits are
 *       its own. From then on they are the caller's, to be released.
 *   S3  Permits are given in order of coming, a part at a time: those that get
 *       free go to the first who waits until it has all, then to the next.
 *       So a large request is not starved by small ones. If anybody waits,
 *       no permit is free, and nobody gets before, not even by
 *       semaphore_try_acquire().
 *   S4  Only who has all its permits is woken. In which order those are woken
 *       who have theirs by the same release is not promised.
 *   S5  An acquire that is dropped gives back what was given to it, a part or
 *       all of it, and the next one gets that.
 *   S6  Who wants more than `maximum` gets -EINVAL, and does not wait; closed
 *       or not.
 *   S7  A release of more than `maximum`, or of so many that with those which
 *       are free already they would be more, is -EOVERFLOW, and releases
 *       nothing. Whether anybody waits for some of them makes no difference.
 *   S8  semaphore_close(): who waits or comes gets -EPIPE, and a part that it
 *       has is given back. Who was given all its permits has them. Those that
 *       are out can be released still.
 *   S9  Nothing allocates.
 *   S10 The lock is for the queue. Who finds all its permits, who releases
 * while nobody waits, and an acquire that is dropped and was never pending do
 *       without.
 *
 * Any thread may use it; an acquire belongs to one at a time. The lock is held
 * for a few instructions for each who is given something, and never while
 * foreign code runs (W1). Rust: tokio::sync::Semaphore, in
 * sync/batch_semaphore.rs. That of Tokio 1.54.1 has no maximum (S6, S7), and an
 * acquire that was given its permits but not polled before a close is an error
 * there (S8). */
#ifndef CHAPTERS_MUTEX_SEMAPHORE_H
#define CHAPTERS_MUTEX_SEMAPHORE_H

#include "chapters/02_future/future.h"
#include "chapters/08_channel/waiter.h"
#include "chapters/common/atomics.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The word, as drawn above. */
#define SEMAPHORE_CLOSED  ((size_t)1)
#define SEMAPHORE_WAITERS ((size_t)2)
#define SEMAPHORE_PERMIT  ((size_t)4) /* one that is free */

/* For whoever has no maximum: so much that the sum of two has room above. */
#define SEMAPHORE_MAXIMUM ((size_t)-1 >> 3)

struct semaphore {
    size_t maximum; /* set once */
    atomic_member(size_t) state;
    pthread_mutex_t lock;
    /* Under the lock: */
    struct list acquires; /* waiters: who needs permits, in order */
};

struct semaphore_acquire {
    struct int_future base; /* 0, -EPIPE or -EINVAL */
    struct semaphore *semaphore;
    size_t count; /* set once */
    bool is_done;
    bool is_queued;   /* if not, it is in no list, and holds nothing */
    bool was_refused; /* B6 of budget_poll.h */
    /* Under the semaphore's lock: */
    size_t held;          /* of `count`, what was given so far */
    struct waiter waiter; /* waits: held < count, or to be woken */
};

/* `permits` of them, at most `maximum`, are free. */
void semaphore_init(struct semaphore *semaphore, size_t permits,
                    size_t maximum);

/* Nobody waits, and nobody uses it any more. */
void semaphore_end(struct semaphore *semaphore);

/* 0, all of them; or none: -EAGAIN, -EPIPE (S8), -EINVAL (S6). */
int semaphore_try_acquire(struct semaphore *semaphore, size_t count);

/* 0 or -EOVERFLOW (S7). */
int semaphore_release(struct semaphore *semaphore, size_t count);

/* S8. Closing twice is once. */
void semaphore_close(struct semaphore *semaphore);

/* If it is, what was done before the close can be seen. */
bool semaphore_is_closed(const struct semaphore *semaphore);

/* How many are free. It may be another number by the time you look at it. */
size_t semaphore_available(struct semaphore *semaphore);

/* The semaphore outlives the future. */
void semaphore_acquire_init(struct semaphore_acquire *acquire,
                            struct semaphore *semaphore, size_t count);

#ifdef __cplusplus
}
#endif

#endif
