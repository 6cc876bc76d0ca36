/* then.c - one future after another: purchase.c, made general.
 *
 * The three differ only in when they go on; all else is shared. */
#include "chapters/02_future/then.h"

#include "chapters/02_future/child.h"
#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

/* Whether a chain goes on to its second future after this result. */
static bool then_goes_on(enum then_when when, int result)
{
    switch (when) {
    case THEN_ALWAYS:
        return true;
    case THEN_ON_VALUE:
        /* begin 2.8: and_then goes on after a value only. */
        return result >= 0;
        /* end 2.8: return true; */
    case THEN_ON_ERROR:
        /* begin 2.8: or_else goes on after an error only. */
        return result < 0;
        /* end 2.8: return true; */
    }
    panic("no such kind of chain: %d", (int)when);
}

static enum poll then_poll(struct future *self, struct context *cx)
{
    /* begin 2.7 */
    struct then *then = container_of(self, struct then, base.base);

    for (;;) {
        if (future_poll(&then->child->base, cx) == POLL_PENDING)
            return POLL_PENDING;
        int result = then->child->result;
        child_drop(&then->child);
        if (then->is_second || !then_goes_on(then->when, result)) {
            then->base.result = result;
            return POLL_READY;
        }
        then->child = then->next(then->data, result);
        then->is_second = true; /* and round again: it wants its poll */
    }
    /* end 2.7: (void)then_goes_on;
    return POLL_PENDING; */
}

static void then_drop(struct future *self)
{
    /* begin 2.7: Drop the child that is alive, if one is. */
    struct then *then = container_of(self, struct then, base.base);

    child_drop(&then->child);
    /* end 2.7 */
}

static const struct future_ops then_ops = {then_poll, then_drop};

static void chain_init(struct then *then, struct int_future *first,
                       struct int_future *(*next)(void *data, int result),
                       void *data, enum then_when when)
{
    then->base.base.ops = &then_ops;
    then->child = first;
    then->is_second = false;
    then->when = when;
    then->next = next;
    then->data = data;
}

void then_init(struct then *then, struct int_future *first,
               struct int_future *(*next)(void *data, int result), void *data)
{
    chain_init(then, first, next, data, THEN_ALWAYS);
}

void and_then_init(struct then *then, struct int_future *first,
                   struct int_future *(*next)(void *data, int result),
                   void *data)
{
    chain_init(then, first, next, data, THEN_ON_VALUE);
}

void or_else_init(struct then *then, struct int_future *first,
                  struct int_future *(*next)(void *data, int result),
                  void *data)
{
    chain_init(then, first, next, data, THEN_ON_ERROR);
}
