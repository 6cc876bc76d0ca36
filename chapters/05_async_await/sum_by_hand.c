/* sum_by_hand.c - a loop that is left and entered again in its middle.
 *
 * The place in the loop is the state, the local is a field, and each poll
 * runs from one wait to the next. */
#include "chapters/05_async_await/sum_by_hand.h"

#include "chapters/02_future/child.h"
#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

static enum poll sum_by_hand_poll(struct future *self, struct context *cx)
{
    /* TODO(5.1): The loop above, from one wait to the next. */
    TODO(5.1);
    return POLL_PENDING;
}

static void sum_by_hand_drop(struct future *self)
{
    /* TODO(5.1): Drop the number that is awaited, if any. */
    TODO(5.1);
}

static const struct future_ops sum_by_hand_ops = {sum_by_hand_poll,
                                                  sum_by_hand_drop};

void sum_by_hand_init(struct sum_by_hand *sum, struct source *source)
{
    *sum =
        (struct sum_by_hand){.base = {{&sum_by_hand_ops}, 0}, .source = source};
}
