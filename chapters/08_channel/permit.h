/* permit.h - a place in the buffer, before there is anything to put there.
 *
 *     NEW --> DONE             there was a place, or the channel is closed
 *     NEW --> WAITING --> GRANTED --> DONE
 *             WAITING --> DONE                          closed meanwhile
 *
 *   M1  channel_reserve, a future, is ready with 0 when a place is this one's:
 *       `permit` is then the caller's, to commit or to drop. Or with -EPIPE.
 *   M2  WAITING: linked into channel->reserves, with a waker. GRANTED: the
 *       place is counted in channel->permits, and taken by the next poll, or
 *       given on by the drop (C5).
 *   M3  channel_commit() never waits: the place is there.
 *
 * Why in two steps? What it takes to make an item (a read, a computation) is
 * done once there is room for it, and not thrown away if there is none.
 *
 * A place that was GRANTED before a close is given all the same: it is a place,
 * and the receiver waits for what comes of it (C6). In Tokio 1.54.1 a reserve
 * or send that was given a place and has not been polled since is an error
 * then, and the place goes back. Nothing is lost in either.
 *
 * Rust: Sender::reserve, Permit::send. */
#ifndef CHAPTERS_CHANNEL_PERMIT_H
#define CHAPTERS_CHANNEL_PERMIT_H

#include "chapters/02_future/future.h"
#include "chapters/08_channel/channel.h"

#ifdef __cplusplus
extern "C" {
#endif

struct channel_permit {
    struct channel *channel; /* NULL: none */
};

enum reserve_state {
    RESERVE_NEW,
    RESERVE_WAITING,
    RESERVE_GRANTED,
    RESERVE_DONE,
};

struct channel_reserve {
    struct int_future base;
    struct channel *channel;
    struct channel_permit permit; /* valid if it is ready with 0 */
    bool is_queued;           /* if not, it is in no list, and has no place */
    enum reserve_state state; /* under the channel's lock */
    struct waiter waiter;     /* under the channel's lock */
    bool was_refused;         /* B6 of budget_poll.h */
};

/* The sender outlives the future and its permit. */
void channel_reserve_init(struct channel_reserve *reserve,
                          struct channel_sender *sender);

/* 0: the item has moved; or -EPIPE (C8). The permit is spent either way. */
int channel_commit(struct channel_permit *permit, const void *item);

/* Gives the place back. Does nothing for a permit that is spent. */
void channel_permit_drop(struct channel_permit *permit);

/* Gives a place that is free to the first who waits, and returns its waker, to
 * be woken without the lock; empty if nobody waits. Lock held. */
struct waker channel_grant(struct channel *channel);

#ifdef __cplusplus
}
#endif

#endif
