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
    /* begin 8.1: count down; the last ends both cells and frees. What if the
     * other one counts in between? */
    if (atomic_fetch_sub_explicit(&shared->references, 1,
                                  memory_order_acq_rel) > 1)
        return;
    waker_cell_end(&shared->receiver);
    waker_cell_end(&shared->sender);
    free(shared);
    /* end 8.1: (void)shared; */
}

/* -------------------------------------------------------------- the sender */

/* There is a value now, and the sender has ended: unless it is closed. */
static bool publish(struct oneshot *shared)
{
    /* begin 8.1: in one step: true if VALUE and ENDED were set; false, and
     * nothing is set, if CLOSED is */
    uint32_t state = atomic_load_explicit(&shared->state, memory_order_relaxed);

    do {
        if (state & CLOSED)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(
        &shared->state, &state, state | VALUE | ENDED, memory_order_release,
        memory_order_relaxed));
    return true;
    /* end 8.1: (void)shared;
    return false; */
}

int oneshot_send(struct oneshot_sender *sender, const void *item)
{
    struct oneshot *shared = sender->shared;
    bool is_sent = false;

    /* begin 8.1: write the value; publish it; wake the receiver */
    memcpy(shared->value, item, shared->type->size);
    is_sent = publish(shared);
    if (is_sent)
        waker_cell_wake(&shared->receiver);
    /* end 8.1: (void)publish, (void)item; */
    sender->shared = NULL;
    release(shared);
    return is_sent ? 0 : -EPIPE;
}

void oneshot_sender_drop(struct oneshot_sender *sender)
{
    struct oneshot *shared = sender->shared;

    if (shared == NULL)
        return;
    /* begin 8.2: no value will come: say so, and wake the receiver */
    atomic_fetch_or_explicit(&shared->state, ENDED, memory_order_release);
    waker_cell_wake(&shared->receiver);
    /* end 8.2 */
    sender->shared = NULL;
    release(shared);
}

static enum poll closed_poll(struct future *self, struct context *cx)
{
    struct oneshot_closed *closed =
        container_of(self, struct oneshot_closed, base.base);

    /* begin 8.2: ready if it is closed; otherwise register, and look again */
    struct oneshot *shared = closed->shared;

    if (atomic_load_explicit(&shared->state, memory_order_acquire) & CLOSED)
        return POLL_READY;
    waker_cell_register(&shared->sender, cx->waker);
    if (atomic_load_explicit(&shared->state, memory_order_acquire) & CLOSED)
        return POLL_READY;
    return POLL_PENDING;
    /* end 8.2: (void)closed;
    return POLL_PENDING; */
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

    /* begin 8.2: no waker is left behind */
    waker_cell_clear(&closed->shared->sender);
    /* end 8.2: (void)closed; */
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

    /* begin 8.1: move the value and clear VALUE; -EPIPE if it will never come:
     * ENDED or CLOSED */
    /* Acquire: with the release in publish(), for the value. */
    uint32_t state = atomic_load_explicit(&shared->state, memory_order_acquire);

    if (state & VALUE) {
        memcpy(receiver->item, shared->value, shared->type->size);
        /* A load and a store will do, and relaxed: VALUE came with ENDED, which
         * is the sender's last change. The word is the receiver's alone. */
        atomic_store_explicit(&shared->state, state & ~(uint32_t)VALUE,
                              memory_order_relaxed);
        return 0;
    }
    return state & (ENDED | CLOSED) ? -EPIPE : -EAGAIN;
    /* end 8.1: (void)shared;
    return -EAGAIN; */
}

static enum poll receiver_poll(struct future *self, struct context *cx)
{
    struct oneshot_receiver *receiver =
        container_of(self, struct oneshot_receiver, base.base);
    int result = take(receiver);

    /* begin 8.1: if it is not there: register, and look again */
    if (result == -EAGAIN) {
        waker_cell_register(&receiver->shared->receiver, cx->waker);
        result = take(receiver);
    }
    /* end 8.1 */
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
    /* begin 8.2: nothing may come from here on; wake the sender, who may wait
     * for just that */
    struct oneshot *shared = receiver->shared;

    /* Release: for who waits for the end. What the sender did, the receiver
     * acquires when it looks. */
    atomic_fetch_or_explicit(&shared->state, CLOSED, memory_order_release);
    waker_cell_wake(&shared->sender);
    /* end 8.2: (void)receiver; */
}

static void receiver_drop(struct future *self)
{
    struct oneshot_receiver *receiver =
        container_of(self, struct oneshot_receiver, base.base);
    struct oneshot *shared = receiver->shared;

    /* begin 8.2: unless the sender has ended: close, and leave no waker. Then
     * drop a value that nobody has taken. */
    /* Acquire: with the release in publish(), for the value. */
    uint32_t state = atomic_load_explicit(&shared->state, memory_order_acquire);

    /* Who has ended waits for nothing; and takes the waker out itself, or the
     * last who goes drops it. */
    if (!(state & ENDED)) {
        oneshot_close(receiver);
        waker_cell_clear(&shared->receiver);
        state = atomic_load_explicit(&shared->state, memory_order_acquire);
    }
    if ((state & VALUE) && shared->type->drop != NULL)
        shared->type->drop(shared->value);
    /* end 8.2 */
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
