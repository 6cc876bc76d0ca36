/* array_stream.h - an array as a stream: every item at once, and the end.
 *
 *   A1  The items move out of the array, in order. It is never pending.
 *   A2  What nobody has asked for is dropped with the stream.
 *
 * Rust: futures::stream::iter. */
#ifndef CHAPTERS_STREAM_ARRAY_STREAM_H
#define CHAPTERS_STREAM_ARRAY_STREAM_H

#include "chapters/10_stream/stream.h"

#ifdef __cplusplus
extern "C" {
#endif

struct array_stream {
    struct stream base;
    unsigned char *items;
    size_t count;
    size_t next; /* the first that is there still */
};

/* The array is the caller's memory, and outlives the stream. */
void array_stream_init(struct array_stream *stream,
                       const struct item_type *type, void *items, size_t count);

#ifdef __cplusplus
}
#endif

#endif
