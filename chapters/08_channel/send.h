/* send.h - an item into the channel, when there is a place.
 *
 *   S1  Ready with 0 when the item has moved, or with -EPIPE: then it is the
 *       sender's still.
 *   S2  A send that is dropped before it is ready has moved nothing.
 *
 * Rust: Sender::send. */
#ifndef CHAPTERS_CHANNEL_SEND_H
#define CHAPTERS_CHANNEL_SEND_H

#include "chapters/08_channel/permit.h"

#ifdef __cplusplus
extern "C" {
#endif

struct channel_send {
    struct int_future base;
    struct channel_sender *sender;
    struct channel_reserve reserve; /* valid if is_reserving */
    bool is_reserving;              /* there was no place at once */
    const void *item;
    bool was_refused; /* B6 of budget_poll.h */
};

/* `item` stays where it is until the future is ready or dropped. */
void channel_send_init(struct channel_send *send, struct channel_sender *sender,
                       const void *item);

#ifdef __cplusplus
}
#endif

#endif
