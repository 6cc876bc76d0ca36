/* join.c - several futures in one task, all of them to the end. */
#include "chapters/02_future/join.h"

#include "chapters/02_future/child.h"
#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

static enum poll join_poll(struct future *self, struct context *cx)
{
    /* begin 2.9 */
    struct join *join = container_of(self, struct join, base);
    size_t pending = 0;

    for (size_t i = 0; i < join->count; i++) {
        if (join->children[i] == NULL)
            continue; /* P4: it was ready in an earlier poll */
        if (future_poll(&join->children[i]->base, cx) == POLL_READY)
            child_drop(&join->children[i]);
        else
            pending++;
    }
    return pending == 0 ? POLL_READY : POLL_PENDING;
    /* end 2.9: return POLL_PENDING; */
}

static void join_drop(struct future *self)
{
    /* begin 2.9: Drop the children that are still there. */
    struct join *join = container_of(self, struct join, base);

    for (size_t i = 0; i < join->count; i++)
        child_drop(&join->children[i]);
    /* end 2.9 */
}

static const struct future_ops join_ops = {join_poll, join_drop};

void join_init(struct join *join, struct int_future **children, size_t count)
{
    join->base.ops = &join_ops;
    join->children = children;
    join->count = count;
}
