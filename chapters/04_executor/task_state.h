/* task_state.h - everything that can be true of a task, in one word.
 *
 *    63                        8   7 - 5    4    3    2    1    0
 *   +---------------------------+---------+----+----+----+----+----+
 *   |   references              |    0    | J  | C  | X  | R  | S  |
 *   +---------------------------+---------+----+----+----+----+----+
 *
 *   S  scheduled: the task is in a run queue, or, while it is running,
 *      a wake has come since its poll began
 *   R  running: the executor polls its future, or drops it; or it has been
 *      polled, was woken meanwhile, and waits in a queue for its next turn
 *   X  complete: the future is dropped, its output may be read
 *   C  cancelled: the next turn drops the future instead of polling it
 *   J  joined: somebody waits for the output, with a waker in `joiner`
 *
 * Invariant: a task is in exactly one queue if S is set and R and X are
 * not; while R is set, if whoever set it has put it there; otherwise in
 * none. The future belongs to whoever set R.
 *
 * A transition changes the word in one atomic step and returns the duty
 * that falls to the caller. Nobody else gets that duty, and nobody who
 * drops it on the floor can be helped: hence warn_unused_result. Any
 * thread may call wake, abort, ref and unref; the rest is the executor's.
 *
 * Rust: tokio's runtime/task/state.rs, async-task's state.rs. */
#ifndef CHAPTERS_EXECUTOR_TASK_STATE_H
#define CHAPTERS_EXECUTOR_TASK_STATE_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    TASK_SCHEDULED = 1,
    TASK_RUNNING = 2,
    TASK_COMPLETE = 4,
    TASK_CANCELLED = 8,
    TASK_JOINED = 16,
    TASK_REFERENCE = 256, /* one reference; 2^56 of them cannot overflow */
};

enum task_duty {
    TASK_NOTHING,  /* somebody else sees to it */
    TASK_SCHEDULE, /* put the task in a run queue, once */
    TASK_POLL,     /* poll the future */
    TASK_CANCEL,   /* drop the future, unpolled */
};

#define TASK_DUTY __attribute__((warn_unused_result))

struct task;

/* Somebody wants another poll. TASK_SCHEDULE if it is for the caller to
 * queue the task; TASK_NOTHING if it is queued, running or complete. */
TASK_DUTY enum task_duty task_state_wake(struct task *task);

/* Somebody wants the task to end. TASK_SCHEDULE as for a wake. */
TASK_DUTY enum task_duty task_state_abort(struct task *task);

/* Somebody wants another poll; if the task has its turn on this very thread,
 * then this is all: true. A task that yields is spared two changes of a word
 * that others share. False: task_state_wake() has to do it. */
bool task_state_wake_self(const struct task *task);

/* The task has left its queue. TASK_POLL, or TASK_CANCEL. */
TASK_DUTY enum task_duty task_state_start(struct task *task);

/* Its poll returned POLL_PENDING. TASK_SCHEDULE if a wake has come since
 * the poll began: then nobody else has queued the task. It may stay R on its
 * way through the queue, so a task that yields need not change the word. */
TASK_DUTY enum task_duty task_state_pend(struct task *task);

/* Takes the task for a cancel wherever it is. Only for an executor that
 * ends: the task may still be linked in a queue. */
void task_state_seize(struct task *task);

/* Its future is dropped and its output is in place. True if somebody waits
 * for it (J), whom the caller then wakes. */
__attribute__((warn_unused_result)) bool task_state_finish(struct task *task);

/* There is a waker in `joiner` now (J). False if the task was complete before:
 * then nobody will wake it, or look at it. */
__attribute__((warn_unused_result)) bool task_state_join(struct task *task);

bool task_state_is_complete(const struct task *task);

/* For tests and curious programs: how many own the task just now. */
uint64_t task_state_references(const struct task *task);

#ifdef __cplusplus
}
#endif

#endif
