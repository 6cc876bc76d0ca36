/* io_operation.h - a system call as a future.
 *
 *   O1  Every operation of this chapter is a call that does not block, tried
 *       when the source seems ready. -EAGAIN: the readiness is cleared, and
 *       the future waits. Anything else is the result.
 *   O2  EINTR is not a result: the call is made again.
 *   O3  Cancelling an operation loses nothing: what was not done is still
 *       to be done, what was done is in the caller's hands.
 *   O4  One operation a direction at a time; a second one would take the
 *       first one's waker. Reading and writing do not disturb each other.
 *   O5  One that is ready has cost one operation of its task's turn, one that
 *       waits none (B4 of budget_poll.h). When the turn's budget is spent it
 *       wakes itself and is pending, before any call: so a source that never
 *       runs dry starves nobody.
 *
 * An operation belongs to its task, on whatever thread that is polled, and its
 * source must outlive it.
 * Rust: tokio's Registration::poll_io. */
#ifndef CHAPTERS_REACTOR_IO_OPERATION_H
#define CHAPTERS_REACTOR_IO_OPERATION_H

#include "chapters/02_future/future.h"
#include "chapters/06_reactor/io_source.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct io_operation {
    struct int_future base; /* result: what the call returned, or -errno */
    struct io_source *source;
    struct ready_event ready; /* what was seen before the call */
    bool is_waiting;          /* its waker may be with the source */
    bool was_refused;         /* B6 of budget_poll.h */
};

/* What all operations of a kind have in common: one constant for each. */
struct io_function {
    struct future_ops ops; /* always IO_OPERATION_OPS */
    enum io_direction direction;
    /* Makes the call. Its result >= 0, or a negative errno; -EAGAIN: it has
     * to wait (O1). */
    int (*attempt)(struct io_operation *self);
};

#define IO_OPERATION_OPS                     \
    {                                        \
        io_operation_poll, io_operation_drop \
    }

void io_operation_init(struct io_operation *operation,
                       const struct io_function *function,
                       struct io_source *source);

enum poll io_operation_poll(struct future *self, struct context *cx);
void io_operation_drop(struct future *self);

/* For attempts: the next call would find nothing (O1), and this one has proved
 * it. Spares that call. Few calls prove that: see S8 of socket.h. */
void io_operation_exhausted(struct io_operation *operation);

#ifdef __cplusplus
}
#endif

#endif
