/* countdown.c - pending means: ask again, and I have seen to it that you do.
 *
 * A future that waits for the world leaves its waker with the one who will
 * know. These wait for nothing, so they wake at once. */
#include "chapters/02_future/countdown.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

static enum poll pending_once_poll(struct future *self, struct context *cx)
{
    /* TODO(2.2): Be pending on the first poll, with a wake, and ready on
     * the second. */
    TODO(2.2);
    return POLL_PENDING;
}

static enum poll countdown_poll(struct future *self, struct context *cx)
{
    /* TODO(2.3): Be pending as many times as `left` says, each with a wake,
     * then ready. */
    TODO(2.3);
    return POLL_PENDING;
}

static void nothing_to_drop(struct future *self)
{
}

static const struct future_ops pending_once_ops = {pending_once_poll,
                                                   nothing_to_drop};
static const struct future_ops countdown_ops = {countdown_poll,
                                                nothing_to_drop};

void pending_once_init(struct pending_once *once, int value)
{
    once->base.base.ops = &pending_once_ops;
    once->value = value;
    once->was_polled = false;
}

void countdown_init(struct countdown *countdown, int count, int value)
{
    countdown->base.base.ops = &countdown_ops;
    countdown->value = value;
    countdown->left = count;
}
