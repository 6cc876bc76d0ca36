/* merge.h - several streams as one: whoever has an item.
 *
 *   G1  stream_merge: the items of two streams, each in its own order. It
 *       ends when both have ended, or with the first error of either.
 *   G2  Fair: after an item of the one, the other is asked first, also if
 *       polls that found nothing came in between. A stream that always has
 *       one keeps nobody else waiting.
 *   G3  stream_set: the same for any number of streams, each with a key.
 *       `key` says from which stream the latest item was.
 *   G4  A stream that ends leaves the set: it is dropped, and `ended`, if
 *       there is one, is told its key and its result. The others go on.
 *   G5  An empty set is at its end, with 0. Unlike other streams it may be
 *       polled again then: streams may be added and removed at any time
 *       between two polls, by the task that polls.
 *   G6  All memory is taken by stream_set_init().
 *   G7  When the budget of the turn is spent (budget.h) a set asks nobody else:
 *       it would be in vain. The task wakes itself once, and the one whose turn
 *       it is comes first in the next turn.
 *
 * All streams of a set share one waker. So a poll asks each that has nothing: a
 * set is for a few, or for many that mostly have something. For thousands that
 * mostly wait: a task each, and a channel. (StreamMap of tokio-stream 0.1.19
 * goes through all of its streams, too, and its documentation says so;
 * SelectAll has a waker for each.)
 *
 * Rust: StreamExt::merge; tokio_stream::StreamMap, futures' SelectAll. As seen
 * with tokio-stream 0.1.19: merge changes sides at each poll, not at each item;
 * StreamMap replaces the stream of a key that is there, and gives the old one
 * back, as does its remove (here -EEXIST, and a drop). */
#ifndef CHAPTERS_STREAM_MERGE_H
#define CHAPTERS_STREAM_MERGE_H

#include "chapters/10_stream/stream.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct stream_merge {
    struct stream base;
    struct stream *streams[2]; /* NULL: has ended */
    unsigned next;             /* who is asked first: 0 or 1 */
};

/* Both have items of the same type. */
void stream_merge_init(struct stream_merge *merge, struct stream *left,
                       struct stream *right);

struct set_entry {
    int64_t key;
    struct stream *stream;
};

struct stream_set {
    struct stream base;
    struct set_entry *entries;
    size_t capacity;
    size_t count;
    size_t next; /* who is asked first */
    int64_t key; /* of the latest item */
    /* Does not touch the set. */
    void (*ended)(void *data, int64_t key, int result);
    void *data;
};

/* A set of at most `capacity` streams of items of that type. 0, -EINVAL for
 * none, or -ENOMEM. Counterpart: its drop. */
int stream_set_init(struct stream_set *set, const struct item_type *type,
                    size_t capacity);

/* 0; -EEXIST if the key is there; -ENOSPC. On failure the stream is the
 * caller's still. */
int stream_set_add(struct stream_set *set, int64_t key, struct stream *stream);

/* Drops the stream of that key. 0 or -ENOENT. `ended` is not told. */
int stream_set_remove(struct stream_set *set, int64_t key);

#ifdef __cplusplus
}
#endif

#endif
