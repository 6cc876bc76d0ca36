/* sum_by_hand.c - a loop that is left and entered again in its middle.
 *
 * The place in the loop is the state, the local is a field, and each poll
 * runs from one wait to the next. */
#include "chapters/05_async_await/sum_by_hand.h"

#include "chapters/02_future/child.h"
#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

/* begin 5.1 */
static enum poll finish(struct sum_by_hand *sum, int result)
{
    sum->state = SUM_DONE;
    sum->base.result = result;
    return POLL_READY;
}
/* end 5.1 */

static enum poll sum_by_hand_poll(struct future *self, struct context *cx)
{
    /* begin 5.1: The loop above, from one wait to the next. */
    struct sum_by_hand *sum = container_of(self, struct sum_by_hand, base.base);

    require(sum->state != SUM_DONE, "P4: polled after POLL_READY");
    for (;;) {
        if (sum->state == SUM_NEW)
            sum->number = sum->source->next(sum->source);
        sum->state = SUM_WAITING;
        if (future_poll(&sum->number->base, cx) == POLL_PENDING)
            return POLL_PENDING;
        int number = sum->number->result;

        child_drop(&sum->number);
        if (number <= 0)
            return finish(sum, number < 0 ? number : sum->total);
        sum->total += number;
        sum->state = SUM_NEW; /* as at the beginning: a number is to come */
    }
    /* end 5.1: return POLL_PENDING; */
}

static void sum_by_hand_drop(struct future *self)
{
    /* begin 5.1: Drop the number that is awaited, if any. */
    child_drop(&container_of(self, struct sum_by_hand, base.base)->number);
    /* end 5.1 */
}

static const struct future_ops sum_by_hand_ops = {sum_by_hand_poll,
                                                  sum_by_hand_drop};

void sum_by_hand_init(struct sum_by_hand *sum, struct source *source)
{
    *sum =
        (struct sum_by_hand){.base = {{&sum_by_hand_ops}, 0}, .source = source};
}
