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

    /* TODO(10.5): FOLD_STREAK times at most: ask; pending, or the end, or
     * an item for the function. (fold_end) After that, give up the turn */
    TODO(10.5);
    (void)fold, (void)fold_end;
    return POLL_PENDING;
}

static void fold_drop(struct future *self)
{
    /* TODO(10.5): the stream, if it is there still */
    TODO(10.5);
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

    /* TODO(10.5): the same, but an item goes into its place in the array;
     * and a full array is the end, before anything is asked */
    TODO(10.5);
    (void)collect;
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
