/* waiter.h - tasks that wait for the same thing, in order.
 *
 *     list --> waiter --> waiter --> waiter
 *              waker      waker      waker
 *
 * The list belongs to whatever is waited for, and so does the lock that
 * protects it and its waiters. A waiter is part of a future: no allocation.
 *
 *   A1  A waiter is in a list if and only if it has a waker.
 *   A2  Who comes last is last. A waiter that waits already keeps its place and
 *       has the newest waker (P3).
 *   A3  Wakers are cloned before the lock is taken, and woken and dropped when
 *       it is given back (W1). With the lock held they are only moved.
 *   A4  waiters_wake_all() wakes everybody who waits when it is called, also if
 *       they are many, and nobody who comes later. Who leaves meanwhile is
 *       not woken.
 *   A5  A waiter may move while it is in no list.
 *
 * Rust: the waiters of tokio::sync, with util/wake_list.rs and
 * util/linked_list.rs. */
#ifndef CHAPTERS_CHANNEL_WAITER_H
#define CHAPTERS_CHANNEL_WAITER_H

#include "chapters/03_waker/waker.h"
#include "chapters/common/list.h"

#include <pthread.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    /* Wakers that are taken out in one go. They stand on the stack while the
     * lock is free: fewer take the lock more often, more only need room. */
    WAKE_BATCH = 16
};

struct waiter {
    struct list link;
    struct waker waker; /* empty: in no list */
};

void waiter_init(struct waiter *waiter);

static inline bool waiter_waits(const struct waiter *waiter)
{
    return waiter->waker.ops != NULL;
}

/* Waits in `list`, with the waker in `spare`. What was there before is left in
 * `spare`, to be dropped without the lock. Lock held. */
void waiter_wait(struct waiter *waiter, struct list *list, struct waker *spare);

/* Waits no more. Its waker, if it has one, is returned: to be woken or dropped
 * without the lock; else an empty one. Lock held. */
struct waker waiter_leave(struct waiter *waiter);

/* The first in the list waits no more; its waker is returned, or an empty one
 * if nobody waits. Lock held. */
struct waker waiters_take_first(struct list *list);

/* Wakes all of them. It is called with the lock held, and returns without. */
void waiters_wake_all(struct list *list, pthread_mutex_t *lock);

/* Wakes a waker that may be empty. No lock held. */
static inline void waker_wake_if_any(struct waker *waker)
{
    if (waker->ops != NULL)
        waker_wake(waker);
}

#ifdef __cplusplus
}
#endif

#endif
