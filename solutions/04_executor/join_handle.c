/* join_handle.c - the output of a task, as a future of somebody else's. */
#include "chapters/04_executor/join_handle.h"

#include "chapters/03_waker/waker.h"
#include "chapters/04_executor/budget_poll.h"
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

/* Lets go of the task. */
static void join_handle_release(struct join_handle *handle)
{
    struct task *task = handle->task;

    handle->task = NULL;
    task_unref(task);
}

/* Waits for the task. False: it is complete already. */
static bool join_handle_wait(struct task *task, struct context *cx)
{
    if (task_state_is_complete(task))
        return false;
    waker_cell_register(&task->joiner, cx->waker);
    /* It may have been completed while we registered: before it knew. */
    if (task_state_join(task))
        return true;
    waker_cell_clear(&task->joiner); /* for nobody else does */
    return false;
}
/* end 4.5 */

static enum poll join_handle_poll(struct future *self, struct context *cx)
{
    /* begin 4.5: register, and say so with task_state_join(), unless it is
     * complete; when complete, take the result */
    struct join_handle *handle = to_handle(self);
    struct task *task = handle->task;

    require(task != NULL, "P4: a join handle was polled after POLL_READY");
    if (join_handle_wait(task, cx))
        return POLL_PENDING;
    handle->base.result = task_future(task)->result;
    join_handle_release(handle);
    return POLL_READY;
    /* end 4.5: return POLL_PENDING; */
}

/* Counts against its turn's budget: step 12.12. */
static enum poll join_handle_budgeted(struct future *self, struct context *cx)
{
    return budget_poll(
        join_handle_poll, self, cx,
        &container_of(self, struct join_handle, base.base)->was_refused);
}

static void join_handle_drop(struct future *self)
{
    /* begin 4.5: let go of the task, unless the poll did */
    struct join_handle *handle = to_handle(self);

    if (handle->task == NULL)
        return; /* its poll was ready and let go */
    /* Its waker is a reference to whoever polled it, and may be the last. */
    waker_cell_clear(&handle->task->joiner);
    join_handle_release(handle);
    /* end 4.5 */
}

static const struct future_ops join_handle_ops = {
    join_handle_budgeted,
    join_handle_drop,
};

void join_handle_init(struct join_handle *handle, struct task *task)
{
    handle->base.base.ops = &join_handle_ops;
    handle->base.result = 0;
    handle->task = task_ref(task);
    handle->was_refused = false;
}

void join_handle_abort(struct join_handle *handle)
{
    /* begin 4.6: ask the state word for the duty, and do it */
    if (handle->task != NULL && task_state_abort(handle->task) == TASK_SCHEDULE)
        task_schedule(handle->task);
    /* end 4.6 */
}
