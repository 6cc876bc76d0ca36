/* sink.h - where items go: the other end of a stream.
 *
 *     poll_ready --> send --> poll_ready --> send --> ... --> poll_close
 *                        poll_flush
 *
 *   K1  poll_ready: ready when there is a place for one item. It stays so
 *       until the item is sent: asked again, it is ready again.
 *   K2  sink_send: an item moves into the place; only after poll_ready. It
 *       never waits. The item is the sink's, also after an error (unlike a
 *       channel's send, which leaves it to the caller: C8 of channel.h).
 *   K3  poll_flush: ready when all that was sent is where the sink leads to.
 *   K4  poll_close: flushes, and says then that nothing more will come.
 *       Nothing but the drop follows.
 *   K5  When one of the three is ready, `result` is 0 or a negative errno.
 *       After an error the sink is only good to be dropped.
 *   K6  drop gives everything up, and waits for nothing.
 *
 * Sinks are to be polled as futures are: P2, P3, P6 and P7 hold.
 * Rust: futures::Sink. */
#ifndef CHAPTERS_STREAM_SINK_H
#define CHAPTERS_STREAM_SINK_H

#include "chapters/02_future/future.h"
#include "chapters/08_channel/item.h"

struct sink {
    const struct sink_ops *ops;
    const struct item_type *type; /* of the items that it takes */
    int result;
};

struct sink_ops {
    enum poll (*poll_ready)(struct sink *self, struct context *cx);
    int (*send)(struct sink *self, void *item);
    enum poll (*poll_flush)(struct sink *self, struct context *cx);
    enum poll (*poll_close)(struct sink *self, struct context *cx);
    void (*drop)(struct sink *self);
};

static inline enum poll sink_poll_ready(struct sink *sink, struct context *cx)
{
    return sink->ops->poll_ready(sink, cx);
}

/* 0 or a negative errno. */
static inline int sink_send(struct sink *sink, void *item)
{
    return sink->ops->send(sink, item);
}

static inline enum poll sink_poll_flush(struct sink *sink, struct context *cx)
{
    return sink->ops->poll_flush(sink, cx);
}

static inline enum poll sink_poll_close(struct sink *sink, struct context *cx)
{
    return sink->ops->poll_close(sink, cx);
}

static inline void sink_drop(struct sink *sink)
{
    sink->ops->drop(sink);
}

/* For the three: ready, with that result. */
static inline enum poll sink_ready(struct sink *self, int result)
{
    self->result = result;
    return POLL_READY;
}

#endif
