/* completion.c - a value that comes from another thread.
 *
 * NEW or PENDING -> SET. Under the lock: `waker` is empty unless a wait is
 * pending. The lock covers a few assignments and nothing else: a waker
 * runs code that we do not know, so it is cloned before and woken or
 * dropped after (W1). */
#include "chapters/03_waker/completion.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>

void completion_init(struct completion *completion)
{
    *completion = (struct completion){.is_set = false};
    pthread_mutex_init(&completion->lock, NULL);
}

void completion_end(struct completion *completion)
{
    waker_drop(&completion->waker);
    pthread_mutex_destroy(&completion->lock);
}

int completion_set(struct completion *completion, int value)
{
    /* TODO(3.6): Store the value and take the waker under the lock; wake it
     * after. */
    TODO(3.6);
    return -ENOSYS;
}

static enum poll completion_wait_poll(struct future *self, struct context *cx)
{
    struct completion_wait *wait =
        container_of(self, struct completion_wait, base.base);
    /* TODO(3.6): Ready if it is set; otherwise keep the newest waker. */
    TODO(3.6);
    (void)wait;
    return POLL_PENDING;
}

static void completion_wait_drop(struct future *self)
{
    struct completion_wait *wait =
        container_of(self, struct completion_wait, base.base);
    /* TODO(3.6): Leave no waker behind (D4). */
    TODO(3.6);
    (void)wait;
}

static const struct future_ops completion_wait_ops = {
    .poll = completion_wait_poll,
    .drop = completion_wait_drop,
};

void completion_wait_init(struct completion_wait *wait,
                          struct completion *completion)
{
    *wait = (struct completion_wait){
        .base.base.ops = &completion_wait_ops,
        .completion = completion,
    };
}
