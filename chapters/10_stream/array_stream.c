/* array_stream.c - the simplest stream: everything is there already. */
#include "chapters/10_stream/array_stream.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <string.h>

static struct array_stream *array_of(struct stream *self)
{
    return container_of(self, struct array_stream, base);
}

static enum stream_poll array_poll_next(struct stream *self, struct context *cx,
                                        void *item)
{
    struct array_stream *array = array_of(self);

    (void)cx;
    /* TODO(10.1): move the next item to `item`, or end with 0 (stream_end) */
    TODO(10.1);
    (void)array, (void)item;
    return STREAM_PENDING;
}

static void array_drop(struct stream *self)
{
    struct array_stream *array = array_of(self);

    /* TODO(10.1): the items that nobody has asked for (item_drop) */
    TODO(10.1);
    (void)array;
}

void array_stream_init(struct array_stream *stream,
                       const struct item_type *type, void *items, size_t count)
{
    static const struct stream_ops ops = {array_poll_next, array_drop};

    *stream = (struct array_stream){{&ops, type, 0}, items, count, 0};
}
