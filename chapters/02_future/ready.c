/* ready.c - a value that is there already, and one that never will be. */
#include "chapters/02_future/ready.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

static enum poll ready_poll(struct future *self, struct context *cx)
{
    /* TODO(2.1): Give the result its value and be ready. */
    TODO(2.1);
    return POLL_PENDING;
}

static void ready_drop(struct future *self)
{
}

static const struct future_ops ready_ops = {ready_poll, ready_drop};

void ready_init(struct ready *ready, int value)
{
    ready->base.base.ops = &ready_ops;
    ready->value = value;
}

static enum poll pending_poll(struct future *self, struct context *cx)
{
    return POLL_PENDING;
}

static void pending_drop(struct future *self)
{
}

static const struct future_ops pending_ops = {pending_poll, pending_drop};

void pending_init(struct pending *pending)
{
    pending->base.base.ops = &pending_ops;
}
