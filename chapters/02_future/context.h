/* context.h - what a poll is handed: the way to ask for another poll.
 *
 * A waker is two words: what to do, and to whom. Chapter 03 builds wakers
 * and states their contract; until then this is all that a future needs.
 * Rust: std::task::Context, RawWaker and RawWakerVTable, field for field. */
#ifndef CHAPTERS_FUTURE_CONTEXT_H
#define CHAPTERS_FUTURE_CONTEXT_H

#include "chapters/common/trace.h"

struct waker {
    const struct waker_ops *ops;
    void *data;
};

struct waker_ops {
    struct waker (*clone)(void *data);
    void (*wake)(void *data); /* consumes the waker */
    void (*wake_by_ref)(void *data);
    void (*drop)(void *data);
};

struct context {
    const struct waker *waker; /* borrowed: valid during the poll only */
};

/* Asks for another poll of the task that is being polled. */
static inline void context_wake(const struct context *cx)
{
    trace(TRACE_WAKE, cx->waker->data, 0, 0);
    cx->waker->ops->wake_by_ref(cx->waker->data);
}

#endif
