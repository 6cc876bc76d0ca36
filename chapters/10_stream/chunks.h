/* chunks.h - several items at a time.
 *
 *   C1  A chunk has `most` items, in order; the last one what is left, if
 *       that is any. An error of the stream comes after the items before it.
 *       The stream inside is dropped in the poll that sees its end, also if
 *       there is something left to give (S8).
 *   C2  The items of a chunk are the caller's, their place is lent (S9): good
 *       until the next poll or the drop. A chunk that is dropped drops its
 *       items.
 *   C3  With a time limit: what is there is given when the first item of the
 *       chunk has waited so long. An empty chunk is never given, and without
 *       an item no time runs.
 *   C4  Items that were taken and not given are dropped with the stream.
 *   C5  Its memory is taken by the init, and given back by the drop.
 *
 * Rust: StreamExt::chunks; tokio_stream's chunks_timeout. */
#ifndef CHAPTERS_STREAM_CHUNKS_H
#define CHAPTERS_STREAM_CHUNKS_H

#include "chapters/07_timer/sleep.h"
#include "chapters/10_stream/stream.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct chunk {
    const struct item_type *type;
    unsigned char *items;
    size_t count; /* at least 1 */
};

struct stream_chunks {
    struct stream base;
    struct stream *inner;              /* NULL: it has ended */
    const struct item_type *item_type; /* of its items, also after its end */
    unsigned char *items;
    size_t most;
    size_t count; /* taken, and not given */
    /* The limit: */
    struct timer *timer; /* NULL: none */
    int64_t duration;
    struct sleep sleep; /* while count > 0 */
};

/* 0, -EINVAL for chunks of none, or -ENOMEM: `inner` is the caller's then. */
int stream_chunks_init(struct stream_chunks *chunks, struct stream *inner,
                       size_t most);
int stream_chunks_timeout_init(struct stream_chunks *chunks,
                               struct stream *inner, size_t most,
                               struct timer *timer, int64_t duration);

#ifdef __cplusplus
}
#endif

#endif
