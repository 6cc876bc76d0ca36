/* fold.c - asks until there is no more. */
#include "chapters/10_stream/fold.h"

#include "chapters/03_waker/waker.h"
#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

#include <limits.h>
#include <string.h>

static struct stream_fold *fold_of(struct future *self)
{
    return container_of(self, struct stream_fold, base.base);
}

static enum poll fold_end(struct stream_fold *fold, int result)
{
    stream_child_drop(&fold->stream);
    fold->base.result = result;
    return POLL_READY;
}

static enum poll fold_poll(struct future *self, struct context *cx)
{
    struct stream_fold *fold = fold_of(self);

    /* begin 10.5: FOLD_STREAK times at most: ask; pending, or the end, or an
     * item for the function. (fold_end) After that, give up the turn */
    for (int i = 0; i < FOLD_STREAK; i++) {
        switch (stream_poll_next(fold->stream, cx, fold->room)) {
        case STREAM_PENDING:
            return POLL_PENDING;
        case STREAM_END:
            return fold_end(fold, fold->stream->result);
        case STREAM_ITEM:
            break;
        }
        int error = fold->function(fold->state, fold->room);

        if (error < 0)
            return fold_end(fold, error);
    }
    waker_wake_by_ref(cx->waker);
    /* end 10.5: (void)fold, (void)fold_end; */
    return POLL_PENDING;
}

static void fold_drop(struct future *self)
{
    /* begin 10.5: the stream, if it is there still */
    stream_child_drop(&fold_of(self)->stream);
    /* end 10.5 */
}

void stream_fold_init(struct stream_fold *fold, struct stream *stream,
                      int (*function)(void *state, void *item), void *state,
                      void *room)
{
    static const struct future_ops ops = {fold_poll, fold_drop};

    *fold = (struct stream_fold){{{&ops}, 0}, stream, function, state, room};
}

/* ------------------------------------------------------------- collect */

static enum poll collect_poll(struct future *self, struct context *cx)
{
    struct stream_fold *fold = fold_of(self);
    struct stream_collect *collect =
        container_of(fold, struct stream_collect, fold);

    /* begin 10.5: the same, but an item goes into its place in the array; and a
     * full array is the end, before anything is asked */
    for (int i = 0; i < FOLD_STREAK; i++) {
        if (collect->count == collect->capacity)
            return fold_end(fold, (int)collect->count);
        size_t size = fold->stream->type->size;
        enum stream_poll poll = stream_poll_next(
            fold->stream, cx, collect->items + collect->count * size);

        if (poll == STREAM_PENDING)
            return POLL_PENDING;
        if (poll == STREAM_END)
            return fold_end(fold, fold->stream->result < 0
                                      ? fold->stream->result
                                      : (int)collect->count);
        collect->count++;
    }
    waker_wake_by_ref(cx->waker);
    /* end 10.5: (void)collect; */
    return POLL_PENDING;
}

void stream_collect_init(struct stream_collect *collect, struct stream *stream,
                         void *items, size_t capacity)
{
    static const struct future_ops ops = {collect_poll, fold_drop};

    require(capacity <= INT_MAX, "F2: more than a result can count");
    *collect =
        (struct stream_collect){.fold = {.base = {{&ops}, 0}, .stream = stream},
                                .items = items,
                                .capacity = capacity};
}
