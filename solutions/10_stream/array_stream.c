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
    /* begin 10.1: move the next item to `item`, or end with 0 (stream_end) */
    if (array->next == array->count)
        return stream_end(self, 0);
    memcpy(item, array->items + array->next++ * self->type->size,
           self->type->size);
    return STREAM_ITEM;
    /* end 10.1: (void)array, (void)item;
    return STREAM_PENDING; */
}

static void array_drop(struct stream *self)
{
    struct array_stream *array = array_of(self);

    /* begin 10.1: the items that nobody has asked for (item_drop) */
    for (; array->next < array->count; array->next++)
        item_drop(self->type, array->items + array->next * self->type->size);
    /* end 10.1: (void)array; */
}

void array_stream_init(struct array_stream *stream,
                       const struct item_type *type, void *items, size_t count)
{
    static const struct stream_ops ops = {array_poll_next, array_drop};

    *stream = (struct array_stream){{&ops, type, 0}, items, count, 0};
}
