/* select.c - several futures in one task, until the first is ready.
 *
 * To cancel a future is to drop it: that is all that happens to a loser. */
#include "chapters/02_future/select.h"

#include "chapters/02_future/child.h"
#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

/* begin 2.10 */
static void select_drop_children(struct select *select)
{
    for (size_t i = 0; i < select->count; i++)
        child_drop(&select->children[i]);
}

/* end 2.10 */
static enum poll select_poll(struct future *self, struct context *cx)
{
    /* begin 2.10 */
    struct select *select = container_of(self, struct select, base.base);

    for (size_t i = 0; i < select->count; i++) {
        if (future_poll(&select->children[i]->base, cx) == POLL_PENDING)
            continue;
        select->base.result = (int)i;
        select_drop_children(select);
        return POLL_READY;
    }
    return POLL_PENDING;
    /* end 2.10: return POLL_PENDING; */
}

static void select_drop(struct future *self)
{
    /* begin 2.10: Drop the children that are still there. */
    select_drop_children(container_of(self, struct select, base.base));
    /* end 2.10 */
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
