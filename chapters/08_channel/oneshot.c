/* oneshot.c - three bits, two cells, and room for one value.
 *
 * Whoever changes `state` learns in the same step what it was, and so which of
 * the two was first. Orders: VALUE is released by the sender, after the value
 * was written, and acquired by the receiver before it is read. A reference is
 * given up with both, so that whoever frees has seen all that the other did. */
#include "chapters/08_channel/oneshot.h"

#include "chapters/03_waker/waker_cell.h"
#include "chapters/04_executor/budget_poll.h"
#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
    VALUE = 1,
    ENDED = 2,
    CLOSED = 4,
};

struct oneshot {
    atomic_member(uint32_t) state;
    atomic_member(uint32_t) references; /* 2: both sides are there */
    const struct item_type *type;
    struct waker_cell receiver; /* waits for VALUE or ENDED */
    struct waker_cell sender;   /* waits for CLOSED */
    max_align_t value[];
};

/* One side has gone; the last frees. */
static void release(struct oneshot *shared)
{
    /* TODO(8.1): count down; the last ends both cells and frees. What if
     * the other one counts in between? */
    TODO(8.1);
    (void)shared;
}

/* -------------------------------------------------------------- the sender */

/* There is a value now, and the sender has ended: unless it is closed. */
static bool publish(struct oneshot *shared)
{
    /* TODO(8.1): in one step: true if VALUE and ENDED were set; false, and
     * nothing is set, if CLOSED is */
    TODO(8.1);
    (void)shared;
    return false;
}

int oneshot_send(struct oneshot_sender *sender, const void *item)
{
    struct oneshot *shared = sender->shared;
    bool is_sent = false;

    /* TODO(8.1): write the value; publish it; wake the receiver */
    TODO(8.1);
    (void)publish, (void)item;
    sender->shared = NULL;
    release(shared);
    return is_sent ? 0 : -EPIPE;
}

void oneshot_sender_drop(struct oneshot_sender *sender)
{
    struct oneshot *shared = sender->shared;

    if (shared == NULL)
        return;
    /* TODO(8.2): no value will come: say so, and wake the receiver */
    TODO(8.2);
    sender->shared = NULL;
    release(shared);
}

static enum poll closed_poll(struct future *self, struct context *cx)
{
    struct oneshot_closed *closed =
        container_of(self, struct oneshot_closed, base.base);

    /* TODO(8.2): ready if it is closed; otherwise register, and look again */
    TODO(8.2);
    (void)closed;
    return POLL_PENDING;
}

/* Counts against its turn's budget: step 12.12. */
static enum poll closed_budgeted(struct future *self, struct context *cx)
{
    return budget_poll(
        closed_poll, self, cx,
        &container_of(self, struct oneshot_closed, base.base)->was_refused);
}

static void closed_drop(struct future *self)
{
    struct oneshot_closed *closed =
        container_of(self, struct oneshot_closed, base.base);

    /* TODO(8.2): no waker is left behind */
    TODO(8.2);
    (void)closed;
}

void oneshot_closed_init(struct oneshot_closed *closed,
                         const struct oneshot_sender *sender)
{
    static const struct future_ops ops = {closed_budgeted, closed_drop};

    *closed = (struct oneshot_closed){{{&ops}, 0}, sender->shared, false};
}

/* ------------------------------------------------------------ the receiver */

/* Takes the value if it is there: 0. -EPIPE if none will come, or -EAGAIN. */
static int take(struct oneshot_receiver *receiver)
{
    struct oneshot *shared = receiver->shared;

    /* TODO(8.1): move the value and clear VALUE; -EPIPE if it will never
     * come: ENDED or CLOSED */
    TODO(8.1);
    (void)shared;
    return -EAGAIN;
}

static enum poll receiver_poll(struct future *self, struct context *cx)
{
    struct oneshot_receiver *receiver =
        container_of(self, struct oneshot_receiver, base.base);
    int result = take(receiver);

    /* TODO(8.1): if it is not there: register, and look again */
    TODO(8.1);
    if (result == -EAGAIN)
        return POLL_PENDING;
    receiver->base.result = result;
    return POLL_READY;
}

/* Counts against its turn's budget: step 12.12. */
static enum poll receiver_budgeted(struct future *self, struct context *cx)
{
    return budget_poll(
        receiver_poll, self, cx,
        &container_of(self, struct oneshot_receiver, base.base)->was_refused);
}

void oneshot_close(struct oneshot_receiver *receiver)
{
    /* TODO(8.2): nothing may come from here on; wake the sender, who may
     * wait for just that */
    TODO(8.2);
    (void)receiver;
}

static void receiver_drop(struct future *self)
{
    struct oneshot_receiver *receiver =
        container_of(self, struct oneshot_receiver, base.base);
    struct oneshot *shared = receiver->shared;

    /* TODO(8.2): unless the sender has ended: close, and leave no waker.
     * Then drop a value that nobody has taken. */
    TODO(8.2);
    receiver->shared = NULL;
    release(shared);
}

int oneshot_create(struct oneshot_sender *sender,
                   struct oneshot_receiver *receiver,
                   const struct item_type *type, void *item)
{
    static const struct future_ops ops = {receiver_budgeted, receiver_drop};
    struct oneshot *shared = malloc(sizeof *shared + type->size);

    if (shared == NULL)
        return -ENOMEM;
    atomic_init(&shared->state, 0);
    atomic_init(&shared->references, 2);
    shared->type = type;
    waker_cell_init(&shared->receiver);
    waker_cell_init(&shared->sender);
    sender->shared = shared;
    *receiver = (struct oneshot_receiver){{{&ops}, 0}, shared, item, false};
    return 0;
}
