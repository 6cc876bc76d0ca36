/* next.c - one item of a stream that goes on. */
#include "chapters/10_stream/next.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

static enum poll next_poll(struct future *self, struct context *cx)
{
    struct stream_next *next =
        container_of(self, struct stream_next, base.base);

    /* begin 10.1: ask the stream; an item is 1, the end is its result */
    switch (stream_poll_next(next->stream, cx, next->item)) {
    case STREAM_ITEM:
        next->base.result = 1;
        return POLL_READY;
    case STREAM_END:
        next->base.result = next->stream->result;
        return POLL_READY;
    default:
        return POLL_PENDING;
    }
    /* end 10.1: (void)next;
    return POLL_PENDING; */
}

/* The stream is only lent, and keeps what it has taken: nothing to do. */
static void next_drop(struct future *self)
{
    (void)self;
}

void stream_next_init(struct stream_next *next, struct stream *stream,
                      void *item)
{
    static const struct future_ops ops = {next_poll, next_drop};

    *next = (struct stream_next){{{&ops}, 0}, stream, item};
}
