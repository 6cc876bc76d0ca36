/* mutex.c - a semaphore of one permit, and notes of who is inside. */
#include "chapters/09_mutex/mutex.h"

#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

#include <errno.h>

void mutex_init(struct mutex *mutex, const char *name)
{
    semaphore_init(&mutex->semaphore, 1, 1);
    mutex->name = name;
    atomic_init(&mutex->holder, NULL);
    atomic_init(&mutex->holder_task, 0);
    list_init(&mutex->pending);
}

void mutex_end(struct mutex *mutex)
{
    require(semaphore_available(&mutex->semaphore) == 1,
            "a mutex ends, and somebody has it");
    semaphore_end(&mutex->semaphore);
}

/* ------------------------------------------------------------------ notes */

/* Relaxed: the report is for a program that stands still, and what is decided
 * is decided by the semaphore. */
static void note_holder(struct mutex *mutex, const char *who, uintptr_t task)
{
    atomic_store_explicit(&mutex->holder, who, memory_order_relaxed);
    atomic_store_explicit(&mutex->holder_task, task, memory_order_relaxed);
}

static void note_pending(struct mutex_lock *lock, const struct context *cx)
{
    struct mutex *mutex = lock->mutex;

    pthread_mutex_lock(&mutex->semaphore.lock);
    lock->task = (uintptr_t)cx->waker->data;
    if (!lock->is_noted)
        list_push_back(&mutex->pending, &lock->noted);
    lock->is_noted = true;
    pthread_mutex_unlock(&mutex->semaphore.lock);
}

static void note_settled(struct mutex_lock *lock)
{
    if (!lock->is_noted)
        return;
    pthread_mutex_lock(&lock->mutex->semaphore.lock);
    list_remove(&lock->noted);
    lock->is_noted = false;
    pthread_mutex_unlock(&lock->mutex->semaphore.lock);
}

/* ---------------------------------------------------------------- the mutex */

int mutex_try_lock(struct mutex *mutex, struct mutex_guard *guard,
                   const char *who)
{
    int result = -EAGAIN;

    /* TODO(9.6): try to get the permit; if it is there, `guard` has the
     * mutex, which note_holder() should know. (The task is 0: not known.) */
    TODO(9.6);
    (void)guard, (void)who;
    return result;
}

void mutex_unlock(struct mutex_guard *guard)
{
    struct mutex *mutex = guard->mutex;

    if (mutex == NULL)
        return;
    /* TODO(9.6): the guard is spent, and nobody holds the mutex; then give
     * the permit back, and panic, in whatever words, if it was back
     * already. */
    TODO(9.6);
}

static enum poll lock_poll(struct future *self, struct context *cx)
{
    struct mutex_lock *lock = container_of(self, struct mutex_lock, base.base);
    enum poll result = POLL_PENDING;

    /* TODO(9.6): poll for the permit */
    TODO(9.6);
    if (result == POLL_PENDING) {
        note_pending(lock, cx);
        return POLL_PENDING;
    }
    note_settled(lock);
    note_holder(lock->mutex, lock->who, (uintptr_t)cx->waker->data);
    /* TODO(9.6): `guard` has the mutex now, and the result is 0 */
    TODO(9.6);
    return POLL_READY;
}

static void lock_drop(struct future *self)
{
    struct mutex_lock *lock = container_of(self, struct mutex_lock, base.base);

    note_settled(lock);
    /* TODO(9.6): the guard is the caller's; what else is there to drop? */
    TODO(9.6);
}

void mutex_lock_init(struct mutex_lock *lock, struct mutex *mutex,
                     const char *who)
{
    static const struct future_ops ops = {lock_poll, lock_drop};

    /* One by one: the acquire has its own init, and to clear it before that
     * takes as long as to lock and unlock a mutex that is free. */
    lock->base = (struct int_future){{&ops}, 0};
    lock->mutex = mutex;
    lock->guard.mutex = NULL;
    lock->who = who;
    lock->task = 0;
    lock->is_noted = false;
    list_init(&lock->noted);
    semaphore_acquire_init(&lock->acquire, &mutex->semaphore, 1);
}
