/* async.c - what all async functions share: a poll, a drop, an end.
 *
 * The frame's ops pointer leads to a struct async_function, whose first
 * member it is: one pointer a frame for poll, drop, body and cleanup. */
#include "chapters/05_async_await/async.h"

#include "chapters/02_future/child.h"
#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

void async_init(struct async *async, const struct async_function *function)
{
    *async = (struct async){.base = {{&function->ops}, 0}};
}

static struct async *async_of(struct future *self)
{
    return container_of(self, struct async, base.base);
}

static const struct async_function *function_of(const struct async *async)
{
    return container_of(async->base.base.ops, const struct async_function, ops);
}

/* A7. Without this check a frame that was moved works on for a while, on
 * pointers into memory that is somebody else's by then. */
static void stay(struct async *async)
{
    /* TODO(5.7): Remember the place of the first poll; panic in another. */
    TODO(5.7);
}

enum poll async_poll(struct future *self, struct context *cx)
{
    struct async *async = async_of(self);

    require(async->state != ASYNC_DONE, "P4: polled after POLL_READY");
    stay(async);
    return function_of(async)->body(async, cx);
}

enum poll async_poll_child(struct async *async, struct context *cx)
{
    /* TODO(5.2): Poll the child; when it is ready, keep its result and drop
     * it. */
    TODO(5.2);
    return POLL_PENDING;
}

/* Gives back what the body holds, once (A5). */
static void clean_up(struct async *async)
{
    const struct async_function *function = function_of(async);

    async->state = ASYNC_DONE;
    if (function->cleanup != NULL)
        function->cleanup(async);
}

enum poll async_return(struct async *async, int result)
{
    /* TODO(5.2): Keep the result. (The state is set below.) */
    TODO(5.2);
    /* TODO(5.4): Call clean_up(): a body has returned. */
    TODO(5.4);
    async->state = ASYNC_DONE;
    return POLL_READY;
}

void async_drop(struct future *self)
{
    /* TODO(5.5): Drop the child that is awaited, if any; clean up, if that
     * is still due. */
    TODO(5.5);
    (void)clean_up;
}
