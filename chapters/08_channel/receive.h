/* receive.h - the next item, when there is one.
 *
 *   R1  Ready with 0 and the item in `item`, or with -EPIPE at the end.
 *   R2  The item moves in the poll that is ready, and not before: a receive
 *       that is dropped has taken nothing (C5).
 *   R3  One at a time for each channel.
 *
 * Rust: Receiver::recv. */
#ifndef CHAPTERS_CHANNEL_RECEIVE_H
#define CHAPTERS_CHANNEL_RECEIVE_H

#include "chapters/02_future/future.h"
#include "chapters/08_channel/channel.h"

#ifdef __cplusplus
extern "C" {
#endif

struct channel_receive {
    struct int_future base;
    struct channel_receiver *receiver;
    void *item;
    bool is_registered; /* the channel's cell may have its waker */
    bool was_refused;   /* B6 of budget_poll.h */
};

/* Room for an item at `item`. The receiver outlives the future. */
void channel_receive_init(struct channel_receive *receive,
                          struct channel_receiver *receiver, void *item);

#ifdef __cplusplus
}
#endif

#endif
