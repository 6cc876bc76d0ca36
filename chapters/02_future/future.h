/* future.h - a value that is not there yet, and how to ask for it.
 *
 *   P1  Lazy: a future does nothing before its first poll.
 *   P2  A poll that returns POLL_PENDING has arranged for the waker of its
 *       context to be woken when another poll is worth while.
 *   P3  Of several polls, the waker of the latest is the one to wake.
 *   P4  After POLL_READY a future is not polled again.
 *   P5  drop is called exactly once, finished or not, polled or not. It
 *       leaves no child, waiter, timer or waker behind. It does not free
 *       the struct itself, and leaves the output as it is.
 *   P6  From its first poll to its drop a future does not move.
 *   P7  A poll does not block, and costs no allocation.
 *
 * A concrete future embeds `struct future` as its first member and keeps
 * its output in a field of its own, valid from POLL_READY until the memory
 * is used for something else. A future belongs to one task: polls and the
 * drop are never concurrent, though they may come from different threads.
 *
 * Rust: std::future::Future and Drop. */
#ifndef CHAPTERS_FUTURE_FUTURE_H
#define CHAPTERS_FUTURE_FUTURE_H

#include "chapters/02_future/context.h"

enum poll {
    POLL_PENDING,
    POLL_READY,
};

struct future {
    const struct future_ops *ops;
};

struct future_ops {
    enum poll (*poll)(struct future *self, struct context *cx);
    void (*drop)(struct future *self);
};

/* Most futures end in an int: a value >= 0, or a negative errno. */
struct int_future {
    struct future base;
    int result; /* valid from POLL_READY on */
};

static inline enum poll future_poll(struct future *future, struct context *cx)
{
    trace(TRACE_POLL, future, 0, 0);
    enum poll result = future->ops->poll(future, cx);
    trace(result == POLL_READY ? TRACE_POLL_READY : TRACE_POLL_PENDING, future,
          0, 0);
    return result;
}

static inline void future_drop(struct future *future)
{
    trace(TRACE_DROP, future, 0, 0);
    future->ops->drop(future);
}

#endif
