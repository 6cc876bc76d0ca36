/* channel.c - handles, the buffer, and the end from either side.
 *
 * The receiver's waker is in a cell and not under the lock: there is only one,
 * and a cell costs no clone when it is there already. Whoever changes what the
 * receiver waits for wakes the cell afterwards, without the lock, and while
 * it has a handle still: the channel may be gone as soon as it has none.
 *
 * To wake an empty cell is two locked instructions for nothing, with each item.
 * So a receive says under the lock that it waits, in the look that finds
 * nothing and after its waker is in the cell; and who changes something takes
 * that back under the same lock, and wakes if it was said. */
#include "chapters/08_channel/channel.h"

#include "chapters/08_channel/permit.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <stdlib.h>

int channel_create(struct channel_sender *sender,
                   struct channel_receiver *receiver,
                   const struct item_type *type, size_t capacity)
{
    struct channel *channel = malloc(sizeof *channel);

    if (channel == NULL)
        return -ENOMEM;
    *channel =
        (struct channel){.senders = 1, .has_receiver = true, .handles = 2};
    int error = ring_init(&channel->ring, type, capacity);

    if (error < 0) {
        free(channel);
        return error;
    }
    pthread_mutex_init(&channel->lock, NULL);
    list_init(&channel->reserves);
    waker_cell_init(&channel->receiver);
    sender->channel = channel;
    receiver->channel = channel;
    return 0;
}

/* A handle has gone; the last frees. */
static void release(struct channel *channel)
{
    pthread_mutex_lock(&channel->lock);
    bool is_last = --channel->handles == 0;

    pthread_mutex_unlock(&channel->lock);
    if (!is_last)
        return;
    ring_end(&channel->ring);
    waker_cell_end(&channel->receiver);
    pthread_mutex_destroy(&channel->lock);
    free(channel);
}

bool channel_take_awaited(struct channel *channel)
{
    /* TODO(8.5): is it awaited? Not any more: one wake is enough. */
    TODO(8.5);
    (void)channel;
    return false;
}

/* ------------------------------------------------------------- the senders */

struct channel_sender channel_sender_clone(const struct channel_sender *sender)
{
    struct channel *channel = sender->channel;

    /* TODO(8.4): one sender and one handle more */
    TODO(8.4);
    return (struct channel_sender){channel};
}

void channel_sender_drop(struct channel_sender *sender)
{
    struct channel *channel = sender->channel;
    bool wakes = false;

    sender->channel = NULL;
    /* TODO(8.4): under the lock: one sender less */
    TODO(8.4);
    /* TODO(8.5): if that was the last one, there is an end to see: is it
     * awaited? */
    TODO(8.5);
    /* TODO(8.4): and unlock */
    TODO(8.4);
    /* TODO(8.5): then wake the receiver */
    TODO(8.5);
    (void)wakes;
    release(channel);
}

int channel_try_send(struct channel_sender *sender, const void *item)
{
    struct channel *channel = sender->channel;
    bool wakes = false;
    int result = 0;

    /* TODO(8.4): under the lock: -EPIPE, -EAGAIN, or push. Places that are
     * items or permits are not free. */
    TODO(8.4);
    (void)channel, (void)item;
    result = -ENOSYS;
    /* TODO(8.5): if there is something new: is it awaited? */
    TODO(8.5);
    /* TODO(8.4): and unlock */
    TODO(8.4);
    /* TODO(8.5): then wake the receiver */
    TODO(8.5);
    (void)wakes;
    return result;
}

/* ------------------------------------------------------------ the receiver */

/* An item, or why there is none. Lock held. */
static int take(struct channel *channel, void *item)
{
    /* TODO(8.4): pop, or -EPIPE if nothing will come, or -EAGAIN. Nothing
     * will come without senders; and when it is closed and no permit is
     * out. */
    TODO(8.4);
    (void)channel, (void)item;
    return -ENOSYS;
}

/* `waits`: if there is nothing, say that somebody waits in the cell. */
static int receive(struct channel *channel, void *item, bool waits)
{
    struct waker sender = {NULL, NULL};

    pthread_mutex_lock(&channel->lock);
    int result = take(channel, item);

    /* TODO(8.5): say so: in this look, as what comes after it has to know */
    TODO(8.5);
    (void)waits;
    /* TODO(8.6): a place is free: the first who waits gets it */
    TODO(8.6);
    pthread_mutex_unlock(&channel->lock);
    waker_wake_if_any(&sender);
    return result;
}

int channel_try_receive(struct channel_receiver *receiver, void *item)
{
    return receive(receiver->channel, item, false);
}

int channel_receive_or_wait(struct channel_receiver *receiver, void *item)
{
    return receive(receiver->channel, item, true);
}

void channel_close(struct channel_receiver *receiver)
{
    struct channel *channel = receiver->channel;

    /* TODO(8.8): no more permits; wake all who wait for one */
    TODO(8.8);
    (void)channel;
}

void channel_receiver_drop(struct channel_receiver *receiver)
{
    struct channel *channel = receiver->channel;

    channel_close(receiver);
    receiver->channel = NULL;
    /* TODO(8.8): nobody will receive what is left: drop it, and let nothing
     * more come. A drop is foreign code. */
    TODO(8.8);
    release(channel);
}
