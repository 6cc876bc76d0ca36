/* join_handle.c - the output of a task, as a future of somebody else's. */
#include "chapters/04_executor/join_handle.h"

#include "chapters/03_waker/waker.h"
#include "chapters/04_executor/executor.h"
#include "chapters/04_executor/task.h"
#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

/* begin 4.5 */
static struct join_handle *to_handle(struct future *self)
{
    return container_of(self, struct join_handle, base.base);
}

/* Lets go of the task. What the handle may have left in the cell goes
 * first: it is a reference to whoever polled us, and may be the last. */
static void join_handle_release(struct join_handle *handle)
{
    struct task *task = handle->task;

    handle->task = NULL;
    waker_cell_clear(&task->joiner);
    task_unref(task);
}
/* end 4.5 */

static enum poll join_handle_poll(struct future *self, struct context *cx)
{
    /* begin 4.5: register, look again; when complete, take the result */
    struct join_handle *handle = to_handle(self);
    struct task *task = handle->task;

    require(task != NULL, "P4: a join handle was polled after POLL_READY");
    if (!task_state_is_complete(task)) {
        waker_cell_register(&task->joiner, cx->waker);
        /* Look again: it may have been completed while we registered, and
         * woken whoever was in the cell before. */
        if (!task_state_is_complete(task))
            return POLL_PENDING;
    }
    handle->base.result = task_future(task)->result;
    join_handle_release(handle);
    return POLL_READY;
    /* end 4.5: return POLL_PENDING; */
}

static void join_handle_drop(struct future *self)
{
    /* begin 4.5: let go of the task, unless the poll did */
    struct join_handle *handle = to_handle(self);

    if (handle->task != NULL) /* else its poll was ready and let go */
        join_handle_release(handle);
    /* end 4.5 */
}

static const struct future_ops join_handle_ops = {
    join_handle_poll,
    join_handle_drop,
};

void join_handle_init(struct join_handle *handle, struct task *task)
{
    handle->base.base.ops = &join_handle_ops;
    handle->base.result = 0;
    handle->task = task_ref(task);
}

void join_handle_abort(struct join_handle *handle)
{
    /* begin 4.6: ask the state word for the duty, and do it */
    if (handle->task != NULL && task_state_abort(handle->task) == TASK_SCHEDULE)
        task_schedule(handle->task);
    /* end 4.6 */
}
