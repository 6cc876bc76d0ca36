/* join.c - several futures in one task, all of them to the end. */
#include "chapters/02_future/join.h"

#include "chapters/02_future/child.h"
#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

static enum poll join_poll(struct future *self, struct context *cx)
{
    /* TODO(2.9): Poll every child that is still there; drop each that is
     * ready; be ready when none is left. */
    TODO(2.9);
    return POLL_PENDING;
}

static void join_drop(struct future *self)
{
    /* TODO(2.9): Drop the children that are still there. */
    TODO(2.9);
}

static const struct future_ops join_ops = {join_poll, join_drop};

void join_init(struct join *join, struct int_future **children, size_t count)
{
    join->base.ops = &join_ops;
    join->children = children;
    join->count = count;
}
