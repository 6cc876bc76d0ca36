/* semaphore.h - so many permits, and a fair queue for who has none.
 *
 *     permits: 0      first          second         third
 *     release(3) -->  needs 2        needs 3        needs 1
 *                     has 2: woken   has 1          has 0
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
 *   S4  Only who has all its permits is woken.
 *   S5  An acquire that is dropped gives back what was given to it, a part or
 *       all of it, and the next one gets that.
 *   S6  Who wants more than `maximum` gets -EINVAL, and does not wait.
 *   S7  A release by which more than `maximum` would be free is -EOVERFLOW, and
 *       releases nothing.
 *   S8  semaphore_close(): who waits or comes gets -EPIPE, and a part that it
 *       has is given back. Who was given all its permits has them. Those that
 *       are out can be released still.
 *   S9  Nothing allocates.
 *
 * Any thread may use it; an acquire belongs to one at a time. The lock is held
 * for a few instructions for each who is given something, and never while
 * foreign code runs (W1). Rust: tokio::sync::Semaphore, in
 * sync/batch_semaphore.rs. */
#ifndef CHAPTERS_MUTEX_SEMAPHORE_H
#define CHAPTERS_MUTEX_SEMAPHORE_H

#include "chapters/02_future/future.h"
#include "chapters/08_channel/waiter.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* For whoever has no maximum: so much that no sum of two overflows. */
#define SEMAPHORE_MAXIMUM ((size_t)-1 >> 3)

struct semaphore {
    size_t maximum; /* set once */
    pthread_mutex_t lock;
    /* Under the lock. If anybody waits, permits == 0 (S3). */
    size_t permits; /* that are free */
    bool is_closed;
    struct list acquires; /* waiters: who needs permits, in order */
};

struct semaphore_acquire {
    struct int_future base; /* 0, -EPIPE or -EINVAL */
    struct semaphore *semaphore;
    size_t count; /* set once */
    bool is_done;
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

/* How many are free. It may be another number by the time you look at it. */
size_t semaphore_available(struct semaphore *semaphore);

/* The semaphore outlives the future. */
void semaphore_acquire_init(struct semaphore_acquire *acquire,
                            struct semaphore *semaphore, size_t count);

#ifdef __cplusplus
}
#endif

#endif
