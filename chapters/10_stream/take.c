/* take.c - streams that end sooner, begin later, or go on with another. */
#include "chapters/10_stream/take.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <string.h>

/* --------------------------------------------------------------- take */

static enum stream_poll take_poll_next(struct stream *self, struct context *cx,
                                       void *item)
{
    struct stream_take *take = container_of(self, struct stream_take, base);
    enum stream_poll poll = STREAM_PENDING;

    /* TODO(10.4): nothing left: the end, and the stream inside is dropped.
     * Else ask it; with the last one drop it at once, unless that is lent */
    TODO(10.4);
    (void)take, (void)item;
    return poll;
}

static void take_drop(struct stream *self)
{
    /* TODO(10.4): the stream inside, if it is there still */
    TODO(10.4);
}

void stream_take_init(struct stream_take *take, struct stream *inner,
                      size_t count)
{
    static const struct stream_ops ops = {take_poll_next, take_drop};

    *take = (struct stream_take){{&ops, inner->type, 0}, inner, count, false};
}

void stream_take_lent_init(struct stream_take *take, struct stream *inner,
                           size_t count)
{
    stream_take_init(take, inner, count);
    take->is_lent = true;
}

/* --------------------------------------------------------------- skip */

static enum stream_poll skip_poll_next(struct stream *self, struct context *cx,
                                       void *item)
{
    struct stream_skip *skip = container_of(self, struct stream_skip, base);
    enum stream_poll poll = STREAM_PENDING;

    /* TODO(10.4): drop items as long as there are some to skip; then as
     * they come */
    TODO(10.4);
    (void)skip, (void)item;
    return poll;
}

static void skip_drop(struct stream *self)
{
    /* TODO(10.4): the stream inside, if it is there still */
    TODO(10.4);
}

void stream_skip_init(struct stream_skip *skip, struct stream *inner,
                      size_t count)
{
    static const struct stream_ops ops = {skip_poll_next, skip_drop};

    *skip = (struct stream_skip){{&ops, inner->type, 0}, inner, count};
}

/* -------------------------------------------------------------- chain */

static void chain_drop(struct stream *self)
{
    struct stream_chain *chain = container_of(self, struct stream_chain, base);

    /* TODO(10.4): both */
    TODO(10.4);
    (void)chain;
}

static enum stream_poll chain_poll_next(struct stream *self, struct context *cx,
                                        void *item)
{
    struct stream_chain *chain = container_of(self, struct stream_chain, base);
    enum stream_poll poll = STREAM_PENDING;

    /* TODO(10.4): the first, until it ends; an error ends both. Then the
     * second, in the same poll */
    TODO(10.4);
    (void)chain, (void)item;
    return poll;
}

void stream_chain_init(struct stream_chain *chain, struct stream *first,
                       struct stream *second)
{
    static const struct stream_ops ops = {chain_poll_next, chain_drop};

    *chain = (struct stream_chain){{&ops, first->type, 0}, first, second};
}

/* ---------------------------------------------------------------- zip */

/* Asks a side for its item, if it has none. False if it has ended. */
static bool side_fill(struct zip_side *side, struct context *cx)
{
    enum stream_poll poll = STREAM_PENDING;

    /* TODO(10.4): nothing to do for a side that is full */
    TODO(10.4);
    (void)side;
    return poll != STREAM_END;
}

static void side_drop(struct zip_side *side)
{
    /* TODO(10.4): the item that it has, and its stream */
    TODO(10.4);
    (void)side;
}

static void zip_drop(struct stream *self)
{
    struct stream_zip *zip = container_of(self, struct stream_zip, base);

    side_drop(&zip->left);
    side_drop(&zip->right);
}

/* The pair moves to `item`. */
static void zip_give(struct stream_zip *zip, void *item)
{
    unsigned char *right = (unsigned char *)item + zip->right_offset;

    memcpy(item, zip->left.room, zip->left.stream->type->size);
    memcpy(right, zip->right.room, zip->right.stream->type->size);
    zip->left.is_full = false;
    zip->right.is_full = false;
}

/* This side has ended, so both have. */
static enum stream_poll zip_end(struct stream *self,
                                const struct zip_side *side)
{
    int result = side->stream->result;

    zip_drop(self);
    return stream_end(self, result);
}

static enum stream_poll zip_poll_next(struct stream *self, struct context *cx,
                                      void *item)
{
    struct stream_zip *zip = container_of(self, struct stream_zip, base);

    /* TODO(10.4): fill both sides; if one has ended, zip_end(); if both are
     * full, zip_give() */
    TODO(10.4);
    (void)zip, (void)item, (void)side_fill;
    (void)zip_end, (void)zip_give;
    return STREAM_PENDING;
}

void stream_zip_init(struct stream_zip *zip, struct zip_side left,
                     struct zip_side right, const struct item_type *type,
                     size_t right_offset)
{
    static const struct stream_ops ops = {zip_poll_next, zip_drop};

    *zip = (struct stream_zip){{&ops, type, 0}, left, right, right_offset};
}
