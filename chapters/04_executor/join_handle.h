/* join_handle.h - what spawn gives back: the task's output, as a future.
 *
 *   J1  The handle is a future. It is ready when the task is complete, and
 *       its `result` is then the task's: what its future left there, or
 *       -ECANCELED if the task was aborted or its executor ended first.
 *   J2  Dropping the handle detaches the task: it runs on, and its output
 *       goes nowhere.
 *   J3  join_handle_abort() ends a task at its next turn: its future is
 *       dropped without another poll, and sees then what came before the
 *       abort. A task that is ready first keeps its output; a complete one
 *       is left alone. Aborting twice is once.
 *   J4  A handle may be polled, aborted and dropped on any thread, by one
 *       at a time, and after the executor has ended.
 *   J5  It may move as long as it was not polled (P6).
 *
 * Every handle is dropped once (P5). Rust: tokio::task::JoinHandle; a task
 * of smol is cancelled when its handle goes, unless it was detached. */
#ifndef CHAPTERS_EXECUTOR_JOIN_HANDLE_H
#define CHAPTERS_EXECUTOR_JOIN_HANDLE_H

#include "chapters/02_future/future.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct task;

struct join_handle {
    struct int_future base;
    struct task *task; /* one reference; NULL once ready or dropped */
    bool was_refused;  /* B6 of budget_poll.h */
};

/* Takes a reference to `task`. executor_spawn() calls it. */
void join_handle_init(struct join_handle *handle, struct task *task);

/* Asks the task to end (J3); does not wait for it. */
void join_handle_abort(struct join_handle *handle);

/* Lets go of the task (J2): another name for dropping the handle. */
static inline void join_handle_detach(struct join_handle *handle)
{
    future_drop(&handle->base.base);
}

#ifdef __cplusplus
}
#endif

#endif
