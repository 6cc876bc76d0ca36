/* forward.h - everything from a stream into a sink.
 *
 *   W1  The sink is asked for a place first, and the stream for an item only
 *       when there is one: backpressure goes through to whoever makes the
 *       items.
 *   W2  When the stream has nothing for now, what was sent is flushed: it
 *       does not lie about until there is more.
 *   W3  When the stream has ended with 0, the sink is closed, which flushes
 *       it, too (K4 of sink.h); the result is that of the close. When it has
 *       ended with an error, what was sent before is flushed, and the error is
 *       the result; the sink is not closed, as that was not all. So what a peer
 *       gets does not depend on the packet in which the error came. An error
 *       of the sink is the result at once.
 *   W4  Both are owned: the stream is dropped when it has ended, and both
 *       when the future is ready, or dropped.
 *   W5  After FOLD_STREAK items in one poll it gives up its turn (F4).
 *
 * Rust: StreamExt::forward. That of futures 0.3.34 gives up at an error of the
 * stream and flushes nothing, and it has no W5: over a stream that is always
 * ready it passed on a million items in one poll. */
#ifndef CHAPTERS_STREAM_FORWARD_H
#define CHAPTERS_STREAM_FORWARD_H

#include "chapters/10_stream/fold.h"
#include "chapters/10_stream/sink.h"
#include "chapters/10_stream/stream.h"

#ifdef __cplusplus
extern "C" {
#endif

struct stream_forward {
    struct int_future base;
    struct stream *stream; /* NULL: it has ended, and the sink is closing, or
                            * flushed if base.result is an error */
    struct sink *sink;     /* NULL: dropped */
    void *room;            /* for an item */
};

void stream_forward_init(struct stream_forward *forward, struct stream *stream,
                         struct sink *sink, void *room);

#ifdef __cplusplus
}
#endif

#endif
