/* mailbox.c - bytes that wait for a task, and a task that waits for bytes. */
#include "chapters/06_reactor/mailbox.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void mailbox_init(struct mailbox *mailbox)
{
    *mailbox = (struct mailbox){.length = 0};
    waker_cell_init(&mailbox->taker);
}

void mailbox_end(struct mailbox *mailbox)
{
    free(mailbox->bytes);
    waker_cell_end(&mailbox->taker);
}

/* Room for `size` bytes more. */
static int mailbox_grow(struct mailbox *mailbox, size_t size)
{
    char *bytes = realloc(mailbox->bytes, mailbox->length + size);

    if (bytes == NULL)
        return -ENOMEM;
    mailbox->bytes = bytes;
    return 0;
}

int mailbox_push(struct mailbox *mailbox, const char *text, size_t size)
{
    if (mailbox->is_closed)
        return -EPIPE;
    if (size > MAILBOX_LIMIT - mailbox->length) {
        mailbox->was_full = true;
        return -EAGAIN;
    }
    if (mailbox_grow(mailbox, size) < 0)
        return -ENOMEM;
    memcpy(mailbox->bytes + mailbox->length, text, size);
    mailbox->length += size;
    waker_cell_wake(&mailbox->taker);
    return 0;
}

void mailbox_close(struct mailbox *mailbox)
{
    mailbox->is_closed = true;
    waker_cell_wake(&mailbox->taker);
}

/* Hands over all bytes; the mailbox is empty then. */
static void hand_over(struct mailbox_take *take)
{
    struct mailbox *mailbox = take->mailbox;

    take->bytes = mailbox->bytes;
    take->base.result = (int)mailbox->length;
    mailbox->bytes = NULL;
    mailbox->length = 0;
}

static enum poll take_poll(struct future *self, struct context *cx)
{
    struct mailbox_take *take =
        container_of(self, struct mailbox_take, base.base);

    /* begin 6.14: ready, and hand over, if there are bytes or there will be
     * no more; otherwise the mailbox keeps the waker */
    if (take->mailbox->length > 0 || take->mailbox->is_closed) {
        hand_over(take);
        return POLL_READY;
    }
    waker_cell_register(&take->mailbox->taker, cx->waker);
    return POLL_PENDING;
    /* end 6.14: (void)take, (void)hand_over;
    return POLL_PENDING; */
}

static void take_drop(struct future *self)
{
    waker_cell_clear(
        &container_of(self, struct mailbox_take, base.base)->mailbox->taker);
}

void mailbox_take_init(struct mailbox_take *take, struct mailbox *mailbox)
{
    static const struct future_ops ops = {take_poll, take_drop};

    *take = (struct mailbox_take){{{&ops}, 0}, mailbox, NULL};
}
