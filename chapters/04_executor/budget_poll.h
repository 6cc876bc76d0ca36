/* budget_poll.h - a leaf future's poll that counts against a turn's budget.
 *
 *   B4  A poll that is ready costs one operation (budget.h); one that is
 *       pending costs none. With nothing left there is no poll: the task wakes
 *       itself and is pending, and goes on in its next turn.
 *   B6  No future is refused twice. If there is nothing left the next time,
 *       either, it is polled for nothing: it has given way once. Otherwise a
 *       deadline, or whatever else stands behind endless work in the same task
 *       (in a join, a select, a timeout), would be refused for ever: that work
 *       spends all there is in each turn. A turn ends all the same: each future
 *       that is polled for nothing has let one turn go by.
 *
 * Leaf futures that may be ready every time pay so:
 *
 *     chapter 4   a join handle
 *     chapter 6   whatever a socket does
 *     chapter 7   a sleep, and with it a timeout and a tick of an interval
 *     chapter 8   a oneshot's receiver, and oneshot_closed; of a channel send,
 *                 reserve and receive; a receive of a broadcast; watch_changed
 *     chapter 9   a semaphore's acquire, and with it every lock; a notified; a
 *                 barrier's wait
 *
 * A yield does not pay: it is pending once. Futures made of others do not pay:
 * their leaves have.
 *
 * Rust: poll_proceed() of tokio::task::coop. Two differences, seen with Tokio
 * 1.54.1: there `notified` and a barrier do not pay (with a notify_one() before
 * each round, a neighbour waited for a million rounds); and B6 holds for
 * timeout() only, whose deadline is polled without a budget if the work has
 * spent it. A sleep of 1 ms behind a loop of receives, in a biased select!,
 * waited there for all the three million items that were there. */
#ifndef CHAPTERS_EXECUTOR_BUDGET_POLL_H
#define CHAPTERS_EXECUTOR_BUDGET_POLL_H

#include "chapters/02_future/future.h"
#include "chapters/03_waker/waker.h"
#include "chapters/common/budget.h"

/* `was_refused` is a member of the future's, and false to begin with. */
static inline enum poll
budget_poll(enum poll (*poll)(struct future *self, struct context *cx),
            struct future *self, struct context *cx, bool *was_refused)
{
    bool has_paid = budget_spend();

    if (!has_paid && !*was_refused) {
        *was_refused = true;
        context_wake(cx);
        return POLL_PENDING;
    }
    enum poll result = poll(self, cx);

    if (result == POLL_PENDING && has_paid)
        budget_refund();
    return result;
}

#endif
