/* buffered.h - work on several items at the same time, and not on more.
 *
 *     inner --item--> make() --> [future][future][result][future] --> result
 *                                 limit: 4 places
 *
 *   B1  Each item of the stream inside becomes a future, made by `make` in a
 *       place of its own. The results of the futures are the items (int, also
 *       if they are negative).
 *   B2  Backpressure: there are never more than `limit` futures and results
 *       that nobody has taken. When there is no place, the stream inside is
 *       not asked. A poll first fills every free place, and gives a result
 *       then.
 *   B3  stream_buffered gives the results in the order of the items;
 *       stream_buffer_unordered in the order in which they came: no result
 *       waits for ever.
 *   B4  A poll polls the futures that are new or were woken, in the order of
 *       their wakes, each of them once, and no other. Who wakes itself
 *       meanwhile has its turn in the next poll.
 *   B5  A future is dropped when it is ready; those that are left are dropped
 *       with the stream.
 *   B6  It ends when the stream inside has ended and all results are given,
 *       with the result of the stream inside.
 *   B7  stream_concurrently: a future that does all of it, and throws the
 *       results away. Ready with the result of the stream; or at once with
 *       the first negative result of a future: the others are dropped. After
 *       FOLD_STREAK results in one poll it gives up its turn (F4).
 *   B8  All memory is taken by the init, and given back by the drop.
 *   B9  When the budget of the turn is spent (budget.h) nobody else is polled,
 *       neither a future nor the stream inside: each poll would be in vain.
 *       They stay due, the task wakes itself once, and goes on with them in its
 *       next turn.
 *   B10 An item costs the same whatever the limit is: a wake, a poll and a
 *       result cost no look at the other places.
 *
 * Rust: StreamExt::buffered, buffer_unordered, try_for_each_concurrent. */
#ifndef CHAPTERS_STREAM_BUFFERED_H
#define CHAPTERS_STREAM_BUFFERED_H

#include "chapters/10_stream/slot_wakers.h"
#include "chapters/10_stream/stream.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct buffered_options {
    size_t limit;
    size_t size; /* of a future that `make` makes */
    /* Makes a future at `place`, unpolled, and returns it. The item moves into
     * the function. What it returns may be a part of what is at `place`. */
    struct int_future *(*make)(void *data, void *item, void *place);
    void *data;
    void *room; /* for an item of the stream inside */
};

enum place_state {
    PLACE_FREE,
    PLACE_BUSY, /* there is a future */
    PLACE_DONE, /* there is a result */
};

struct buffered_place {
    enum place_state state;
    size_t slot;
    struct int_future *future;   /* if it is busy */
    int result;                  /* if it is done */
    struct buffered_place *next; /* of the free ones, or in line */
    max_align_t bytes[];
};

struct stream_buffered {
    struct stream base;
    struct stream *inner;
    struct buffered_options options;
    bool is_ordered;
    struct slot_wakers *wakers;
    unsigned char *places; /* limit of them, `stride` bytes apart */
    size_t stride;
    size_t used; /* places that are not free */
    struct buffered_place *free;
    /* The line for the results: in it are, ordered, all that are not free, and
     * else those that are done. */
    struct buffered_place *first; /* NULL: none */
    struct buffered_place *last;
};

/* 0, -EINVAL for a limit of 0, or -ENOMEM: `inner` is the caller's then. */
int stream_buffered_init(struct stream_buffered *buffered, struct stream *inner,
                         const struct buffered_options *options);
int stream_buffer_unordered_init(struct stream_buffered *buffered,
                                 struct stream *inner,
                                 const struct buffered_options *options);

struct stream_concurrently {
    struct int_future base;
    struct stream_buffered buffered;
    bool is_over; /* the stream was dropped */
};

/* As stream_buffered_init(). */
int stream_concurrently_init(struct stream_concurrently *concurrently,
                             struct stream *inner,
                             const struct buffered_options *options);

#ifdef __cplusplus
}
#endif

#endif
