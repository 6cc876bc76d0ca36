/* channel_sink.h - a channel as a sink.
 *
 *   Z1  poll_ready reserves a place, and keeps the permit until the item
 *       comes. -EPIPE: the channel is closed.
 *   Z2  An item is where it should be as soon as it is sent: flushing has
 *       nothing to do. An item that nobody takes any more (-EPIPE) is
 *       dropped.
 *   Z3  Closing gives up a place that was reserved, and then the sender; so
 *       does the drop. The place comes first: with the last sender the
 *       channel may go.
 *
 * Rust: tokio_util::sync::PollSender. That of tokio-util 0.7.20 keeps a
 * reserved place when it is closed, and one item may follow. */
#ifndef CHAPTERS_STREAM_CHANNEL_SINK_H
#define CHAPTERS_STREAM_CHANNEL_SINK_H

#include "chapters/08_channel/permit.h"
#include "chapters/10_stream/sink.h"

#ifdef __cplusplus
extern "C" {
#endif

enum channel_sink_state {
    CHANNEL_SINK_IDLE,
    CHANNEL_SINK_WAITING, /* the reserve is under way */
    CHANNEL_SINK_READY,   /* the permit is there */
    CHANNEL_SINK_CLOSED,  /* the sender was dropped */
};

struct channel_sink {
    struct sink base;
    struct channel_sender sender;
    enum channel_sink_state state;
    struct channel_reserve reserve; /* its permit, if the state is READY */
};

/* The sender is the sink's from here on. */
void channel_sink_init(struct channel_sink *sink,
                       struct channel_sender *sender);

#ifdef __cplusplus
}
#endif

#endif
