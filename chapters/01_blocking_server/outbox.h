/* outbox.h - what a client has still to be sent, at most so much of it.
 *
 *   O1  outbox_push() never blocks: it takes a whole text or, when that
 *       does not fit, nothing (-EAGAIN).
 *   O2  outbox_take() blocks until there is something, and takes all that
 *       is there; 0 when the outbox is closed and empty.
 *   O3  After outbox_close() nothing is taken in (-EPIPE); what is inside
 *       can still be taken.
 *   O4  outbox_has_room() is 0 if a push would be refused for want of room.
 *       Where one thread at a time pushes, that push is not.
 *
 * Any thread may push and close; one thread takes. Rust: a bounded
 * std::sync::mpsc::sync_channel with try_send. */
#ifndef CHAPTERS_BLOCKING_SERVER_OUTBOX_H
#define CHAPTERS_BLOCKING_SERVER_OUTBOX_H

#include <pthread.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    OUTBOX_LIMIT = 16384
}; /* bytes: a screenful or ten, not a session */

struct outbox {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t length;
    int is_closed;
    char bytes[OUTBOX_LIMIT];
};

void outbox_init(struct outbox *outbox);
void outbox_end(struct outbox *outbox);

/* 0, -EAGAIN or -EPIPE. */
int outbox_push(struct outbox *outbox, const char *text, size_t size);

int outbox_has_room(struct outbox *outbox, size_t size);

/* How many bytes were taken; `bytes` has room for OUTBOX_LIMIT. */
size_t outbox_take(struct outbox *outbox, char *bytes);

void outbox_close(struct outbox *outbox);

#ifdef __cplusplus
}
#endif

#endif
