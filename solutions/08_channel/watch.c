/* watch.c - a value, and how often it has changed. */
#include "chapters/08_channel/watch.h"

#include "chapters/04_executor/budget_poll.h"
#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int watch_create(struct watch_sender *sender, struct watch_receiver *receiver,
                 const void *value, size_t size)
{
    struct watch *shared = malloc(sizeof *shared);

    if (shared == NULL)
        return -ENOMEM;
    *shared = (struct watch){
        .size = size, .has_sender = true, .receivers = 1, .handles = 2};
    shared->value = malloc(size > 0 ? size : 1);
    if (shared->value == NULL) {
        free(shared);
        return -ENOMEM;
    }
    memcpy(shared->value, value, size);
    pthread_mutex_init(&shared->lock, NULL);
    list_init(&shared->waiters);
    sender->shared = shared;
    *receiver = (struct watch_receiver){shared, 0};
    return 0;
}

/* A handle has gone; the last frees. */
static void release(struct watch *shared)
{
    pthread_mutex_lock(&shared->lock);
    bool is_last = --shared->handles == 0;

    pthread_mutex_unlock(&shared->lock);
    if (!is_last)
        return;
    pthread_mutex_destroy(&shared->lock);
    free(shared->value);
    free(shared);
}

struct watch_receiver
watch_receiver_clone(const struct watch_receiver *receiver)
{
    struct watch *shared = receiver->shared;

    pthread_mutex_lock(&shared->lock);
    shared->receivers++;
    shared->handles++;
    pthread_mutex_unlock(&shared->lock);
    return *receiver;
}

void watch_sender_drop(struct watch_sender *sender)
{
    struct watch *shared = sender->shared;

    sender->shared = NULL;
    /* begin 8.11: nothing more will come: say so, and wake all who wait */
    pthread_mutex_lock(&shared->lock);
    shared->has_sender = false;
    waiters_wake_all(&shared->waiters, &shared->lock);
    /* end 8.11 */
    release(shared);
}

void watch_receiver_drop(struct watch_receiver *receiver)
{
    struct watch *shared = receiver->shared;

    receiver->shared = NULL;
    pthread_mutex_lock(&shared->lock);
    shared->receivers--;
    pthread_mutex_unlock(&shared->lock);
    release(shared);
}

int watch_send(struct watch_sender *sender, const void *value)
{
    struct watch *shared = sender->shared;
    int result = -EPIPE;

    /* begin 8.11: if there is a receiver: the value, its version, and wake all
     * who wait */
    pthread_mutex_lock(&shared->lock);
    if (shared->receivers == 0) {
        pthread_mutex_unlock(&shared->lock);
        return -EPIPE;
    }
    result = 0;
    memcpy(shared->value, value, shared->size);
    shared->version++;
    waiters_wake_all(&shared->waiters, &shared->lock);
    /* end 8.11: (void)shared, (void)value; */
    return result;
}

void watch_read(struct watch_receiver *receiver, void *value)
{
    struct watch *shared = receiver->shared;

    pthread_mutex_lock(&shared->lock);
    /* begin 8.11: the latest value has been seen */
    memcpy(value, shared->value, shared->size);
    receiver->seen = shared->version;
    /* end 8.11: (void)value; */
    pthread_mutex_unlock(&shared->lock);
}

/* 0: there is a value that was not seen until now; -EPIPE; -EAGAIN. Lock
 * held. */
static int see(struct watch_receiver *receiver)
{
    struct watch *shared = receiver->shared;

    /* begin 8.11: news first, then the end */
    if (receiver->seen != shared->version) {
        receiver->seen = shared->version;
        return 0;
    }
    return shared->has_sender ? -EAGAIN : -EPIPE;
    /* end 8.11: (void)shared;
    return -EAGAIN; */
}

static enum poll changed_poll(struct future *self, struct context *cx)
{
    struct watch_changed *changed =
        container_of(self, struct watch_changed, base.base);
    struct watch *shared = changed->receiver->shared;

    pthread_mutex_lock(&shared->lock);
    int result = see(changed->receiver);

    pthread_mutex_unlock(&shared->lock);
    /* begin 8.11: if there is none: clone the waker, take the lock, look again,
     * and wait */
    if (result == -EAGAIN) {
        struct waker spare = waker_clone(cx->waker);

        pthread_mutex_lock(&shared->lock);
        result = see(changed->receiver);
        if (result == -EAGAIN)
            waiter_wait(&changed->waiter, &shared->waiters, &spare);
        pthread_mutex_unlock(&shared->lock);
        waker_drop(&spare);
    }
    /* end 8.11 */
    if (result == -EAGAIN)
        return POLL_PENDING;
    changed->base.result = result;
    return POLL_READY;
}

/* Counts against its turn's budget: step 12.12. */
static enum poll changed_budgeted(struct future *self, struct context *cx)
{
    return budget_poll(
        changed_poll, self, cx,
        &container_of(self, struct watch_changed, base.base)->was_refused);
}

static void changed_drop(struct future *self)
{
    struct watch_changed *changed =
        container_of(self, struct watch_changed, base.base);

    /* begin 8.11: it waits no more */
    struct watch *shared = changed->receiver->shared;

    pthread_mutex_lock(&shared->lock);
    struct waker waker = waiter_leave(&changed->waiter);

    pthread_mutex_unlock(&shared->lock);
    waker_drop(&waker);
    /* end 8.11: (void)changed; */
}

void watch_changed_init(struct watch_changed *changed,
                        struct watch_receiver *receiver)
{
    static const struct future_ops ops = {changed_budgeted, changed_drop};

    *changed =
        (struct watch_changed){.base = {{&ops}, 0}, .receiver = receiver};
    waiter_init(&changed->waiter);
}
