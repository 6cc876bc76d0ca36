/* yield.c - one pending poll that asks for another. */
#include "chapters/04_executor/yield.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

static enum poll yield_poll(struct future *self, struct context *cx)
{
    /* TODO(4.8): pending once, and woken at once */
    TODO(4.8);
    return POLL_READY;
}

static void yield_drop(struct future *self)
{
}

static const struct future_ops yield_ops = {yield_poll, yield_drop};

void yield_init(struct yield *yield)
{
    yield->base.base.ops = &yield_ops;
    yield->base.result = 0;
    yield->has_yielded = false;
}
