/* send.c - a place, and then the item into it. */
#include "chapters/08_channel/send.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>

static enum poll send_poll(struct future *self, struct context *cx)
{
    struct channel_send *send =
        container_of(self, struct channel_send, base.base);

    /* TODO(8.7): poll the reserve; when it is ready, commit. If there is a
     * place at the first poll, channel_try_send() does it in one. */
    TODO(8.7);
    (void)send;
    return POLL_PENDING;
}

static void send_drop(struct future *self)
{
    struct channel_send *send =
        container_of(self, struct channel_send, base.base);

    /* TODO(8.7): what it has begun is undone by the reserve */
    TODO(8.7);
    (void)send;
}

void channel_send_init(struct channel_send *send, struct channel_sender *sender,
                       const void *item)
{
    static const struct future_ops ops = {send_poll, send_drop};

    send->base = (struct int_future){{&ops}, 0};
    send->sender = sender;
    send->is_reserving = false;
    send->item = item;
    channel_reserve_init(&send->reserve, sender);
}
