/* rwlock.h - many who read, or one who writes.
 *
 *     a reader takes 1 permit                 R R R
 *     a writer takes all of them              W W W W W W W W
 *
 *   R1  rwlock_lock, a future, is ready with 0 when the lock is the caller's:
 *       `guard` is to be unlocked once. There may be many guards of
 *       rwlock_read_init() at a time, or a single one of rwlock_write_init().
 *   R2  In order of coming (S3). Readers who come after a writer that waits
 *       wait behind it: they do not starve it. And a reader who waits is
 *       let in before the next writer: nor do writers starve readers.
 *   R3  rwlock_try_read() and rwlock_try_write() do not get before.
 *   R4  rwlock_downgrade() makes a writer a reader, and nobody writes in
 *       between. There is no upgrade: two readers who want to become writers
 *       would wait for each other.
 *   R5  A lock that is dropped gives on what was given to it (S5).
 *
 * Who reads and locks again to read may wait for ever: a writer may have come
 * in between. Any thread may use it. Rust: tokio::sync::RwLock. */
#ifndef CHAPTERS_MUTEX_RWLOCK_H
#define CHAPTERS_MUTEX_RWLOCK_H

#include "chapters/09_mutex/semaphore.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    /* As many may read at a time; the next one waits. It has to be more than
     * there are tasks, and costs nothing: a writer takes all with one
     * subtraction. */
    RWLOCK_READERS = 1 << 20
};

struct rwlock {
    struct semaphore semaphore; /* of RWLOCK_READERS */
};

struct rwlock_guard {
    struct rwlock *rwlock; /* NULL: none */
    size_t permits;        /* 1, or RWLOCK_READERS */
};

struct rwlock_lock {
    struct int_future base; /* 0 */
    struct rwlock *rwlock;
    struct rwlock_guard guard; /* valid if it is ready */
    struct semaphore_acquire acquire;
};

void rwlock_init(struct rwlock *rwlock);

/* Nobody has it, nobody waits, and nobody uses it any more. */
void rwlock_end(struct rwlock *rwlock);

/* The rwlock outlives the future and its guard. */
void rwlock_read_init(struct rwlock_lock *lock, struct rwlock *rwlock);
void rwlock_write_init(struct rwlock_lock *lock, struct rwlock *rwlock);

/* 0, and `guard` has it; or -EAGAIN. */
int rwlock_try_read(struct rwlock *rwlock, struct rwlock_guard *guard);
int rwlock_try_write(struct rwlock *rwlock, struct rwlock_guard *guard);

/* A guard of a writer becomes one of a reader; one of a reader stays so. Does
 * nothing for a guard that is spent. */
void rwlock_downgrade(struct rwlock_guard *guard);

/* Does nothing for a guard that is spent. */
void rwlock_unlock(struct rwlock_guard *guard);

#ifdef __cplusplus
}
#endif

#endif
