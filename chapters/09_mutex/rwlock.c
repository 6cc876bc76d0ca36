/* rwlock.c - a reader takes one permit, a writer takes all. Everything else is
 * the semaphore's. */
#include "chapters/09_mutex/rwlock.h"

#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

#include <errno.h>

void rwlock_init(struct rwlock *rwlock)
{
    semaphore_init(&rwlock->semaphore, RWLOCK_READERS, RWLOCK_READERS);
}

void rwlock_end(struct rwlock *rwlock)
{
    require(semaphore_available(&rwlock->semaphore) == RWLOCK_READERS,
            "a rwlock ends, and somebody has it");
    semaphore_end(&rwlock->semaphore);
}

static int try_lock(struct rwlock *rwlock, struct rwlock_guard *guard,
                    size_t permits)
{
    int result = -EAGAIN;

    /* TODO(9.9): try to get the permits; the guard says how many they are */
    TODO(9.9);
    (void)rwlock, (void)guard, (void)permits;
    return result;
}

int rwlock_try_read(struct rwlock *rwlock, struct rwlock_guard *guard)
{
    return try_lock(rwlock, guard, 1);
}

int rwlock_try_write(struct rwlock *rwlock, struct rwlock_guard *guard)
{
    return try_lock(rwlock, guard, RWLOCK_READERS);
}

void rwlock_unlock(struct rwlock_guard *guard)
{
    struct rwlock *rwlock = guard->rwlock;

    if (rwlock == NULL)
        return;
    guard->rwlock = NULL;
    /* TODO(9.9): give back what it had */
    TODO(9.9);
}

void rwlock_downgrade(struct rwlock_guard *guard)
{
    if (guard->rwlock == NULL)
        return;
    /* TODO(9.9): give back all but one */
    TODO(9.9);
}

static enum poll lock_poll(struct future *self, struct context *cx)
{
    struct rwlock_lock *lock =
        container_of(self, struct rwlock_lock, base.base);

    /* TODO(9.9): poll for the permits; when they are there, `guard` has
     * them */
    TODO(9.9);
    (void)lock, (void)cx;
    return POLL_PENDING;
}

static void lock_drop(struct future *self)
{
    struct rwlock_lock *lock =
        container_of(self, struct rwlock_lock, base.base);

    /* TODO(9.9): the guard is the caller's; what else is there to drop? */
    TODO(9.9);
    (void)lock;
}

static void lock_init(struct rwlock_lock *lock, struct rwlock *rwlock,
                      size_t permits)
{
    static const struct future_ops ops = {lock_poll, lock_drop};

    *lock = (struct rwlock_lock){.base = {{&ops}, 0}, .rwlock = rwlock};
    semaphore_acquire_init(&lock->acquire, &rwlock->semaphore, permits);
}

void rwlock_read_init(struct rwlock_lock *lock, struct rwlock *rwlock)
{
    lock_init(lock, rwlock, 1);
}

void rwlock_write_init(struct rwlock_lock *lock, struct rwlock *rwlock)
{
    lock_init(lock, rwlock, RWLOCK_READERS);
}
