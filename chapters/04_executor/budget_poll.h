/* budget_poll.h - a leaf future's poll that counts against a turn's budget.
 *
 *   B4  A poll that is ready costs one operation (budget.h); one that is
 *       pending costs none. With nothing left there is no poll: the task wakes
 *       itself and is pending, and goes on in its next turn.
 *
 * Leaf futures that may be ready every time pay so: those of sockets (chapter
 * 6), of channels (8), a semaphore's acquire and with it every lock (9).
 * Futures made of others do not: their leaves have paid. Rust: poll_proceed()
 * of tokio::task::coop. */
#ifndef CHAPTERS_EXECUTOR_BUDGET_POLL_H
#define CHAPTERS_EXECUTOR_BUDGET_POLL_H

#include "chapters/02_future/future.h"
#include "chapters/03_waker/waker.h"
#include "chapters/common/budget.h"

static inline enum poll budget_poll(enum poll (*poll)(struct future *self,
                                                      struct context *cx),
                                    struct future *self, struct context *cx)
{
    enum poll result;

    if (!budget_spend()) {
        context_wake(cx);
        return POLL_PENDING;
    }
    result = poll(self, cx);
    if (result == POLL_PENDING)
        budget_refund();
    return result;
}

#endif
