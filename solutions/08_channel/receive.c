/* receive.c - try, register, try again. */
#include "chapters/08_channel/receive.h"

#include "chapters/04_executor/budget_poll.h"
#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>

static enum poll receive_poll(struct future *self, struct context *cx)
{
    struct channel_receive *receive =
        container_of(self, struct channel_receive, base.base);

    /* begin 8.5: try; if nothing is there, register in the channel's cell, and
     * try again: or wait */
    struct channel_receiver *receiver = receive->receiver;
    int result = channel_try_receive(receiver, receive->item);

    if (result == -EAGAIN) {
        receive->is_registered = true;
        waker_cell_register(&receiver->channel->receiver, cx->waker);
        result = channel_receive_or_wait(receiver, receive->item);
    }
    if (result == -EAGAIN)
        return POLL_PENDING;
    receive->base.result = result;
    return POLL_READY;
    /* end 8.5: (void)receive;
    return POLL_PENDING; */
}

/* Counts against its turn's budget: step 12.12. */
static enum poll receive_budgeted(struct future *self, struct context *cx)
{
    return budget_poll(
        receive_poll, self, cx,
        &container_of(self, struct channel_receive, base.base)->was_refused);
}

static void receive_drop(struct future *self)
{
    struct channel_receive *receive =
        container_of(self, struct channel_receive, base.base);

    /* begin 8.5: no waker is left in the cell, if it was ever there */
    if (receive->is_registered)
        waker_cell_clear(&receive->receiver->channel->receiver);
    /* end 8.5: (void)receive; */
}

void channel_receive_init(struct channel_receive *receive,
                          struct channel_receiver *receiver, void *item)
{
    static const struct future_ops ops = {receive_budgeted, receive_drop};

    *receive = (struct channel_receive){
        .base = {{&ops}, 0}, .receiver = receiver, .item = item};
}
