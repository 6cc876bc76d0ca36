/* permit.c - places: who has one, who waits for one, and who is next. */
#include "chapters/08_channel/permit.h"

#include "chapters/04_executor/budget_poll.h"
#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

#include <errno.h>

struct waker channel_grant(struct channel *channel)
{
    /* TODO(8.6): nothing if nobody waits; else count the place, make the
     * first reserve's state GRANTED, and take its waker out */
    TODO(8.6);
    (void)channel;
    return (struct waker){NULL, NULL};
}

int channel_commit(struct channel_permit *permit, const void *item)
{
    struct channel *channel = permit->channel;
    bool is_sent = false;

    require(channel != NULL, "a commit with a permit that is spent");
    permit->channel = NULL;
    /* TODO(8.6): the place is an item now, if there is a receiver; wake it,
     * if it is awaited */
    TODO(8.6);
    (void)channel, (void)item;
    return is_sent ? 0 : -EPIPE;
}

void channel_permit_drop(struct channel_permit *permit)
{
    struct channel *channel = permit->channel;

    if (channel == NULL)
        return;
    permit->channel = NULL;
    /* TODO(8.7): the place is free: the next one gets it. And if it was the
     * last permit of a closed channel, the receiver has an end to see. */
    TODO(8.7);
    (void)channel;
}

/* What is known by now: 0, the place is this one's; -EPIPE; or -EAGAIN. Lock
 * held. */
static int reserve_look(struct channel_reserve *reserve)
{
    struct channel *channel = reserve->channel;

    /* TODO(8.6): granted; or closed; or, if there is a place, take it */
    TODO(8.6);
    (void)channel;
    return -EAGAIN;
}

static enum poll reserve_poll(struct future *self, struct context *cx)
{
    struct channel_reserve *reserve =
        container_of(self, struct channel_reserve, base.base);
    struct channel *channel = reserve->channel;

    pthread_mutex_lock(&channel->lock);
    int result = reserve_look(reserve);

    pthread_mutex_unlock(&channel->lock);
    /* TODO(8.6): if there is none: clone the waker, take the lock, look
     * again, and wait */
    TODO(8.6);
    if (result == -EAGAIN) {
        reserve->is_queued = true;
        return POLL_PENDING;
    }
    reserve->state = RESERVE_DONE;
    reserve->base.result = result;
    reserve->permit.channel = result == 0 ? channel : NULL;
    return POLL_READY;
}

/* Counts against its turn's budget: step 12.12. */
static enum poll reserve_budgeted(struct future *self, struct context *cx)
{
    return budget_poll(
        reserve_poll, self, cx,
        &container_of(self, struct channel_reserve, base.base)->was_refused);
}

static void reserve_drop(struct future *self)
{
    struct channel_reserve *reserve =
        container_of(self, struct channel_reserve, base.base);

    /* TODO(8.7): if it was queued: out of the list; and a place that was
     * granted, and not taken, is given back */
    TODO(8.7);
    (void)reserve;
}

void channel_reserve_init(struct channel_reserve *reserve,
                          struct channel_sender *sender)
{
    static const struct future_ops ops = {reserve_budgeted, reserve_drop};

    *reserve = (struct channel_reserve){
        .base = {{&ops}, 0}, .channel = sender->channel, .state = RESERVE_NEW};
    waiter_init(&reserve->waiter);
}
