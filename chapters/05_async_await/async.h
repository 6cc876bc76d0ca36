/* async.h - functions that can stop in the middle and go on later.
 *
 * An async function is a body, written from top to bottom, and a frame: a
 * struct with its arguments, the locals that live across an await, and the
 * futures that it awaits. The frame begins with a struct async, which
 * remembers where the body is to go on. The macros for a body are in
 * async_macros.h.
 *
 *   A1  The body begins at the first poll of the frame (P1).
 *   A2  AWAIT(child) hands the child over (O1) and polls it. While it is
 *       pending the body returns, and the next poll goes on right there.
 *       When it is ready it is dropped, and the body goes on at once, in
 *       the same poll.
 *   A3  At any time a frame owns at most one child: the one it awaits.
 *   A4  ASYNC_RETURN(value) makes the frame ready with that result.
 *   A5  The function's cleanup is called once in a frame's life, whatever
 *       happens: when the body returns, or by the drop if it has not
 *       returned, begun or not. The child is dropped before it.
 *   A6  TRY_AWAIT(child) is AWAIT, and then, if the child's result is an
 *       error, ASYNC_RETURN of that error.
 *   A7  A frame may move until its first poll, and then stays where it is
 *       until its drop (P6). A poll in another place panics.
 *
 * A frame belongs to one task. Rust: `async fn`, `.await`, `?`, Pin, and the
 * drop that its compiler writes. */
#ifndef CHAPTERS_ASYNC_AWAIT_ASYNC_H
#define CHAPTERS_ASYNC_AWAIT_ASYNC_H

#include "chapters/02_future/future.h"

#ifdef __cplusplus
extern "C" {
#endif

struct async {
    struct int_future base;   /* until A4: result of the last await */
    int state;                /* where to go on: 0, a line, or ASYNC_DONE */
    struct int_future *child; /* what is awaited; else NULL */
    const void *home;         /* where it was first polled; NULL before */
};

enum {
    ASYNC_DONE = -1
};

/* What all frames of one function have in common: one constant for each. */
struct async_function {
    struct future_ops ops; /* always ASYNC_OPS */
    enum poll (*body)(struct async *self, struct context *cx);
    void (*cleanup)(struct async *self); /* or NULL */
};

/* For .ops in the constant. */
#define ASYNC_OPS              \
    {                          \
        async_poll, async_drop \
    }

/* A frame's beginning, before its first poll. `function` outlives it. */
void async_init(struct async *async, const struct async_function *function);

/* The operations that every frame has. */
enum poll async_poll(struct future *self, struct context *cx);
void async_drop(struct future *self);

/* For the macros: polls the child and, when it is ready, drops it and keeps
 * its result in base.result. */
enum poll async_poll_child(struct async *async, struct context *cx);

/* For the macros: the end of a body. Always POLL_READY. */
enum poll async_return(struct async *async, int result);

#ifdef __cplusplus
}
#endif

#endif
