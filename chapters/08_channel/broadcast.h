/* broadcast.h - every item to every receiver, and nobody waits for the slow.
 *
 *     position    17   18   19   20   21          next = 22
 *               +----+----+----+----+----+
 *               | q  | r  | s  | t  | u  |        capacity 5
 *               +----+----+----+----+----+
 *     fast reads 22: it waits      slow reads 14: it has missed three
 *
 *   B1  broadcast_send() never waits. It keeps the last `capacity` items, and
 *       returns how many receivers there are; with none it is -EPIPE.
 *   B2  A receiver gets every item that is sent after it came, in order, as a
 *       copy of its bytes. Items own nothing, therefore.
 *   B3  If items were overwritten before a receiver had read them, it is told
 *       once: -EOVERFLOW, and their number in `missed`. It goes on with the
 *       oldest item that is there.
 *   B4  When all senders have gone, a receiver gets what is left, then -EPIPE.
 *   B5  A receive that is dropped has taken nothing, and is not woken.
 *
 * Any thread may send; a receiver belongs to one at a time.
 * Rust: tokio::sync::broadcast. That of Tokio 1.54.1 rounds the capacity up to
 * a power of two: of 5 it makes 8, and with 7 items sent nobody has missed any;
 * here two. */
#ifndef CHAPTERS_CHANNEL_BROADCAST_H
#define CHAPTERS_CHANNEL_BROADCAST_H

#include "chapters/02_future/future.h"
#include "chapters/08_channel/waiter.h"

#include <pthread.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct broadcast {
    size_t item_size; /* set once, as is the capacity */
    size_t capacity;
    pthread_mutex_t lock;
    /* Under the lock: */
    uint64_t next; /* the position of the next item that is sent */
    size_t senders;
    size_t receivers;
    size_t handles;       /* senders, receivers; 0: freed */
    struct list waiters;  /* receivers that have read all there is */
    unsigned char *items; /* position p is at p % capacity */
};

struct broadcast_sender {
    struct broadcast *shared; /* NULL: dropped */
};

struct broadcast_receiver {
    struct broadcast *shared; /* NULL: dropped */
    uint64_t position;        /* what it reads next */
};

struct broadcast_receive {
    struct int_future base; /* 0, -EOVERFLOW or -EPIPE */
    struct broadcast_receiver *receiver;
    void *item;
    uint64_t missed; /* after -EOVERFLOW */
    struct waiter waiter;
    bool was_refused; /* B6 of budget_poll.h */
};

/* 0, -EINVAL for a capacity of 0, or -ENOMEM. */
int broadcast_create(struct broadcast_sender *sender,
                     struct broadcast_receiver *receiver, size_t item_size,
                     size_t capacity);

struct broadcast_sender
broadcast_sender_clone(const struct broadcast_sender *sender);
void broadcast_sender_drop(struct broadcast_sender *sender);

/* A receiver that gets what is sent from now on. */
struct broadcast_receiver
broadcast_subscribe(const struct broadcast_sender *sender);
void broadcast_receiver_drop(struct broadcast_receiver *receiver);

/* The number of receivers, or -EPIPE. */
int broadcast_send(struct broadcast_sender *sender, const void *item);

/* 0, -EAGAIN, -EOVERFLOW with the number in `missed`, or -EPIPE. */
int broadcast_try_receive(struct broadcast_receiver *receiver, void *item,
                          uint64_t *missed);

/* Room for an item at `item`. The receiver outlives the future. */
void broadcast_receive_init(struct broadcast_receive *receive,
                            struct broadcast_receiver *receiver, void *item);

#ifdef __cplusplus
}
#endif

#endif
