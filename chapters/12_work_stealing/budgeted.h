/* budgeted.h - a future that counts against the budget of its task's turn.
 *
 *   G1  A poll that makes the child ready takes one operation of the budget
 *       (budget.h). A poll that leaves it pending takes none.
 *   G2  With nothing left the child is not polled: the task wakes itself, and
 *       is pending. It goes on in its next turn, after all who wait.
 *   G3  Otherwise it is its child: the same polls, the same result, dropped
 *       with it.
 *
 * For a leaf future that may be ready every time: a receive, a lock, a read.
 * Rust: tokio::task::coop::cooperative(). */
#ifndef CHAPTERS_WORK_STEALING_BUDGETED_H
#define CHAPTERS_WORK_STEALING_BUDGETED_H

#include "chapters/02_future/future.h"

#ifdef __cplusplus
extern "C" {
#endif

struct budgeted {
    struct int_future base;
    struct int_future *child; /* borrowed; dropped with it */
};

void budgeted_init(struct budgeted *budgeted, struct int_future *child);

#ifdef __cplusplus
}
#endif

#endif
