/* watch.h - one value that changes, and who wants to know the latest.
 *
 *   V1  watch_send() puts a new value in place of the old one. It never waits,
 *       and is -EPIPE if there is no receiver left.
 *   V2  watch_read() copies the latest value. It has then been seen.
 *   V3  watch_changed is ready with 0 if there is a value that this receiver
 *       has not seen, which counts as seen from then on. However many came
 *       since, it is ready once. The first value counts as seen.
 *   V4  When the sender has gone, a value that was not seen is told first, and
 *       then -EPIPE. watch_read() works still.
 *   V5  Whoever waits is woken by each value once, and by the sender's end.
 *
 * Values are copied by their bytes, so they own nothing. Any thread; each
 * handle belongs to one at a time. Rust: tokio::sync::watch. */
#ifndef CHAPTERS_CHANNEL_WATCH_H
#define CHAPTERS_CHANNEL_WATCH_H

#include "chapters/02_future/future.h"
#include "chapters/08_channel/waiter.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct watch {
    size_t size; /* of the value; set once */
    pthread_mutex_t lock;
    /* Under the lock: */
    uint64_t version; /* counts the values */
    bool has_sender;
    size_t receivers;
    size_t handles;      /* sender, receivers; 0: freed */
    struct list waiters; /* receivers that have seen the latest */
    unsigned char *value;
};

struct watch_sender {
    struct watch *shared; /* NULL: dropped */
};

struct watch_receiver {
    struct watch *shared; /* NULL: dropped */
    uint64_t seen;        /* the version that it has seen */
};

struct watch_changed {
    struct int_future base; /* 0 or -EPIPE */
    struct watch_receiver *receiver;
    struct waiter waiter;
    bool was_refused; /* B6 of budget_poll.h */
};

/* 0 or -ENOMEM. `value` is the first one, of `size` bytes. */
int watch_create(struct watch_sender *sender, struct watch_receiver *receiver,
                 const void *value, size_t size);

/* Has seen what `receiver` has seen. */
struct watch_receiver
watch_receiver_clone(const struct watch_receiver *receiver);

void watch_sender_drop(struct watch_sender *sender);
void watch_receiver_drop(struct watch_receiver *receiver);

/* 0 or -EPIPE. */
int watch_send(struct watch_sender *sender, const void *value);

/* Room for a value at `value`. */
void watch_read(struct watch_receiver *receiver, void *value);

/* The receiver outlives the future. */
void watch_changed_init(struct watch_changed *changed,
                        struct watch_receiver *receiver);

#ifdef __cplusplus
}
#endif

#endif
