/* channel_sink.c - a reserve, a permit, a commit. */
#include "chapters/10_stream/channel_sink.h"

#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

static struct channel_sink *channel_of(struct sink *self)
{
    return container_of(self, struct channel_sink, base);
}

/* Begins to wait for a place. */
static void begin(struct channel_sink *sink)
{
    channel_reserve_init(&sink->reserve, &sink->sender);
    sink->state = CHANNEL_SINK_WAITING;
}

static enum poll channel_poll_ready(struct sink *self, struct context *cx)
{
    struct channel_sink *sink = channel_of(self);

    /* TODO(10.10): IDLE: begin. WAITING: poll the reserve, and drop it if
     * it is ready: READY, or IDLE after an error. READY: there is a place
     * still */
    TODO(10.10);
    (void)sink, (void)begin;
    return POLL_PENDING;
}

static int channel_send_item(struct sink *self, void *item)
{
    struct channel_sink *sink = channel_of(self);
    int result = 0;

    require(sink->state == CHANNEL_SINK_READY,
            "K2 of sink.h: sent before it was ready");
    /* TODO(10.10): commit; an item that nobody takes is dropped */
    TODO(10.10);
    (void)item;
    return result;
}

static enum poll channel_poll_flush(struct sink *self, struct context *cx)
{
    (void)cx;
    return sink_ready(self, 0);
}

static void channel_sink_drop(struct sink *self)
{
    struct channel_sink *sink = channel_of(self);

    /* TODO(10.10): the reserve that is under way, or the permit; and then
     * the sender, if it is there still */
    TODO(10.10);
    (void)sink;
}

static enum poll channel_poll_close(struct sink *self, struct context *cx)
{
    (void)cx;
    channel_sink_drop(self);
    return sink_ready(self, 0);
}

void channel_sink_init(struct channel_sink *sink, struct channel_sender *sender)
{
    static const struct sink_ops ops = {channel_poll_ready, channel_send_item,
                                        channel_poll_flush, channel_poll_close,
                                        channel_sink_drop};

    *sink = (struct channel_sink){.base = {&ops, sender->channel->ring.type, 0},
                                  .sender = *sender,
                                  .state = CHANNEL_SINK_IDLE};
    sender->channel = NULL;
}
