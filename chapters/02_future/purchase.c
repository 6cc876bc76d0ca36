/* purchase.c - a function with two waits, turned into a struct.
 *
 * Where a thread would stop in the middle, a poll returns. So what the stack
 * remembered has to stand in the struct: the place (state), the locals that
 * are needed afterwards (price), and the call we are in (answer). Each case
 * of the switch is the code between two waits. */
#include "chapters/02_future/purchase.h"

#include "chapters/02_future/child.h"
#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

#include <errno.h>

static enum poll purchase_poll(struct future *self, struct context *cx)
{
    /* TODO(2.4): Continue where `state` says, up to the next wait or the
     * end; in DONE, panic() (P4). */
    TODO(2.4);
    return POLL_PENDING;
}

static void purchase_drop(struct future *self)
{
    /* TODO(2.4): Drop the answer that is alive, if one is. */
    TODO(2.4);
}

static const struct future_ops purchase_ops = {purchase_poll, purchase_drop};

void purchase_init(struct purchase *purchase, struct shop *shop)
{
    purchase->base.base.ops = &purchase_ops;
    purchase->state = PURCHASE_NEW;
    purchase->shop = shop;
    purchase->answer = NULL;
}
