/* mutex.h - one task at a time, and the others wait without a thread.
 *
 *     lock --> guard --> unlock
 *     lock   (waits) --> guard --> unlock
 *     lock   (waits)   (waits) --> guard --> unlock
 *
 *   M1  mutex_lock, a future, is ready with 0 when the mutex is the caller's:
 *       `guard` is then its own, to be unlocked once. What the mutex protects
 *       is a matter of agreement: who has the guard may touch it.
 *   M2  In order of coming. Who comes while others wait does not get before,
 *       not even by mutex_try_lock().
 *   M3  A lock that is dropped while it waits is forgotten. If the mutex was
 *       given to it and it had not taken it yet, the next one gets it.
 *   M4  A guard may be kept across an await, and be unlocked by another task
 *       or thread: it is a value. Unlocking never waits. Who unlocks a mutex
 *       that is free, by a copy of a guard, has it panic, in whatever words.
 *   M5  Who has the mutex and locks it again waits for itself, for ever.
 *   M6  A mutex has a name, and so has who locks it, for lock_report.h. The
 *       notes about them decide nothing. The holder is noted from when it has
 *       the mutex until it unlocks, whatever becomes of the future.
 *
 * Any thread may use it. Rust: tokio::sync::Mutex. */
#ifndef CHAPTERS_MUTEX_MUTEX_H
#define CHAPTERS_MUTEX_MUTEX_H

#include "chapters/09_mutex/semaphore.h"
#include "chapters/common/atomics.h"

#ifdef __cplusplus
extern "C" {
#endif

struct mutex {
    struct semaphore semaphore; /* of one permit: the right to be inside */
    /* Notes (M6): */
    const char *name; /* set once */
    /* Who is inside, written by whoever is; else NULL and 0. A task is what
     * its wakers have as data; 0 if it is not known. */
    atomic_member(const char *) holder;
    atomic_member(uintptr_t) holder_task;
    struct list pending; /* locks that were polled, under semaphore.lock */
};

struct mutex_guard {
    struct mutex *mutex; /* NULL: none */
};

struct mutex_lock {
    struct int_future base; /* 0 */
    struct mutex *mutex;
    struct mutex_guard guard; /* valid if it is ready */
    struct semaphore_acquire acquire;
    /* Notes, under semaphore.lock: */
    const char *who;
    uintptr_t task; /* that polled it last */
    bool is_noted;  /* `noted` is in mutex->pending */
    struct list noted;
};

/* The names outlive what they are given to. */
void mutex_init(struct mutex *mutex, const char *name);

/* Nobody has it, nobody waits, and nobody uses it any more. */
void mutex_end(struct mutex *mutex);

/* The mutex outlives the future and its guard. */
void mutex_lock_init(struct mutex_lock *lock, struct mutex *mutex,
                     const char *who);

/* 0, and `guard` has it; or -EAGAIN. */
int mutex_try_lock(struct mutex *mutex, struct mutex_guard *guard,
                   const char *who);

/* Does nothing for a guard that is spent: cleanups may call it always. */
void mutex_unlock(struct mutex_guard *guard);

#ifdef __cplusplus
}
#endif

#endif
