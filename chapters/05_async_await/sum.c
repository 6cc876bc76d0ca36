/* sum.c - the loop of sum_by_hand.h, as one would write it for a thread. */
#include "chapters/05_async_await/sum.h"

#include "chapters/common/container_of.h"

#include <async_macros.h>

static enum poll sum_body(struct async *self, struct context *cx)
{
    struct sum *sum = container_of(self, struct sum, async);

    ASYNC(self);
    for (;;) {
        AWAIT(sum->source->next(sum->source));
        int number = self->base.result;

        if (number < 0)
            ASYNC_RETURN(number);
        if (number == 0)
            ASYNC_RETURN(sum->total);
        sum->total += number;
    }
    ASYNC_END;
}

static const struct async_function sum_function = {ASYNC_OPS, sum_body, NULL};

void sum_init(struct sum *sum, struct source *source)
{
    *sum = (struct sum){.source = source};
    async_init(&sum->async, &sum_function);
}
