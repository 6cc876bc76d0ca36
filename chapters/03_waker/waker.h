/* waker.h - a handle with which anybody can ask for another poll.
 *
 *   W1  Clone, wake and drop a waker with no lock held: they run code that
 *       you do not know.
 *   W2  waker_wake() and waker_drop() consume; every clone is consumed
 *       exactly once. waker_wake_by_ref() does not consume.
 *   W3  Any thread may use a waker, at any time until it is consumed.
 *   W4  Wakes may be spurious, and many may count as one; a wake that
 *       comes after the last poll began is never lost.
 *   W5  A waker may outlive its task: waking it is then harmless.
 *
 * Rust: std::task::Waker. */
#ifndef CHAPTERS_WAKER_WAKER_H
#define CHAPTERS_WAKER_WAKER_H

#include "chapters/02_future/context.h"

#include <stdbool.h>
#include <stddef.h>

/* A second waker for the same task. The caller owns it. */
static inline struct waker waker_clone(const struct waker *waker)
{
    return waker->ops->clone(waker->data);
}

/* Wakes and gives the waker back; it must not be used again. An empty waker
 * cannot be woken: look at ops first where there may be none. */
static inline void waker_wake(struct waker *waker)
{
    struct waker taken = *waker;

    waker->ops = NULL; /* a second use crashes at once, not some day */
    trace(TRACE_WAKE, taken.data, 0, 0);
    taken.ops->wake(taken.data);
}

static inline void waker_wake_by_ref(const struct waker *waker)
{
    trace(TRACE_WAKE, waker->data, 0, 0);
    waker->ops->wake_by_ref(waker->data);
}

/* Gives the waker back without a wake. An empty waker (ops NULL), as
 * waker_take() leaves one behind, may be dropped any number of times. */
static inline void waker_drop(struct waker *waker)
{
    struct waker taken = *waker;

    waker->ops = NULL;
    if (taken.ops != NULL)
        taken.ops->drop(taken.data);
}

/* Moves the waker out and leaves an empty one. */
static inline struct waker waker_take(struct waker *waker)
{
    struct waker taken = *waker;

    waker->ops = NULL;
    return taken;
}

static inline void waker_swap(struct waker *left, struct waker *right)
{
    struct waker taken = *left;

    *left = *right;
    *right = taken;
}

#ifdef __cplusplus
extern "C" {
#endif

/* True if both wake the same task, for all that can be told from outside:
 * same operations, same data. False says nothing. */
bool waker_will_wake(const struct waker *left, const struct waker *right);

/* Makes `kept`, which may be empty, a waker for the same task as `newest`.
 * Costs nothing if it is one already; else the old one is dropped. So a
 * future that is polled a thousand times by one task clones once.
 * Rust: Waker::clone_from. */
void waker_clone_from(struct waker *kept, const struct waker *newest);

#ifdef __cplusplus
}
#endif

#endif
