/* blocking.h - the ends of a channel for threads that run no tasks.
 *
 *   T1  As the futures, but the thread sleeps instead of returning
 *       POLL_PENDING. It uses no CPU time meanwhile.
 *   T2  Inside a task they panic, since they would stop all its neighbours.
 *
 * Rust: blocking_send, blocking_recv. */
#ifndef CHAPTERS_CHANNEL_BLOCKING_H
#define CHAPTERS_CHANNEL_BLOCKING_H

#include "chapters/08_channel/channel.h"
#include "chapters/08_channel/oneshot.h"

#ifdef __cplusplus
extern "C" {
#endif

/* 0, -EPIPE, or -ENOMEM: then nothing was sent. */
int channel_send_blocking(struct channel_sender *sender, const void *item);

/* 0, -EPIPE, or -ENOMEM: then nothing was taken. */
int channel_receive_blocking(struct channel_receiver *receiver, void *item);

/* Drops the receiver. 0, -EPIPE or -ENOMEM. */
int oneshot_receive_blocking(struct oneshot_receiver *receiver);

#ifdef __cplusplus
}
#endif

#endif
