/* channel.h - a bounded queue between tasks: many senders, one receiver.
 *
 *     reserve --> permit --> commit      +---+---+---+---+---+
 *     reserve --> permit - - - - - - - > | a | b | c | x | x | --> receive
 *     reserve   (waits)                  +---+---+---+---+---+
 *                                          items       permits
 *
 *   C1  Items come out in the order in which they were committed, each once.
 *   C2  A permit is a place in the buffer that is somebody's already, and not
 *       filled yet. There are never more items and permits than `capacity`.
 *   C3  Places are given in order of coming. Who comes while others wait does
 *       not get one before them, not even by channel_try_send().
 *   C4  A place that gets free belongs at once to the first who waits. Only
 *       that one is woken.
 *   C5  A reserve, send or receive that is dropped loses nothing: no item, and
 *       no place. If a place was its own already, the next one gets it.
 *   C6  channel_close(): who waits or comes for a place gets -EPIPE. Permits
 *       that are out are good still, and what is in the buffer can be
 *       received. When there is neither, a receive is -EPIPE.
 *   C7  When the last sender has gone, the receiver gets what is left, and then
 *       -EPIPE.
 *   C8  When the receiver goes, the channel is closed and what is in the buffer
 *       is dropped. A commit after that is -EPIPE, and the item is the
 *       sender's still.
 *   C9  All memory is taken by channel_create(), and freed by the last handle
 *       that goes. Nothing else allocates.
 *   C10 As long as nobody has to wait, an item costs the lock twice: on its way
 *       in and on its way out. The receiver's cell is woken only if a receive
 *       has said that it waits.
 *
 * Any thread may use a sender, and one thread at a time the receiver. The lock
 * is held for a few instructions, and never while foreign code runs (W1).
 * Rust: tokio::sync::mpsc. */
#ifndef CHAPTERS_CHANNEL_CHANNEL_H
#define CHAPTERS_CHANNEL_CHANNEL_H

#include "chapters/03_waker/waker_cell.h"
#include "chapters/08_channel/ring.h"
#include "chapters/08_channel/waiter.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct channel {
    pthread_mutex_t lock;
    /* Under the lock. If anybody waits, ring.length + permits == capacity. */
    struct ring ring;
    size_t permits;       /* places that were given away, and not filled */
    size_t senders;       /* 0: nothing more will be sent */
    bool is_closed;       /* no more permits (C6) */
    bool has_receiver;    /* false: no more items (C8) */
    size_t handles;       /* senders and receiver; 0: freed */
    struct list reserves; /* waiters: who wants a place, in order */
    bool is_awaited;      /* a receive waits, or did: the cell is to be woken */
    /* With rules of its own: */
    struct waker_cell receiver; /* who waits for an item, or the end */
};

struct channel_sender {
    struct channel *channel; /* NULL: dropped */
};

struct channel_receiver {
    struct channel *channel; /* NULL: dropped */
};

/* 0, -EINVAL for a capacity of 0, or -ENOMEM. Makes the first sender. `type`
 * outlives the channel. */
int channel_create(struct channel_sender *sender,
                   struct channel_receiver *receiver,
                   const struct item_type *type, size_t capacity);

/* Another sender to the same channel. Counterpart: channel_sender_drop(). */
struct channel_sender channel_sender_clone(const struct channel_sender *sender);

/* What the sender has lent (futures, permits) is finished or dropped before. */
void channel_sender_drop(struct channel_sender *sender);

/* 0: the item has moved; -EAGAIN: no place, or not yours (C3); -EPIPE. */
int channel_try_send(struct channel_sender *sender, const void *item);

/* 0: an item has moved to `item`; -EAGAIN: none is there; -EPIPE (C6, C7). */
int channel_try_receive(struct channel_receiver *receiver, void *item);

/* The same, for who waits in the channel's cell: if it is -EAGAIN, whatever
 * comes next wakes the cell. */
int channel_receive_or_wait(struct channel_receiver *receiver, void *item);

/* Something has come that a receive may wait for. True: it does; wake the
 * cell, without the lock, and while you have a handle. Lock held. */
bool channel_take_awaited(struct channel *channel)
    __attribute__((warn_unused_result));

/* Takes no more (C6). Closing twice is once. It does not wake a receive of its
 * own that is pending: whoever closes polls that again. */
void channel_close(struct channel_receiver *receiver);

/* C8. Its futures are dropped before. */
void channel_receiver_drop(struct channel_receiver *receiver);

#ifdef __cplusplus
}
#endif

#endif
