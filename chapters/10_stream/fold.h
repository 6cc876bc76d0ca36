/* fold.h - a whole stream as one future.
 *
 *   F1  stream_fold: the function is called with each item, which moves into
 *       it. Ready with the stream's result when it has ended; or with a
 *       negative errno that the function returned: nothing more is asked
 *       then.
 *   F2  stream_collect: moves the items into an array. Ready with their
 *       number when the stream has ended or the array is full: then it asks
 *       for no more. An array of none is full before anything is asked. An
 *       error of the stream is the result; the `count` items in the array are
 *       the caller's in any case, also after a drop.
 *   F3  The stream is dropped in the poll that is ready.
 *   F4  After FOLD_STREAK items in one poll it gives up its turn: it wakes
 *       itself and is pending. A stream that always has one starves nobody.
 *
 * Rust: StreamExt::fold, try_for_each, collect. Those of futures 0.3.34 have no
 * F4: over a stream that is always ready, a million items in one poll. */
#ifndef CHAPTERS_STREAM_FOLD_H
#define CHAPTERS_STREAM_FOLD_H

#include "chapters/10_stream/stream.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    /* Fewer would cost turns that nobody needs; with more, the other tasks
     * wait. */
    FOLD_STREAK = 64
};

struct stream_fold {
    struct int_future base;
    struct stream *stream; /* NULL: dropped */
    int (*function)(void *state, void *item);
    void *state;
    void *room; /* for an item */
};

struct stream_collect {
    struct stream_fold fold;
    unsigned char *items;
    size_t capacity; /* at most INT_MAX */
    size_t count;
};

/* The function returns 0 to go on, or a negative errno. */
void stream_fold_init(struct stream_fold *fold, struct stream *stream,
                      int (*function)(void *state, void *item), void *state,
                      void *room);

/* Its future is collect->fold.base. The array outlives it. */
void stream_collect_init(struct stream_collect *collect, struct stream *stream,
                         void *items, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
