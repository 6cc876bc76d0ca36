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
 *
 * Belongs to one thread; one task takes. The outbox of chapter 01, as a
 * future. Chapter 08 makes a channel of it. */
#ifndef CHAPTERS_REACTOR_MAILBOX_H
#define CHAPTERS_REACTOR_MAILBOX_H

#include "chapters/02_future/future.h"
#include "chapters/03_waker/waker_cell.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    MAILBOX_LIMIT = 16384
}; /* bytes, as in chapter 01 */

struct mailbox {
    char *bytes; /* NULL: empty */
    size_t length;
    bool is_closed;
    bool was_full; /* a push was refused for want of room */
    struct waker_cell taker;
};

void mailbox_init(struct mailbox *mailbox);
void mailbox_end(struct mailbox *mailbox);

/* 0, -EAGAIN, -EPIPE or -ENOMEM. */
int mailbox_push(struct mailbox *mailbox, const char *text, size_t size);

void mailbox_close(struct mailbox *mailbox);

struct mailbox_take {
    struct int_future base; /* result: how many bytes, or 0 (M2) */
    struct mailbox *mailbox;
    char *bytes;
};

void mailbox_take_init(struct mailbox_take *take, struct mailbox *mailbox);

#ifdef __cplusplus
}
#endif

#endif
