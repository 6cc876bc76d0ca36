/* turn.h - one turn of a task, on whatever thread it has come to.
 *
 *      S --start--> R --poll--> pending --pend--> idle: TURN_IDLE
 *                   |              |
 *                   |              +--- woken meanwhile: TURN_AGAIN
 *                   +--> ready, or cancelled: TURN_COMPLETE
 *
 *   U1  The caller has taken the task out of a queue: it alone may take the
 *       turn. Wakes and aborts that come meanwhile, on any thread, only
 *       leave word in the state (task_state.h).
 *   U2  TURN_AGAIN: the duty to queue the task is the caller's, and so is
 *       the task until it does so.
 *   U3  After TURN_IDLE the task may be on another thread already, running
 *       or gone: the caller does not touch it any more. After
 *       TURN_COMPLETE it is done with, too.
 *   U4  A task that completes drops its future first, leaves its home, shows
 *       its output, and wakes the joiner last: each step hides what it uses
 *       from the ones after it.
 *   U5  One future is never polled by two threads at once, and what one turn
 *       did, the next one sees, wherever it is.
 *
 * Rust: tokio's runtime/task/harness.rs. */
#ifndef CHAPTERS_THREADS_TURN_H
#define CHAPTERS_THREADS_TURN_H

#include "chapters/04_executor/task.h"

#ifdef __cplusplus
extern "C" {
#endif

enum turn_end {
    TURN_IDLE,
    TURN_AGAIN,
    TURN_COMPLETE,
    TURN_LAST, /* complete, and the last one of a home that is closed */
};

enum turn_end turn_take(struct task *task);

#ifdef __cplusplus
}
#endif

#endif
