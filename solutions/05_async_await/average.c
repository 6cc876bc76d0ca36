/* average.c - what lives across an await lives in the frame. */
#include "chapters/05_async_await/average.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <limits.h>
#include <async_macros.h>

static enum poll average_body(struct async *self, struct context *cx)
{
    struct average *average = container_of(self, struct average, async);

    /* begin 5.3: Await the count, then so many numbers; return the average.
     * Mind what has to be in the frame. */
    ASYNC(self);
    AWAIT(average->source->next(average->source));
    average->count = self->base.result;
    if (average->count <= 0)
        ASYNC_RETURN(average->count < 0 ? average->count : -EDOM);
    for (average->left = average->count; average->left > 0; average->left--) {
        AWAIT(average->source->next(average->source));
        int number = self->base.result;

        if (number < 0)
            ASYNC_RETURN(number);
        if (number > INT_MAX - average->total)
            ASYNC_RETURN(-EOVERFLOW);
        average->total += number;
    }
    ASYNC_RETURN(average->total / average->count);
    ASYNC_END;
    /* end 5.3: (void)average;
    return POLL_PENDING; */
}

static const struct async_function average_function = {ASYNC_OPS, average_body,
                                                       NULL};

void average_init(struct average *average, struct source *source)
{
    *average = (struct average){.source = source};
    async_init(&average->async, &average_function);
}
