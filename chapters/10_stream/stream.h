/* stream.h - many values, one after the other, that are not there yet.
 *
 *     poll_next --> STREAM_PENDING    not now: you will be woken
 *               --> STREAM_ITEM       here is one; ask again
 *               --> STREAM_END        that was all; never ask again
 *
 *   S1  Lazy: a stream does nothing before it is asked, and takes from the
 *       streams inside it no more than it needs for the item that it is asked
 *       for.
 *   S2  STREAM_ITEM: one item has moved to `item`, and is the caller's. After
 *       another answer the bytes at `item` mean nothing.
 *   S3  STREAM_PENDING: as P2 and P3, the waker of the latest poll will be
 *       woken. What the stream has taken so far it keeps: no item is lost if
 *       nobody asks again for a while.
 *   S4  STREAM_END comes once, with 0 in `result`, or with a negative errno:
 *       an error is the end of a stream. After it a stream is not polled.
 *   S5  drop is called exactly once, at any time. It drops the streams
 *       inside, and the items that were taken and not given; no waker, timer
 *       or waiter is left. It does not free the struct.
 *   S6  From its first poll to its drop a stream does not move.
 *   S7  A poll does not block, and costs no allocation. What needs memory
 *       takes it when it is made.
 *   S8  A stream that is handed another one owns it (child.h, O1 to O3): it
 *       drops it as soon as that has ended, or is not needed any more. Its
 *       pointer is NULL from then on.
 *   S9  Some items are lent (a chunk, a frame): they point into the stream
 *       that made them, and are good until it is asked again or dropped. Who
 *       keeps items for longer (collect, chunks, a channel) is not for them.
 *
 * A concrete stream embeds `struct stream` as its first member. It belongs to
 * one task. Items are moved by their bytes, as in chapter 08.
 * Rust: futures::Stream; an Iterator whose next() may be pending. */
#ifndef CHAPTERS_STREAM_STREAM_H
#define CHAPTERS_STREAM_STREAM_H

#include "chapters/02_future/future.h"
#include "chapters/08_channel/item.h"

#include <stddef.h>

enum stream_poll {
    STREAM_PENDING,
    STREAM_ITEM,
    STREAM_END,
};

struct stream {
    const struct stream_ops *ops;
    const struct item_type *type; /* of its items */
    int result;                   /* from STREAM_END on */
};

struct stream_ops {
    enum stream_poll (*poll_next)(struct stream *self, struct context *cx,
                                  void *item);
    void (*drop)(struct stream *self);
};

static inline enum stream_poll stream_poll_next(struct stream *stream,
                                                struct context *cx, void *item)
{
    trace(TRACE_POLL, stream, 0, 0);
    enum stream_poll poll = stream->ops->poll_next(stream, cx, item);
    trace(poll == STREAM_PENDING ? TRACE_POLL_PENDING : TRACE_POLL_READY,
          stream, 0, 0);
    return poll;
}

static inline void stream_drop(struct stream *stream)
{
    trace(TRACE_DROP, stream, 0, 0);
    stream->ops->drop(stream);
}

/* Drops a stream that somebody owns, if it was not dropped yet (S8). */
static inline void stream_child_drop(struct stream **child)
{
    struct stream *dropped = *child;

    *child = NULL;
    if (dropped != NULL)
        stream_drop(dropped);
}

/* The end of a stream, with that result. */
static inline enum stream_poll stream_end(struct stream *self, int result)
{
    self->result = result;
    return STREAM_END;
}

/* The stream inside has ended, and so does `self`: with the same result. */
static inline enum stream_poll stream_end_as(struct stream *self,
                                             struct stream **child)
{
    int result = (*child)->result;

    stream_child_drop(child);
    return stream_end(self, result);
}

/* Drops an item that nobody wants. */
static inline void item_drop(const struct item_type *type, void *item)
{
    if (type->drop != NULL)
        type->drop(item);
}

#endif
