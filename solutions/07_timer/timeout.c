/* timeout.c - a select of a future and a sleep, with one winner. */
#include "chapters/07_timer/timeout.h"

#include "chapters/02_future/child.h"
#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>

static enum poll timeout_poll(struct future *self, struct context *cx)
{
    struct timeout *timeout = container_of(self, struct timeout, base.base);

    /* begin 7.8: the inner future first, then the sleep; whoever is ready,
     * the inner future is dropped (child_drop) */
    if (future_poll(&timeout->inner->base, cx) == POLL_READY)
        timeout->base.result = timeout->inner->result;
    else if (future_poll(&timeout->sleep.base.base, cx) == POLL_READY)
        timeout->base.result = -ETIMEDOUT;
    else
        return POLL_PENDING;
    child_drop(&timeout->inner);
    return POLL_READY;
    /* end 7.8: (void)timeout;
    return POLL_PENDING; */
}

static void timeout_drop(struct future *self)
{
    struct timeout *timeout = container_of(self, struct timeout, base.base);

    /* begin 7.8: what is left of the two */
    child_drop(&timeout->inner);
    future_drop(&timeout->sleep.base.base);
    /* end 7.8: (void)timeout; */
}

void timeout_init(struct timeout *timeout, struct timer *timer,
                  struct int_future *inner, int64_t duration)
{
    static const struct future_ops ops = {timeout_poll, timeout_drop};

    timeout->base = (struct int_future){{&ops}, 0};
    timeout->inner = inner;
    sleep_init(&timeout->sleep, timer, duration);
}
