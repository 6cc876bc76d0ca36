/* shared_mutex.c - who has a handle, a lock or a guard has a reference. */
#include "chapters/09_mutex/shared_mutex.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>

int mutex_handle_create(struct mutex_handle *handle, const char *name,
                        size_t size)
{
    const size_t align = alignof(max_align_t);
    const size_t head =
        (sizeof(struct shared_mutex) + align - 1) / align * align;
    struct shared_mutex *shared = NULL;

    if (size <= SIZE_MAX - head)
        shared = calloc(1, head + size);
    if (shared == NULL)
        return -ENOMEM;
    mutex_init(&shared->mutex, name);
    atomic_init(&shared->references, 1);
    shared->value = (char *)shared + head;
    handle->shared = shared;
    return 0;
}

struct mutex_handle mutex_handle_clone(const struct mutex_handle *handle)
{
    struct shared_mutex *shared = handle->shared;

    /* begin 9.7: one reference more. Relaxed: who has one can make another,
     * and nothing is read because of it. */
    atomic_fetch_add_explicit(&shared->references, 1, memory_order_relaxed);
    /* end 9.7 */
    return (struct mutex_handle){shared};
}

void mutex_handle_drop(struct mutex_handle *handle)
{
    struct shared_mutex *shared = handle->shared;

    if (shared == NULL)
        return;
    handle->shared = NULL;
    /* begin 9.7: one reference less; the last ends the mutex and frees. Release
     * and acquire: all uses by the others come before the end. */
    if (atomic_fetch_sub_explicit(&shared->references, 1,
                                  memory_order_acq_rel) > 1)
        return;
    mutex_end(&shared->mutex);
    free(shared);
    /* end 9.7 */
}

void owned_unlock(struct owned_guard *guard)
{
    /* begin 9.7: first unlock, then let go of the handle (G4) */
    mutex_unlock(&guard->guard);
    mutex_handle_drop(&guard->handle);
    /* end 9.7: (void)guard; */
}

static enum poll lock_poll(struct future *self, struct context *cx)
{
    struct owned_lock *lock = container_of(self, struct owned_lock, base.base);

    /* begin 9.7: poll the lock; when it is ready drop it, as long as its mutex
     * is there for sure; its guard and the reference move into the owned
     * guard. */
    if (future_poll(&lock->lock.base.base, cx) == POLL_PENDING)
        return POLL_PENDING;
    future_drop(&lock->lock.base.base);
    lock->guard.guard = lock->lock.guard;
    lock->guard.handle = lock->handle;
    lock->handle.shared = NULL;
    lock->base.result = 0;
    return POLL_READY;
    /* end 9.7: (void)lock, (void)cx;
    return POLL_PENDING; */
}

static void lock_drop(struct future *self)
{
    struct owned_lock *lock = container_of(self, struct owned_lock, base.base);

    /* begin 9.7: if it was not ready: drop the lock, then the reference */
    if (lock->handle.shared != NULL)
        future_drop(&lock->lock.base.base);
    mutex_handle_drop(&lock->handle);
    /* end 9.7: (void)lock; */
}

void owned_lock_init(struct owned_lock *lock, const struct mutex_handle *handle,
                     const char *who)
{
    static const struct future_ops ops = {lock_poll, lock_drop};

    *lock = (struct owned_lock){.base = {{&ops}, 0},
                                .handle = mutex_handle_clone(handle)};
    mutex_lock_init(&lock->lock, &handle->shared->mutex, who);
}
