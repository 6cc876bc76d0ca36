/* budget.h - how much a task may do in one turn before others have theirs.
 *
 * A task whose channel is never empty would never be pending, and whoever
 * waits behind it would wait for ever. So futures that are ready without
 * having waited (a receive, a lock, a read) count against a budget. When it
 * is spent they are pending and woken at once: the task goes to the end of
 * the queue, as if it had yielded. Leaf futures pay by budget_poll.h.
 *
 *   B1  budget_begin() gives the thread a budget for the turn that follows;
 *       without one there is no limit. The executor (chapter 4) and the workers
 *       of chapter 12 begin one; block_on() and chapter 11's pool do not.
 *   B2  budget_spend() takes one. False if nothing is left: the caller then
 *       wakes its own task (context_wake) and returns POLL_PENDING.
 *   B3  budget_refund() gives it back: for an operation that had to wait, and
 *       so did nothing.
 *   B5  budget_is_spent(): nothing is left, and each further poll would be in
 *       vain. For whoever has many futures in one task: a loop over ten
 *       thousand of them stops there, wakes its task once, and goes on with the
 *       others in the next turn. (B4 is in budget_poll.h.)
 *
 * One for each thread. Rust: tokio's task::coop. */
#ifndef COMMON_BUDGET_H
#define COMMON_BUDGET_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    BUDGET_TURN = 128,
    BUDGET_NONE = -1, /* no limit */
};

#ifndef __cplusplus
extern _Thread_local int budget_left;

static inline void budget_begin(int operations)
{
    budget_left = operations;
}

static inline bool budget_spend(void)
{
    bool is_left = budget_left != 0;

    budget_left -= budget_left > 0;
    return is_left;
}

static inline void budget_refund(void)
{
    budget_left += budget_left >= 0;
}

static inline bool budget_is_spent(void)
{
    return budget_left == 0;
}
#endif

#ifdef __cplusplus
}
#endif

#endif
