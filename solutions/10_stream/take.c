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

    /* begin 10.4: nothing left: the end, and the stream inside is dropped.
     * Else ask it; with the last one drop it at once, unless that is lent */
    if (take->left > 0) {
        poll = stream_poll_next(take->inner, cx, item);
        if (poll == STREAM_END)
            return stream_end_as(self, &take->inner);
        if (poll == STREAM_ITEM && --take->left == 0 && !take->is_lent)
            stream_child_drop(&take->inner);
        return poll;
    }
    stream_child_drop(&take->inner);
    return stream_end(self, 0);
    /* end 10.4: (void)take, (void)item;
    return poll; */
}

static void take_drop(struct stream *self)
{
    /* begin 10.4: the stream inside, if it is there still */
    stream_child_drop(&container_of(self, struct stream_take, base)->inner);
    /* end 10.4 */
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

    /* begin 10.4: drop items as long as there are some to skip; then as they
     * come */
    while ((poll = stream_poll_next(skip->inner, cx, item)) == STREAM_ITEM) {
        if (skip->left == 0)
            return STREAM_ITEM;
        skip->left--;
        item_drop(self->type, item);
    }
    if (poll == STREAM_END)
        return stream_end_as(self, &skip->inner);
    /* end 10.4: (void)skip, (void)item; */
    return poll;
}

static void skip_drop(struct stream *self)
{
    /* begin 10.4: the stream inside, if it is there still */
    stream_child_drop(&container_of(self, struct stream_skip, base)->inner);
    /* end 10.4 */
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

    /* begin 10.4: both */
    stream_child_drop(&chain->first);
    stream_child_drop(&chain->second);
    /* end 10.4: (void)chain; */
}

static enum stream_poll chain_poll_next(struct stream *self, struct context *cx,
                                        void *item)
{
    struct stream_chain *chain = container_of(self, struct stream_chain, base);
    enum stream_poll poll = STREAM_PENDING;

    /* begin 10.4: the first, until it ends; an error ends both. Then the
     * second, in the same poll */
    if (chain->first != NULL) {
        poll = stream_poll_next(chain->first, cx, item);
        if (poll != STREAM_END)
            return poll;
        if (chain->first->result < 0) {
            stream_child_drop(&chain->second);
            return stream_end_as(self, &chain->first);
        }
        stream_child_drop(&chain->first);
    }
    poll = stream_poll_next(chain->second, cx, item);
    if (poll == STREAM_END)
        return stream_end_as(self, &chain->second);
    /* end 10.4: (void)chain, (void)item; */
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

    /* begin 10.4: nothing to do for a side that is full */
    if (side->is_full)
        return true;
    poll = stream_poll_next(side->stream, cx, side->room);
    side->is_full = poll == STREAM_ITEM;
    /* end 10.4: (void)side; */
    return poll != STREAM_END;
}

static void side_drop(struct zip_side *side)
{
    /* begin 10.4: the item that it has, and its stream */
    if (side->is_full)
        item_drop(side->stream->type, side->room);
    side->is_full = false;
    stream_child_drop(&side->stream);
    /* end 10.4: (void)side; */
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

    /* begin 10.4: fill both sides; if one has ended, zip_end(); if both are
     * full, zip_give() */
    if (!side_fill(&zip->left, cx))
        return zip_end(self, &zip->left);
    if (!side_fill(&zip->right, cx))
        return zip_end(self, &zip->right);
    if (!zip->left.is_full || !zip->right.is_full)
        return STREAM_PENDING;
    zip_give(zip, item);
    return STREAM_ITEM;
    /* end 10.4: (void)zip, (void)item, (void)side_fill;
    (void)zip_end, (void)zip_give;
    return STREAM_PENDING; */
}

void stream_zip_init(struct stream_zip *zip, struct zip_side left,
                     struct zip_side right, const struct item_type *type,
                     size_t right_offset)
{
    static const struct stream_ops ops = {zip_poll_next, zip_drop};

    *zip = (struct stream_zip){{&ops, type, 0}, left, right, right_offset};
}
