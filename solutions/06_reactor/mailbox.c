/* mailbox.c - bytes that wait for a task, and a task that waits for bytes. */
#include "chapters/06_reactor/mailbox.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static long long now_ms(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

void mailbox_init(struct mailbox *mailbox)
{
    *mailbox = (struct mailbox){.length = 0};
    waker_cell_init(&mailbox->taker);
    list_init(&mailbox->waiting);
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

bool mailbox_has_room(const struct mailbox *mailbox, size_t size)
{
    return mailbox->is_closed || size <= MAILBOX_LIMIT - mailbox->length;
}

long long mailbox_waits_ms(const struct mailbox *mailbox)
{
    return mailbox->length > 0 ? now_ms() - mailbox->since : 0;
}

int mailbox_push(struct mailbox *mailbox, const char *text, size_t size)
{
    if (mailbox->is_closed)
        return -EPIPE;
    if (!mailbox_has_room(mailbox, size))
        return -EAGAIN;
    if (mailbox_grow(mailbox, size) < 0)
        return -ENOMEM;
    if (mailbox->length == 0)
        mailbox->since = now_ms();
    memcpy(mailbox->bytes + mailbox->length, text, size);
    mailbox->length += size;
    waker_cell_wake(&mailbox->taker);
    return 0;
}

/* Wakes all whose waiting is over. To wake is to put a task in its run queue:
 * none of them leaves the list meanwhile. */
static void wake_waiting(struct mailbox *mailbox)
{
    struct list *link;

    list_for_each (link, &mailbox->waiting) {
        struct mailbox_room *room =
            container_of(link, struct mailbox_room, link);

        if (mailbox_has_room(mailbox, room->size))
            waker_cell_wake(&room->waker);
    }
}

void mailbox_close(struct mailbox *mailbox)
{
    mailbox->is_closed = true;
    waker_cell_wake(&mailbox->taker);
    wake_waiting(mailbox);
}

/* Hands over all bytes; the mailbox is empty then, and has room. */
static void hand_over(struct mailbox_take *take)
{
    struct mailbox *mailbox = take->mailbox;

    take->bytes = mailbox->bytes;
    take->base.result = (int)mailbox->length;
    mailbox->bytes = NULL;
    mailbox->length = 0;
    wake_waiting(mailbox);
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

static enum poll room_poll(struct future *self, struct context *cx)
{
    struct mailbox_room *room =
        container_of(self, struct mailbox_room, base.base);

    /* begin 6.14: ready if there is room; otherwise stand in the line of those
     * that wait, and leave a waker there */
    if (mailbox_has_room(room->mailbox, room->size))
        return POLL_READY;
    if (!list_is_linked(&room->link))
        list_push_back(&room->mailbox->waiting, &room->link);
    waker_cell_register(&room->waker, cx->waker);
    /* end 6.14: (void)room; */
    return POLL_PENDING;
}

static void room_drop(struct future *self)
{
    struct mailbox_room *room =
        container_of(self, struct mailbox_room, base.base);

    list_remove(&room->link);
    waker_cell_end(&room->waker);
}

void mailbox_room_init(struct mailbox_room *room, struct mailbox *mailbox,
                       size_t size)
{
    static const struct future_ops ops = {room_poll, room_drop};

    *room = (struct mailbox_room){
        .base = {{&ops}, 0}, .mailbox = mailbox, .size = size};
    list_init(&room->link);
    waker_cell_init(&room->waker);
}
