/* source.h - what the chapters before have, as streams.
 *
 *   O1  interval_stream: an item a tick, its `due` (an int64_t). It has no
 *       end.
 *   O2  channel_stream: what comes out of a channel. When nothing more can
 *       come, it ends with 0. It owns the receiver.
 *   O3  listener_stream: a connection an item, a struct socket that is the
 *       caller's to close. An error of accept(2) is its end. It owns the
 *       listening socket.
 *
 * All three are the same: a future, made anew for each item, that is kept while
 * it is pending. The future points to its owner, so it is made in a poll (S6).
 *
 * Rust: tokio_stream::wrappers. */
#ifndef CHAPTERS_STREAM_SOURCE_H
#define CHAPTERS_STREAM_SOURCE_H

#include "chapters/06_reactor/tcp.h"
#include "chapters/07_timer/interval.h"
#include "chapters/08_channel/receive.h"
#include "chapters/10_stream/stream.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct interval_stream {
    struct stream base;
    struct interval interval;
    struct interval_tick tick;
    bool is_waiting; /* there is a tick: pending */
};

struct channel_stream {
    struct stream base;
    struct channel_receiver receiver;
    struct channel_receive receive;
    bool is_waiting;
};

struct listener_stream {
    struct stream base;
    struct socket listener;
    struct tcp_accept accept;
    bool is_waiting;
};

void interval_stream_init(struct interval_stream *stream,
                          const struct interval *interval);

/* The receiver is the stream's from here on. */
void channel_stream_init(struct channel_stream *stream,
                         struct channel_receiver *receiver);

/* The socket is the stream's from here on. */
void listener_stream_init(struct listener_stream *stream,
                          struct socket *listener);

#ifdef __cplusplus
}
#endif

#endif
