/* io_operation.c - the loop that every operation of this chapter is.
 *
 * Ready, so call; nothing there, so it is not ready; not ready, so wait. */
#include "chapters/06_reactor/io_operation.h"

#include "chapters/04_executor/budget_poll.h"
#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>

void io_operation_init(struct io_operation *operation,
                       const struct io_function *function,
                       struct io_source *source)
{
    *operation = (struct io_operation){
        .base = {{&function->ops}, 0},
        .source = source,
    };
}

static struct io_operation *operation_of(struct future *self)
{
    return container_of(self, struct io_operation, base.base);
}

static const struct io_function *
function_of(const struct io_operation *operation)
{
    return container_of(operation->base.base.ops, const struct io_function,
                        ops);
}

static enum poll operation_poll(struct future *self, struct context *cx)
{
    struct io_operation *operation = operation_of(self);
    const struct io_function *function = function_of(operation);
    struct io_source *source = operation->source;

    /* begin 6.6: while the source is ready: attempt; -EAGAIN clears, -EINTR
     * tries again, and anything else is the result */
    while (io_source_poll_ready(source, function->direction, cx,
                                &operation->ready) == POLL_READY) {
        int result = function->attempt(operation);

        if (result == -EAGAIN) {
            io_source_clear(source, operation->ready);
        } else if (result != -EINTR) {
            operation->base.result = result;
            return POLL_READY;
        }
    }
    /* end 6.6: (void)function, (void)source; */
    return POLL_PENDING;
}

/* Once it is ready it waits no more, and has no waker to take back: the bit
 * that it saw was added after it had left one, and whoever adds a bit takes the
 * waker. (Or between its two looks, by somebody who came before the waker did:
 * then it stays until the next one waits or the source goes, and is worth one
 * poll in vain at most.) */
enum poll io_operation_poll(struct future *self, struct context *cx)
{
    enum poll poll = POLL_PENDING;

    /* begin 6.6: the loop above, paid for from the turn's budget (O5):
     * budget_poll() */
    poll =
        budget_poll(operation_poll, self, cx, &operation_of(self)->was_refused);
    /* end 6.6: poll = operation_poll(self, cx); */
    operation_of(self)->is_waiting = poll == POLL_PENDING;
    return poll;
}

void io_operation_drop(struct future *self)
{
    struct io_operation *operation = operation_of(self);

    if (operation->source == NULL || !operation->is_waiting)
        return; /* the source does not know of it: the usual case */
    /* begin 6.6: nobody waits in that direction any more */
    io_source_forget(operation->source, function_of(operation)->direction);
    /* end 6.6 */
}

void io_operation_exhausted(struct io_operation *operation)
{
    io_source_clear(operation->source, operation->ready);
}
