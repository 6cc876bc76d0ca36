/* task_waker.h - the waker whose `data` is a task.
 *
 * It keeps W1 to W5 of waker.h. Every clone holds a reference to the task
 * (M2), so the word that a late wake looks at is always there; it then says
 * COMPLETE, and the wake does nothing.
 *
 * Rust: the vtable in tokio's runtime/task/waker.rs; Arc<impl Wake>. */
#ifndef CHAPTERS_EXECUTOR_TASK_WAKER_H
#define CHAPTERS_EXECUTOR_TASK_WAKER_H

#include "chapters/03_waker/waker.h"
#include "chapters/04_executor/task.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const struct waker_ops task_waker_ops;

/* A waker that borrows the caller's reference: for the context of a poll.
 * It is not dropped; whoever wants to keep it clones it. */
static inline struct waker task_waker(struct task *task)
{
    struct waker waker = {&task_waker_ops, task};

    return waker;
}

/* Wakes the task; the caller keeps its reference. Any thread. */
void task_wake(struct task *task);

#ifdef __cplusplus
}
#endif

#endif
