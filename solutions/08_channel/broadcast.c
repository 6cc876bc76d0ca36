/* broadcast.c - positions only grow; an item is at its position's place until
 * one that is `capacity` later takes it. */
#include "chapters/08_channel/broadcast.h"

#include "chapters/04_executor/budget_poll.h"
#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static unsigned char *place(const struct broadcast *shared, uint64_t position)
{
    return shared->items + position % shared->capacity * shared->item_size;
}

int broadcast_create(struct broadcast_sender *sender,
                     struct broadcast_receiver *receiver, size_t item_size,
                     size_t capacity)
{
    struct broadcast *shared;

    if (capacity == 0)
        return -EINVAL;
    shared = malloc(sizeof *shared);
    if (shared == NULL)
        return -ENOMEM;
    *shared = (struct broadcast){.item_size = item_size,
                                 .capacity = capacity,
                                 .senders = 1,
                                 .receivers = 1,
                                 .handles = 2};
    shared->items = calloc(capacity, item_size > 0 ? item_size : 1);
    if (shared->items == NULL) {
        free(shared);
        return -ENOMEM;
    }
    pthread_mutex_init(&shared->lock, NULL);
    list_init(&shared->waiters);
    sender->shared = shared;
    *receiver = (struct broadcast_receiver){shared, 0};
    return 0;
}

/* A handle has gone; the last frees. */
static void release(struct broadcast *shared)
{
    pthread_mutex_lock(&shared->lock);
    bool is_last = --shared->handles == 0;

    pthread_mutex_unlock(&shared->lock);
    if (!is_last)
        return;
    pthread_mutex_destroy(&shared->lock);
    free(shared->items);
    free(shared);
}

struct broadcast_sender
broadcast_sender_clone(const struct broadcast_sender *sender)
{
    struct broadcast *shared = sender->shared;

    pthread_mutex_lock(&shared->lock);
    shared->senders++;
    shared->handles++;
    pthread_mutex_unlock(&shared->lock);
    return (struct broadcast_sender){shared};
}

void broadcast_sender_drop(struct broadcast_sender *sender)
{
    struct broadcast *shared = sender->shared;

    sender->shared = NULL;
    /* begin 8.10: the last one wakes all who wait: nothing more will come */
    pthread_mutex_lock(&shared->lock);
    if (--shared->senders == 0)
        waiters_wake_all(&shared->waiters, &shared->lock);
    else
        pthread_mutex_unlock(&shared->lock);
    /* end 8.10 */
    release(shared);
}

struct broadcast_receiver
broadcast_subscribe(const struct broadcast_sender *sender)
{
    struct broadcast *shared = sender->shared;
    struct broadcast_receiver receiver = {shared, 0};

    pthread_mutex_lock(&shared->lock);
    /* begin 8.10: one receiver and one handle more; it reads what comes next */
    shared->receivers++;
    shared->handles++;
    receiver.position = shared->next;
    /* end 8.10: shared->handles++; */
    pthread_mutex_unlock(&shared->lock);
    return receiver;
}

void broadcast_receiver_drop(struct broadcast_receiver *receiver)
{
    struct broadcast *shared = receiver->shared;

    receiver->shared = NULL;
    pthread_mutex_lock(&shared->lock);
    shared->receivers--;
    pthread_mutex_unlock(&shared->lock);
    release(shared);
}

int broadcast_send(struct broadcast_sender *sender, const void *item)
{
    struct broadcast *shared = sender->shared;
    int receivers = -EPIPE;

    /* begin 8.10: write it over the oldest, and wake all who wait; nothing if
     * there is no receiver */
    pthread_mutex_lock(&shared->lock);
    if (shared->receivers == 0) {
        pthread_mutex_unlock(&shared->lock);
        return -EPIPE;
    }
    receivers = (int)shared->receivers;
    memcpy(place(shared, shared->next), item, shared->item_size);
    shared->next++;
    waiters_wake_all(&shared->waiters, &shared->lock);
    /* end 8.10: (void)shared, (void)item, (void)place; */
    return receivers;
}

/* As broadcast_try_receive(); lock held. */
static int take(struct broadcast_receiver *receiver, void *item,
                uint64_t *missed)
{
    struct broadcast *shared = receiver->shared;

    /* begin 8.10: behind? Say by how much, and go on with the oldest. Else the
     * item at its position, or why there is none. */
    uint64_t oldest =
        shared->next > shared->capacity ? shared->next - shared->capacity : 0;

    if (receiver->position < oldest) {
        *missed = oldest - receiver->position;
        receiver->position = oldest;
        return -EOVERFLOW;
    }
    if (receiver->position == shared->next)
        return shared->senders == 0 ? -EPIPE : -EAGAIN;
    memcpy(item, place(shared, receiver->position), shared->item_size);
    receiver->position++;
    return 0;
    /* end 8.10: (void)shared, (void)item, (void)missed;
    return -EAGAIN; */
}

int broadcast_try_receive(struct broadcast_receiver *receiver, void *item,
                          uint64_t *missed)
{
    pthread_mutex_lock(&receiver->shared->lock);
    int result = take(receiver, item, missed);

    pthread_mutex_unlock(&receiver->shared->lock);
    return result;
}

static enum poll receive_poll(struct future *self, struct context *cx)
{
    struct broadcast_receive *receive =
        container_of(self, struct broadcast_receive, base.base);

    /* begin 8.10: try; if nothing is there: clone the waker, take the lock, try
     * again, and wait */
    struct broadcast_receiver *receiver = receive->receiver;
    struct broadcast *shared = receiver->shared;
    int result =
        broadcast_try_receive(receiver, receive->item, &receive->missed);

    if (result == -EAGAIN) {
        struct waker spare = waker_clone(cx->waker);

        pthread_mutex_lock(&shared->lock);
        result = take(receiver, receive->item, &receive->missed);
        if (result == -EAGAIN)
            waiter_wait(&receive->waiter, &shared->waiters, &spare);
        pthread_mutex_unlock(&shared->lock);
        waker_drop(&spare);
    }
    if (result == -EAGAIN)
        return POLL_PENDING;
    receive->base.result = result;
    return POLL_READY;
    /* end 8.10: (void)receive;
    return POLL_PENDING; */
}

/* Counts against its turn's budget: step 12.12. */
static enum poll receive_budgeted(struct future *self, struct context *cx)
{
    return budget_poll(
        receive_poll, self, cx,
        &container_of(self, struct broadcast_receive, base.base)->was_refused);
}

static void receive_drop(struct future *self)
{
    struct broadcast_receive *receive =
        container_of(self, struct broadcast_receive, base.base);

    /* begin 8.10: it waits no more */
    struct broadcast *shared = receive->receiver->shared;

    pthread_mutex_lock(&shared->lock);
    struct waker waker = waiter_leave(&receive->waiter);

    pthread_mutex_unlock(&shared->lock);
    waker_drop(&waker);
    /* end 8.10: (void)receive; */
}

void broadcast_receive_init(struct broadcast_receive *receive,
                            struct broadcast_receiver *receiver, void *item)
{
    static const struct future_ops ops = {receive_budgeted, receive_drop};

    *receive = (struct broadcast_receive){
        .base = {{&ops}, 0}, .receiver = receiver, .item = item};
    waiter_init(&receive->waiter);
}
