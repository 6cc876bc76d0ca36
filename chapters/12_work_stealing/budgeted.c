/* budgeted.c - one operation, paid before it is known if there is one. */
#include "chapters/12_work_stealing/budgeted.h"

#include "chapters/03_waker/waker.h"
#include "chapters/common/budget.h"
#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

static struct budgeted *to_budgeted(struct future *self)
{
    return container_of(self, struct budgeted, base.base);
}

static enum poll budgeted_poll(struct future *self, struct context *cx)
{
    struct budgeted *budgeted = to_budgeted(self);
    enum poll poll = POLL_PENDING;

    /* TODO(12.12): spend, or wake yourself; poll the child; if it is
     * pending, nothing was spent */
    TODO(12.12);
    (void)budgeted, (void)cx;
    return poll;
}

static void budgeted_drop(struct future *self)
{
    future_drop(&to_budgeted(self)->child->base);
}

void budgeted_init(struct budgeted *budgeted, struct int_future *child)
{
    static const struct future_ops ops = {budgeted_poll, budgeted_drop};

    budgeted->base = (struct int_future){{&ops}, 0};
    budgeted->child = child;
}
