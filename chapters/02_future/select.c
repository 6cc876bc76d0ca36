/* select.c - several futures in one task, until the first is ready.
 *
 * To cancel a future is to drop it: that is all that happens to a loser. */
#include "chapters/02_future/select.h"

#include "chapters/02_future/child.h"
#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

static enum poll select_poll(struct future *self, struct context *cx)
{
    /* TODO(2.10): Poll the children in order; at the first that is ready
     * note its index and drop them all. */
    TODO(2.10);
    return POLL_PENDING;
}

static void select_drop(struct future *self)
{
    /* TODO(2.10): Drop the children that are still there. */
    TODO(2.10);
}

static const struct future_ops select_ops = {select_poll, select_drop};

void select_init(struct select *select, struct int_future **children,
                 size_t count)
{
    require(count > 0, "T4: a select of no futures would never be ready");
    select->base.base.ops = &select_ops;
    select->children = children;
    select->count = count;
}
