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

/* begin 2.4 */
/* Goes from one wait to the next: `question` is what we wait for there. */
static void purchase_ask(struct purchase *purchase, enum question question)
{
    purchase->answer = purchase->shop->ask(purchase->shop, question);
    purchase->state = question == ASK_PRICE ? PURCHASE_PRICE : PURCHASE_AMOUNT;
}

static enum poll purchase_end(struct purchase *purchase, int result)
{
    purchase->base.result = result;
    purchase->state = PURCHASE_DONE;
    return POLL_READY;
}

/* One wait. When it is over, the answer is dropped and its result given. */
static enum poll purchase_wait(struct purchase *purchase, struct context *cx,
                               int *result)
{
    if (future_poll(&purchase->answer->base, cx) == POLL_PENDING)
        return POLL_PENDING;
    *result = purchase->answer->result;
    child_drop(&purchase->answer);
    return POLL_READY;
}

static int purchase_total(int price, int amount)
{
    int total;

    return __builtin_mul_overflow(price, amount, &total) ? -EOVERFLOW : total;
}

/* end 2.4 */
static enum poll purchase_poll(struct future *self, struct context *cx)
{
    /* begin 2.4 */
    struct purchase *purchase = container_of(self, struct purchase, base.base);
    int amount;

    switch (purchase->state) {
    case PURCHASE_NEW:
        purchase_ask(purchase, ASK_PRICE);
        /* fallthrough - the first wait begins in the first poll */
    case PURCHASE_PRICE:
        if (purchase_wait(purchase, cx, &purchase->price) == POLL_PENDING)
            return POLL_PENDING;
        if (purchase->price < 0)
            return purchase_end(purchase, purchase->price);
        purchase_ask(purchase, ASK_AMOUNT);
        /* fallthrough - nobody would wake us for the second wait */
    case PURCHASE_AMOUNT:
        if (purchase_wait(purchase, cx, &amount) == POLL_PENDING)
            return POLL_PENDING;
        if (amount < 0)
            return purchase_end(purchase, amount);
        return purchase_end(purchase, purchase_total(purchase->price, amount));
    case PURCHASE_DONE:
        break;
    }
    panic("P4: a purchase was polled after POLL_READY");
    /* end 2.4: return POLL_PENDING; */
}

static void purchase_drop(struct future *self)
{
    /* begin 2.4: Drop the answer that is alive, if one is. */
    struct purchase *purchase = container_of(self, struct purchase, base.base);

    child_drop(&purchase->answer);
    /* end 2.4 */
}

static const struct future_ops purchase_ops = {purchase_poll, purchase_drop};

void purchase_init(struct purchase *purchase, struct shop *shop)
{
    purchase->base.base.ops = &purchase_ops;
    purchase->state = PURCHASE_NEW;
    purchase->shop = shop;
    purchase->answer = NULL;
}
