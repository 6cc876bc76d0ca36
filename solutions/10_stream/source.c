/* source.c - a future, made anew for each item. */
#include "chapters/10_stream/source.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <string.h>

/* --------------------------------------------------------- an interval */

static struct interval_stream *interval_of(struct stream *self)
{
    return container_of(self, struct interval_stream, base);
}

static enum stream_poll interval_poll_next(struct stream *self,
                                           struct context *cx, void *item)
{
    struct interval_stream *stream = interval_of(self);

    /* begin 10.2: make a tick if none is under way; poll it; if it is ready,
     * its `due` is the item, and it is dropped */
    struct interval_tick *tick = &stream->tick;

    if (!stream->is_waiting)
        interval_tick_init(tick, &stream->interval);
    stream->is_waiting = true;
    if (future_poll(&tick->base.base, cx) == POLL_PENDING)
        return STREAM_PENDING;
    memcpy(item, &tick->due, sizeof tick->due);
    future_drop(&tick->base.base);
    stream->is_waiting = false;
    return STREAM_ITEM;
    /* end 10.2: (void)stream, (void)item;
    return STREAM_PENDING; */
}

static void interval_drop(struct stream *self)
{
    struct interval_stream *stream = interval_of(self);

    /* begin 10.2: the tick, if one is under way */
    if (stream->is_waiting)
        future_drop(&stream->tick.base.base);
    stream->is_waiting = false;
    /* end 10.2: (void)stream; */
}

void interval_stream_init(struct interval_stream *stream,
                          const struct interval *interval)
{
    static const struct stream_ops ops = {interval_poll_next, interval_drop};
    static const struct item_type type = {sizeof(int64_t), NULL};

    *stream = (struct interval_stream){.base = {&ops, &type, 0},
                                       .interval = *interval};
}

/* ----------------------------------------------------------- a channel */

static struct channel_stream *channel_of(struct stream *self)
{
    return container_of(self, struct channel_stream, base);
}

static enum stream_poll channel_poll_next(struct stream *self,
                                          struct context *cx, void *item)
{
    struct channel_stream *stream = channel_of(self);

    /* begin 10.2: the same with a receive. The room for the item may be
     * another one at each poll. -EPIPE: the end, and no error. */
    struct channel_receive *receive = &stream->receive;

    if (!stream->is_waiting)
        channel_receive_init(receive, &stream->receiver, item);
    stream->is_waiting = true;
    receive->item = item;
    if (future_poll(&receive->base.base, cx) == POLL_PENDING)
        return STREAM_PENDING;
    future_drop(&receive->base.base);
    stream->is_waiting = false;
    if (receive->base.result == 0)
        return STREAM_ITEM;
    return stream_end(self, 0);
    /* end 10.2: (void)stream, (void)item;
    return STREAM_PENDING; */
}

static void channel_drop(struct stream *self)
{
    struct channel_stream *stream = channel_of(self);

    /* begin 10.2: the receive, if it is under way; and then the receiver */
    if (stream->is_waiting)
        future_drop(&stream->receive.base.base);
    channel_receiver_drop(&stream->receiver);
    /* end 10.2: (void)stream; */
}

void channel_stream_init(struct channel_stream *stream,
                         struct channel_receiver *receiver)
{
    static const struct stream_ops ops = {channel_poll_next, channel_drop};

    *stream = (struct channel_stream){
        .base = {&ops, receiver->channel->ring.type, 0}, .receiver = *receiver};
    receiver->channel = NULL;
}

/* ---------------------------------------------------------- a listener */

static struct listener_stream *listener_of(struct stream *self)
{
    return container_of(self, struct listener_stream, base);
}

static enum stream_poll listener_poll_next(struct stream *self,
                                           struct context *cx, void *item)
{
    struct listener_stream *stream = listener_of(self);

    /* begin 10.2: the same with a tcp_accept; an error is the end */
    struct tcp_accept *accept = &stream->accept;

    if (!stream->is_waiting)
        tcp_accept_init(accept, &stream->listener);
    stream->is_waiting = true;
    if (future_poll(&accept->io.base.base, cx) == POLL_PENDING)
        return STREAM_PENDING;
    future_drop(&accept->io.base.base);
    stream->is_waiting = false;
    if (accept->io.base.result < 0)
        return stream_end(self, accept->io.base.result);
    memcpy(item, &accept->socket, sizeof accept->socket);
    return STREAM_ITEM;
    /* end 10.2: (void)stream, (void)item;
    return STREAM_PENDING; */
}

static void listener_drop(struct stream *self)
{
    struct listener_stream *stream = listener_of(self);

    /* begin 10.2: the accept, if it is under way; and then the socket */
    if (stream->is_waiting)
        future_drop(&stream->accept.io.base.base);
    socket_close(&stream->listener);
    /* end 10.2: (void)stream; */
}

static void connection_drop(void *item)
{
    socket_close(item);
}

void listener_stream_init(struct listener_stream *stream,
                          struct socket *listener)
{
    static const struct stream_ops ops = {listener_poll_next, listener_drop};
    static const struct item_type type = {sizeof(struct socket),
                                          connection_drop};

    *stream = (struct listener_stream){.base = {&ops, &type, 0},
                                       .listener = *listener};
    listener->source = NULL;
}
