/* shared_mutex.h - a mutex with its value, for as long as anybody has it.
 *
 *     handle --+                           reference count
 *     handle --+--> [ mutex | count | value ... ]     one allocation
 *     guard  --+
 *
 *   G1  Mutex and value live as long as there is a handle, a lock or a guard.
 *       The last that goes ends the mutex, and frees both.
 *   G2  owned_lock, a future, has a reference of its own from its init on. When
 *       it is ready with 0 that reference is in its `guard`, the caller's.
 *   G3  So an owned guard needs nothing else to be there: it can move into
 *       another task, which unlocks it when it is done.
 *   G4  owned_unlock() unlocks first and lets go then.
 *
 * Any thread may use it. Rust: Arc<Mutex<T>>, lock_owned(),
 * OwnedMutexGuard. */
#ifndef CHAPTERS_MUTEX_SHARED_MUTEX_H
#define CHAPTERS_MUTEX_SHARED_MUTEX_H

#include "chapters/09_mutex/mutex.h"

#ifdef __cplusplus
extern "C" {
#endif

struct shared_mutex {
    struct mutex mutex;
    atomic_member(uint32_t) references;
    void *value; /* for who has a guard */
};

struct mutex_handle {
    struct shared_mutex *shared; /* one reference; NULL: dropped */
};

struct owned_guard {
    struct mutex_guard guard;
    struct mutex_handle handle; /* NULL in it: spent */
};

struct owned_lock {
    struct int_future base;     /* 0 */
    struct mutex_handle handle; /* NULL in it once it is ready */
    struct mutex_lock lock;
    struct owned_guard guard; /* valid if it is ready */
};

/* 0 or -ENOMEM. The value is `size` bytes, all 0. */
int mutex_handle_create(struct mutex_handle *handle, const char *name,
                        size_t size);
struct mutex_handle mutex_handle_clone(const struct mutex_handle *handle);
void mutex_handle_drop(struct mutex_handle *handle);

void owned_lock_init(struct owned_lock *lock, const struct mutex_handle *handle,
                     const char *who);

/* What it guards, until it is unlocked. */
static inline void *owned_guard_value(const struct owned_guard *guard)
{
    return guard->handle.shared->value;
}

/* Does nothing for a guard that is spent. */
void owned_unlock(struct owned_guard *guard);

#ifdef __cplusplus
}
#endif

#endif
