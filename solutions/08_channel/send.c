/* send.c - a place, and then the item into it. */
#include "chapters/08_channel/send.h"

#include "chapters/04_executor/budget_poll.h"
#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>

static enum poll send_poll(struct future *self, struct context *cx)
{
    struct channel_send *send =
        container_of(self, struct channel_send, base.base);

    /* begin 8.7: if there is a place at the first poll, channel_try_send() does
     * it in one. If not, make a reserve, and poll it; when it is ready,
     * commit. */
    int result = -EAGAIN;

    if (!send->is_reserving) {
        result = channel_try_send(send->sender, send->item);
        send->is_reserving = result == -EAGAIN;
        if (send->is_reserving)
            channel_reserve_init(&send->reserve, send->sender);
    }
    if (result == -EAGAIN) {
        if (future_poll(&send->reserve.base.base, cx) == POLL_PENDING)
            return POLL_PENDING;
        result = send->reserve.base.result;
        if (result == 0)
            result = channel_commit(&send->reserve.permit, send->item);
    }
    send->base.result = result;
    return POLL_READY;
    /* end 8.7: (void)send;
    return POLL_PENDING; */
}

/* Counts against its turn's budget: step 12.12. */
static enum poll send_budgeted(struct future *self, struct context *cx)
{
    return budget_poll(
        send_poll, self, cx,
        &container_of(self, struct channel_send, base.base)->was_refused);
}

static void send_drop(struct future *self)
{
    struct channel_send *send =
        container_of(self, struct channel_send, base.base);

    /* begin 8.7: what it has begun, if it has, is undone by the reserve */
    if (send->is_reserving)
        future_drop(&send->reserve.base.base);
    /* end 8.7: (void)send; */
}

void channel_send_init(struct channel_send *send, struct channel_sender *sender,
                       const void *item)
{
    static const struct future_ops ops = {send_budgeted, send_drop};

    send->base = (struct int_future){{&ops}, 0};
    send->sender = sender;
    send->is_reserving = false;
    send->item = item;
    send->was_refused = false;
}
