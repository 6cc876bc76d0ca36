/* mailbox.h - what a client has still to be sent, at most so much of it.
 *
 *   M1  mailbox_push() takes a whole text or, if that does not fit, nothing
 *       (-EAGAIN). It never waits.
 *   M2  mailbox_take waits until there is something and takes all of it: the
 *       bytes are then the caller's, to free(). 0 when the mailbox is closed
 *       and empty.
 *   M3  After mailbox_close() nothing is taken in (-EPIPE); what is inside
 *       can still be taken.
 *   M4  An empty mailbox has no memory beside the struct.
 *   M5  mailbox_room waits until a text of `size` bytes fits, or the mailbox
 *       is closed. Of one that never fits (MAILBOX_NEVER) that is the closing
 *       alone. Any number of tasks may wait. Room is not kept for any of them:
 *       look again when it is ready.
 *
 * Belongs to one thread; one task takes. The outbox of chapter 01, as a
 * future. Chapter 08 makes a channel of it. */
#ifndef CHAPTERS_REACTOR_MAILBOX_H
#define CHAPTERS_REACTOR_MAILBOX_H

#include "chapters/02_future/future.h"
#include "chapters/03_waker/waker_cell.h"
#include "chapters/common/list.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    MAILBOX_LIMIT = 16384,             /* bytes, as in chapter 01 */
    MAILBOX_NEVER = MAILBOX_LIMIT + 1, /* fit no mailbox */
};

struct mailbox {
    char *bytes; /* NULL: empty */
    size_t length;
    bool is_closed;
    long long since; /* milliseconds: when the oldest text in it came */
    struct waker_cell taker;
    struct list waiting; /* of struct mailbox_room */
};

void mailbox_init(struct mailbox *mailbox);
void mailbox_end(struct mailbox *mailbox);

/* 0, -EAGAIN, -EPIPE or -ENOMEM. */
int mailbox_push(struct mailbox *mailbox, const char *text, size_t size);

void mailbox_close(struct mailbox *mailbox);

/* Would a push of so many bytes not have to be refused for want of room? */
bool mailbox_has_room(const struct mailbox *mailbox, size_t size);

/* How long the oldest text has been waiting; 0 if it is empty. */
long long mailbox_waits_ms(const struct mailbox *mailbox);

struct mailbox_take {
    struct int_future base; /* result: how many bytes, or 0 (M2) */
    struct mailbox *mailbox;
    char *bytes;
};

void mailbox_take_init(struct mailbox_take *take, struct mailbox *mailbox);

/* Result: 0. The mailbox outlives it. */
struct mailbox_room {
    struct int_future base;
    struct mailbox *mailbox;
    size_t size;
    struct list link; /* of those that wait, from its first poll in vain */
    struct waker_cell waker;
};

void mailbox_room_init(struct mailbox_room *room, struct mailbox *mailbox,
                       size_t size);

#ifdef __cplusplus
}
#endif

#endif
