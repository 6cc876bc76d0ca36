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

    /* TODO(8.5): try; if nothing is there, register in the channel's cell,
     * and try again: or wait */
    TODO(8.5);
    (void)receive;
    return POLL_PENDING;
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

    /* TODO(8.5): no waker is left in the cell, if it was ever there */
    TODO(8.5);
    (void)receive;
}

void channel_receive_init(struct channel_receive *receive,
                          struct channel_receiver *receiver, void *item)
{
    static const struct future_ops ops = {receive_budgeted, receive_drop};

    *receive = (struct channel_receive){
        .base = {{&ops}, 0}, .receiver = receiver, .item = item};
}
