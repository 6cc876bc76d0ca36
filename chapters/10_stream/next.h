/* next.h - the next item of a stream, as a future.
 *
 *   N1  Ready with 1 and an item in `item`; with 0 at the end of the stream;
 *       or with the negative errno with which it ended.
 *   N2  The stream is lent, not owned: it goes on afterwards. A stream_next
 *       that is dropped while it is pending loses nothing (S3).
 *
 * Rust: StreamExt::next, and `while let Some(item) = stream.next().await`. */
#ifndef CHAPTERS_STREAM_NEXT_H
#define CHAPTERS_STREAM_NEXT_H

#include "chapters/10_stream/stream.h"

#ifdef __cplusplus
extern "C" {
#endif

struct stream_next {
    struct int_future base;
    struct stream *stream;
    void *item;
};

/* Room for an item at `item`. Stream and room outlive the future. */
void stream_next_init(struct stream_next *next, struct stream *stream,
                      void *item);

#ifdef __cplusplus
}
#endif

#endif
