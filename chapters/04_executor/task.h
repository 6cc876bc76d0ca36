/* task.h - a future on its own way: one allocation, counted owners.
 *
 *    task                                      task + 1
 *    v                                         v
 *   +------+-------+-----------+-----+--------+----------------------+
 *   | next | state | scheduler | all | joiner | the future's bytes ..|
 *   +------+-------+-----------+-----+--------+----------------------+
 *
 *   M1  A task is one allocation: the header, then a copy of the future.
 *       The copy is made before the first poll (P6), the original is then
 *       spent: it is neither polled nor dropped.
 *   M2  A task has owners: its executor until it is complete, its join
 *       handle, every waker. Each holds one reference. The last one to
 *       let go frees the memory, on whatever thread that is.
 *   M3  The future is dropped once, as soon as it is ready or cancelled,
 *       by whoever gives it turns. Its `result` stays readable (P5) until
 *       the memory is freed.
 *
 * Any thread may ref and unref. Rust: tokio's runtime/task, async-task. */
#ifndef CHAPTERS_EXECUTOR_TASK_H
#define CHAPTERS_EXECUTOR_TASK_H

#include "chapters/02_future/future.h"
#include "chapters/03_waker/waker_cell.h"
#include "chapters/04_executor/scheduler.h"
#include "chapters/04_executor/task_state.h"
#include "chapters/common/atomics.h"
#include "chapters/common/list.h"

#include <stdalign.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct task {
    alignas(max_align_t) struct task *next; /* its queue's */
    atomic_member(uint64_t) state;          /* see task_state.h */
    struct scheduler *scheduler; /* one reference; constant until it is
                                  * complete: chapter 11 changes it then */
    struct list all;             /* its scheduler's */
    struct waker_cell joiner;    /* woken at completion */
};

/* Copies `size` bytes from `future`, a future that was never polled, into
 * a new task that is scheduled and has one reference: the caller's.
 * Returns NULL without memory; the future is then the caller's still. */
struct task *task_create(struct scheduler *scheduler,
                         const struct int_future *future, size_t size);

/* The task's copy of the future; the task keeps it. */
struct int_future *task_future(struct task *task);

/* One owner more; returns its argument. */
struct task *task_ref(struct task *task);

/* One owner less. The task is freed if that was the last. */
void task_unref(struct task *task);

#ifdef __cplusplus
}
#endif

#endif
