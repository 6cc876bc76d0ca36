/* blocking.c - block_on() around the futures. */
#include "chapters/08_channel/blocking.h"

#include "chapters/03_waker/block_on.h"
#include "chapters/08_channel/receive.h"
#include "chapters/08_channel/send.h"
#include "chapters/common/todo.h"

#include <errno.h>

int channel_send_blocking(struct channel_sender *sender, const void *item)
{
    /* TODO(8.9): a send, and a thread that waits for it */
    TODO(8.9);
    (void)sender, (void)item;
    return -ENOSYS;
}

int channel_receive_blocking(struct channel_receiver *receiver, void *item)
{
    /* TODO(8.9): a receive, and a thread that waits for it */
    TODO(8.9);
    (void)receiver, (void)item;
    return -ENOSYS;
}

int oneshot_receive_blocking(struct oneshot_receiver *receiver)
{
    /* TODO(8.9): it is a future already */
    TODO(8.9);
    future_drop(&receiver->base.base);
    return -ENOSYS;
}
