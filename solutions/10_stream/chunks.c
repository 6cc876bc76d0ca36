/* chunks.c - items are kept until there are enough, or for long enough. */
#include "chapters/10_stream/chunks.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <stdlib.h>

static struct stream_chunks *chunks_of(struct stream *self)
{
    return container_of(self, struct stream_chunks, base);
}

/* The first item of a chunk is there: from now on time counts. */
static void limit_begin(struct stream_chunks *chunks)
{
    /* begin 10.6: if there is a timer: begin to sleep */
    if (chunks->timer != NULL)
        sleep_init(&chunks->sleep, chunks->timer, chunks->duration);
    /* end 10.6: (void)chunks; */
}

/* The chunk is given or dropped. */
static void limit_end(struct stream_chunks *chunks)
{
    /* begin 10.6: if there is a timer: no more */
    if (chunks->timer != NULL)
        future_drop(&chunks->sleep.base.base);
    /* end 10.6: (void)chunks; */
}

/* True if the items that are there have waited for long enough. */
static bool limit_is_over(struct stream_chunks *chunks, struct context *cx)
{
    bool is_over = false;

    /* begin 10.6: poll the sleep, if there is a timer and an item */
    if (chunks->timer != NULL && chunks->count > 0)
        is_over = future_poll(&chunks->sleep.base.base, cx) == POLL_READY;
    /* end 10.6: (void)chunks; */
    return is_over;
}

/* What is there becomes the caller's (C2). */
static enum stream_poll chunks_give(struct stream_chunks *chunks, void *item)
{
    struct chunk *chunk = item;

    /* begin 10.5: a chunk of all that is there; then nothing is there any more
     * (limit_end) */
    *chunk = (struct chunk){chunks->item_type, chunks->items, chunks->count};
    chunks->count = 0;
    limit_end(chunks);
    /* end 10.5: (void)chunks, (void)chunk, (void)limit_end; */
    return STREAM_ITEM;
}

/* Asks until the chunk is full, or nothing comes. The last answer. */
static enum stream_poll chunks_fill(struct stream_chunks *chunks,
                                    struct context *cx)
{
    enum stream_poll poll = STREAM_PENDING;

    /* begin 10.5: with the first item, limit_begin() */
    do {
        size_t size = chunks->item_type->size;

        poll = stream_poll_next(chunks->inner, cx,
                                chunks->items + chunks->count * size);
        if (poll == STREAM_ITEM && chunks->count++ == 0)
            limit_begin(chunks);
    } while (poll == STREAM_ITEM && chunks->count < chunks->most);
    /* end 10.5: (void)chunks, (void)limit_begin; */
    return poll;
}

static enum stream_poll chunks_poll_next(struct stream *self,
                                         struct context *cx, void *item)
{
    struct stream_chunks *chunks = chunks_of(self);

    /* begin 10.5: fill, if there is a stream inside. Full: give it. The end:
     * drop the stream inside (stream_end_as keeps its result for you), give
     * what is left, and end at the next poll, when nothing is. Pending: give
     * what is there if limit_is_over() */
    enum stream_poll poll = STREAM_END;

    if (chunks->inner != NULL)
        poll = chunks_fill(chunks, cx);
    if (poll == STREAM_END && chunks->inner != NULL)
        stream_end_as(self, &chunks->inner);
    if (poll == STREAM_ITEM || (poll == STREAM_END && chunks->count > 0))
        return chunks_give(chunks, item);
    if (poll == STREAM_END)
        return STREAM_END;
    return limit_is_over(chunks, cx) ? chunks_give(chunks, item)
                                     : STREAM_PENDING;
    /* end 10.5: (void)chunks, (void)item, (void)chunks_give, (void)chunks_fill;
    (void)limit_is_over;
    return STREAM_PENDING; */
}

/* A chunk that nobody wants. */
static void chunk_drop(void *item)
{
    struct chunk *chunk = item;

    /* begin 10.5: each of its items */
    for (size_t i = 0; i < chunk->count; i++)
        item_drop(chunk->type, chunk->items + i * chunk->type->size);
    /* end 10.5: (void)chunk; */
}

static void chunks_drop(struct stream *self)
{
    struct stream_chunks *chunks = chunks_of(self);

    /* begin 10.5: the items that are there (chunks_give, chunk_drop), the
     * stream inside, the memory */
    struct chunk left;

    if (chunks->count > 0) {
        chunks_give(chunks, &left);
        chunk_drop(&left);
    }
    stream_child_drop(&chunks->inner);
    free(chunks->items);
    /* end 10.5: (void)chunks, (void)chunk_drop; */
}

int stream_chunks_init(struct stream_chunks *chunks, struct stream *inner,
                       size_t most)
{
    static const struct stream_ops ops = {chunks_poll_next, chunks_drop};
    static const struct item_type type = {sizeof(struct chunk), chunk_drop};
    size_t size = inner->type->size > 0 ? inner->type->size : 1;
    void *items = most > 0 ? calloc(most, size) : NULL;

    if (items == NULL)
        return most > 0 ? -ENOMEM : -EINVAL;
    *chunks = (struct stream_chunks){.base = {&ops, &type, 0},
                                     .inner = inner,
                                     .item_type = inner->type,
                                     .items = items,
                                     .most = most};
    return 0;
}

int stream_chunks_timeout_init(struct stream_chunks *chunks,
                               struct stream *inner, size_t most,
                               struct timer *timer, int64_t duration)
{
    int error = stream_chunks_init(chunks, inner, most);

    if (error < 0)
        return error;
    chunks->timer = timer;
    chunks->duration = duration;
    return 0;
}
