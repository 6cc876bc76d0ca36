/* outbox.c - a bounded buffer between those who post and one who sends. */
#include "chapters/01_blocking_server/outbox.h"

#include "chapters/common/todo.h"

#include <errno.h>
#include <string.h>

void outbox_init(struct outbox *outbox)
{
    outbox->length = 0;
    outbox->is_closed = 0;
    pthread_mutex_init(&outbox->lock, NULL);
    pthread_cond_init(&outbox->changed, NULL);
}

void outbox_end(struct outbox *outbox)
{
    pthread_cond_destroy(&outbox->changed);
    pthread_mutex_destroy(&outbox->lock);
}

int outbox_push(struct outbox *outbox, const char *text, size_t size)
{
    /* TODO(1.7): Put the whole text in and tell the taker, or say why not;
     * do not wait. */
    TODO(1.7);
    return -ENOSYS;
}

int outbox_has_room(struct outbox *outbox, size_t size)
{
    pthread_mutex_lock(&outbox->lock);
    int has_room =
        outbox->is_closed || size <= sizeof outbox->bytes - outbox->length;
    pthread_mutex_unlock(&outbox->lock);
    return has_room;
}

size_t outbox_take(struct outbox *outbox, char *bytes)
{
    /* TODO(1.7): Wait until there is something, and take all of it; 0 when
     * closed and empty. */
    TODO(1.7);
    return 0;
}

void outbox_close(struct outbox *outbox)
{
    pthread_mutex_lock(&outbox->lock);
    outbox->is_closed = 1;
    pthread_cond_broadcast(&outbox->changed);
    pthread_mutex_unlock(&outbox->lock);
}
