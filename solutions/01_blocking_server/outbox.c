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

/* begin 1.7 */
/* With the lock held. */
static int outbox_append(struct outbox *outbox, const char *text, size_t size)
{
    if (outbox->is_closed)
        return -EPIPE;
    if (size > sizeof outbox->bytes - outbox->length)
        return -EAGAIN;
    memcpy(outbox->bytes + outbox->length, text, size);
    outbox->length += size;
    pthread_cond_signal(&outbox->changed);
    return 0;
}
/* end 1.7 */

int outbox_push(struct outbox *outbox, const char *text, size_t size)
{
    /* begin 1.7: Put the whole text in and tell the taker, or say why not; do
     * not wait. */
    pthread_mutex_lock(&outbox->lock);
    int error = outbox_append(outbox, text, size);
    pthread_mutex_unlock(&outbox->lock);
    return error;
    /* end 1.7: return -ENOSYS; */
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
    /* begin 1.7: Wait until there is something, and take all of it; 0 when
     * closed and empty. */
    pthread_mutex_lock(&outbox->lock);
    while (outbox->length == 0 && !outbox->is_closed)
        pthread_cond_wait(&outbox->changed, &outbox->lock);
    size_t size = outbox->length;

    memcpy(bytes, outbox->bytes, size);
    outbox->length = 0;
    pthread_mutex_unlock(&outbox->lock);
    return size;
    /* end 1.7: return 0; */
}

void outbox_close(struct outbox *outbox)
{
    pthread_mutex_lock(&outbox->lock);
    outbox->is_closed = 1;
    pthread_cond_broadcast(&outbox->changed);
    pthread_mutex_unlock(&outbox->lock);
}
