/* throttle.c - a stream and a sleep. */
#include "chapters/10_stream/throttle.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>

/* ------------------------------------------------------------- throttle */

static struct stream_throttle *throttle_of(struct stream *self)
{
    return container_of(self, struct stream_throttle, base);
}

/* No more rest. */
static void throttle_rise(struct stream_throttle *throttle)
{
    /* begin 10.6: the sleep, if it is under way */
    if (throttle->is_resting)
        future_drop(&throttle->sleep.base.base);
    throttle->is_resting = false;
    /* end 10.6: (void)throttle; */
}

static enum stream_poll throttle_poll_next(struct stream *self,
                                           struct context *cx, void *item)
{
    struct stream_throttle *throttle = throttle_of(self);
    enum stream_poll poll = STREAM_PENDING;

    /* begin 10.6: rest first, if it is time to; then ask; and after an item
     * begin to rest */
    if (throttle->is_resting &&
        future_poll(&throttle->sleep.base.base, cx) == POLL_PENDING)
        return STREAM_PENDING;
    throttle_rise(throttle);
    poll = stream_poll_next(throttle->inner, cx, item);
    if (poll == STREAM_END)
        return stream_end_as(self, &throttle->inner);
    if (poll == STREAM_ITEM) {
        sleep_init(&throttle->sleep, throttle->timer, throttle->duration);
        throttle->is_resting = true;
    }
    /* end 10.6: (void)throttle, (void)item; */
    return poll;
}

static void throttle_drop(struct stream *self)
{
    struct stream_throttle *throttle = throttle_of(self);

    throttle_rise(throttle);
    /* begin 10.6: the stream inside */
    stream_child_drop(&throttle->inner);
    /* end 10.6: (void)throttle; */
}

void stream_throttle_init(struct stream_throttle *throttle,
                          struct stream *inner, struct timer *timer,
                          int64_t duration)
{
    static const struct stream_ops ops = {throttle_poll_next, throttle_drop};

    *throttle = (struct stream_throttle){.base = {&ops, inner->type, 0},
                                         .inner = inner,
                                         .timer = timer,
                                         .duration = duration};
}

/* -------------------------------------------------------------- timeout */

static struct stream_timeout *timeout_of(struct stream *self)
{
    return container_of(self, struct stream_timeout, base);
}

/* Nobody waits any more. */
static void timeout_rest(struct stream_timeout *timeout)
{
    /* begin 10.6: the sleep, if it is under way */
    if (timeout->is_waiting)
        future_drop(&timeout->sleep.base.base);
    timeout->is_waiting = false;
    /* end 10.6: (void)timeout; */
}

/* There is nothing now. True if it is too late for anything to come. */
static bool timeout_is_over(struct stream_timeout *timeout, struct context *cx)
{
    bool is_over = false;

    /* begin 10.6: begin to sleep, if this is the first poll that finds
     * nothing; and poll the sleep */
    if (!timeout->is_waiting)
        sleep_init(&timeout->sleep, timeout->timer, timeout->duration);
    timeout->is_waiting = true;
    is_over = future_poll(&timeout->sleep.base.base, cx) == POLL_READY;
    /* end 10.6: (void)timeout; */
    return is_over;
}

static enum stream_poll timeout_poll_next(struct stream *self,
                                          struct context *cx, void *item)
{
    struct stream_timeout *timeout = timeout_of(self);
    enum stream_poll poll = STREAM_PENDING;

    /* begin 10.6: ask; is there nothing, and is it too late? Whatever ends the
     * wait ends the sleep */
    poll = stream_poll_next(timeout->inner, cx, item);
    if (poll == STREAM_PENDING && !timeout_is_over(timeout, cx))
        return STREAM_PENDING;
    timeout_rest(timeout);
    if (poll == STREAM_END)
        return stream_end_as(self, &timeout->inner);
    if (poll == STREAM_PENDING) {
        stream_child_drop(&timeout->inner);
        return stream_end(self, -ETIMEDOUT);
    }
    /* end 10.6: (void)timeout, (void)item, (void)timeout_is_over; */
    return poll;
}

static void timeout_drop(struct stream *self)
{
    struct stream_timeout *timeout = timeout_of(self);

    timeout_rest(timeout);
    /* begin 10.6: the stream inside */
    stream_child_drop(&timeout->inner);
    /* end 10.6: (void)timeout; */
}

void stream_timeout_init(struct stream_timeout *timeout, struct stream *inner,
                         struct timer *timer, int64_t duration)
{
    static const struct stream_ops ops = {timeout_poll_next, timeout_drop};

    *timeout = (struct stream_timeout){.base = {&ops, inner->type, 0},
                                       .inner = inner,
                                       .timer = timer,
                                       .duration = duration};
}
