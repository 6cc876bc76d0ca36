/* permit.c - places: who has one, who waits for one, and who is next. */
#include "chapters/08_channel/permit.h"

#include "chapters/04_executor/budget_poll.h"
#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

#include <errno.h>

struct waker channel_grant(struct channel *channel)
{
    /* begin 8.6: nothing if nobody waits; else count the place, make the first
     * reserve's state GRANTED, and take its waker out */
    struct list *first = list_first(&channel->reserves);

    if (first != NULL) {
        container_of(first, struct channel_reserve, waiter.link)->state =
            RESERVE_GRANTED;
        channel->permits++;
    }
    return waiters_take_first(&channel->reserves);
    /* end 8.6: (void)channel;
    return (struct waker){NULL, NULL}; */
}

int channel_commit(struct channel_permit *permit, const void *item)
{
    struct channel *channel = permit->channel;
    bool is_sent = false;

    require(channel != NULL, "a commit with a permit that is spent");
    permit->channel = NULL;
    /* begin 8.6: the place is an item now, if there is a receiver; wake it, if
     * it is awaited */
    pthread_mutex_lock(&channel->lock);
    channel->permits--;
    is_sent = channel->has_receiver;
    if (is_sent)
        ring_push(&channel->ring, item);
    bool wakes = is_sent && channel_take_awaited(channel);

    pthread_mutex_unlock(&channel->lock);
    if (wakes)
        waker_cell_wake(&channel->receiver);
    /* end 8.6: (void)channel, (void)item; */
    return is_sent ? 0 : -EPIPE;
}

void channel_permit_drop(struct channel_permit *permit)
{
    struct channel *channel = permit->channel;

    if (channel == NULL)
        return;
    permit->channel = NULL;
    /* begin 8.7: the place is free: the next one gets it. And if it was the
     * last permit of a closed channel, the receiver has an end to see. */
    pthread_mutex_lock(&channel->lock);
    channel->permits--;
    struct waker next = channel_grant(channel);
    bool is_end = channel->is_closed && channel->permits == 0;
    bool wakes = is_end && channel_take_awaited(channel);

    pthread_mutex_unlock(&channel->lock);
    waker_wake_if_any(&next);
    if (wakes)
        waker_cell_wake(&channel->receiver);
    /* end 8.7: (void)channel; */
}

/* What is known by now: 0, the place is this one's; -EPIPE; or -EAGAIN. Lock
 * held. */
static int reserve_look(struct channel_reserve *reserve)
{
    struct channel *channel = reserve->channel;

    /* begin 8.6: granted; or closed; or, if there is a place, take it */
    require(reserve->state != RESERVE_DONE, "P4: polled after POLL_READY");
    if (reserve->state == RESERVE_GRANTED)
        return 0;
    if (channel->is_closed)
        return -EPIPE;
    if (channel->ring.length + channel->permits == channel->ring.capacity)
        return -EAGAIN;
    channel->permits++;
    return 0;
    /* end 8.6: (void)channel;
    return -EAGAIN; */
}

static enum poll reserve_poll(struct future *self, struct context *cx)
{
    struct channel_reserve *reserve =
        container_of(self, struct channel_reserve, base.base);
    struct channel *channel = reserve->channel;

    pthread_mutex_lock(&channel->lock);
    int result = reserve_look(reserve);

    pthread_mutex_unlock(&channel->lock);
    /* begin 8.6: if there is none: clone the waker, take the lock, look again,
     * and wait */
    if (result == -EAGAIN) {
        struct waker spare = waker_clone(cx->waker);

        pthread_mutex_lock(&channel->lock);
        result = reserve_look(reserve);
        if (result == -EAGAIN) {
            waiter_wait(&reserve->waiter, &channel->reserves, &spare);
            reserve->state = RESERVE_WAITING;
        }
        pthread_mutex_unlock(&channel->lock);
        waker_drop(&spare);
    }
    /* end 8.6 */
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

    /* begin 8.7: if it was queued: out of the list; and a place that was
     * granted, and not taken, is given back */
    struct channel *channel = reserve->channel;
    struct channel_permit granted = {NULL};

    if (!reserve->is_queued)
        return;
    pthread_mutex_lock(&channel->lock);
    struct waker waker = waiter_leave(&reserve->waiter);

    if (reserve->state == RESERVE_GRANTED)
        granted.channel = channel;
    pthread_mutex_unlock(&channel->lock);
    waker_drop(&waker);
    channel_permit_drop(&granted);
    /* end 8.7: (void)reserve; */
}

void channel_reserve_init(struct channel_reserve *reserve,
                          struct channel_sender *sender)
{
    static const struct future_ops ops = {reserve_budgeted, reserve_drop};

    *reserve = (struct channel_reserve){
        .base = {{&ops}, 0}, .channel = sender->channel, .state = RESERVE_NEW};
    waiter_init(&reserve->waiter);
}
