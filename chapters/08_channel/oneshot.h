/* oneshot.h - one value, from one task to another, once.
 *
 *     bit 2      bit 1     bit 0
 *   +----------+---------+---------+
 *   |  CLOSED  |  ENDED  |  VALUE  |
 *   +----------+---------+---------+
 *
 *   VALUE   there is a value. The sender sets it, together with ENDED and only
 *           while CLOSED is not set; the receiver takes it back when it has
 *           taken the value.
 *   ENDED   the sender has gone; no other value will come. It is the sender's
 *           last change: from here on the word is the receiver's alone.
 *   CLOSED  the receiver takes no value that is not there yet.
 *
 *   O1  oneshot_send() never waits. The receiver is a future: ready with 0
 *       when the value is there, which is then in its `item`.
 *   O2  A sender that goes without a value leaves -EPIPE to the receiver, who
 *       sees what came before.
 *   O3  A send to a receiver that has closed or gone is -EPIPE, and the item
 *       is the sender's still.
 *   O4  Of a send and a close at the same moment one comes first: either the
 *       receiver has the value, or the sender keeps it. A value that was sent
 *       and not taken is dropped once, when the receiver goes.
 *   O5  oneshot_closed, a future of the sender's, is ready when the receiver
 *       has closed or gone: nobody wants the answer any more.
 *   O6  It is one allocation, made by oneshot_create() and freed by the last
 *       who goes. Neither side waits for the other, and there is no lock.
 *
 * Each side belongs to one task at a time; the two may be on two threads.
 * Rust: tokio::sync::oneshot. */
#ifndef CHAPTERS_CHANNEL_ONESHOT_H
#define CHAPTERS_CHANNEL_ONESHOT_H

#include "chapters/02_future/future.h"
#include "chapters/08_channel/item.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct oneshot;

struct oneshot_sender {
    struct oneshot *shared; /* NULL: spent */
};

struct oneshot_receiver {
    struct int_future base;
    struct oneshot *shared;
    void *item;
    bool was_refused; /* B6 of budget_poll.h */
};

struct oneshot_closed {
    struct int_future base; /* result: 0 */
    struct oneshot *shared;
    bool was_refused; /* B6 of budget_poll.h */
};

/* 0 or -ENOMEM. The value will be written to `item`, room for one, which
 * outlives the receiver. Counterparts: oneshot_send() or
 * oneshot_sender_drop(), and the receiver's drop. */
int oneshot_create(struct oneshot_sender *sender,
                   struct oneshot_receiver *receiver,
                   const struct item_type *type, void *item);

/* 0: the item has moved; or -EPIPE (O3). The sender is spent either way. */
int oneshot_send(struct oneshot_sender *sender, const void *item);

/* Gives up the sender. Does nothing for one that is spent. */
void oneshot_sender_drop(struct oneshot_sender *sender);

/* No value from here on; one that is there can still be polled for. It does not
 * wake the receiver: whoever closes polls again. */
void oneshot_close(struct oneshot_receiver *receiver);

/* Dropped before the sender is sent with or dropped. */
void oneshot_closed_init(struct oneshot_closed *closed,
                         const struct oneshot_sender *sender);

#ifdef __cplusplus
}
#endif

#endif
