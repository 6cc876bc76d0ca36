/* join_handle.c - the output of a task, as a future of somebody else's. */
#include "chapters/04_executor/join_handle.h"

#include "chapters/03_waker/waker.h"
#include "chapters/04_executor/budget_poll.h"
#include "chapters/04_executor/executor.h"
#include "chapters/04_executor/task.h"
#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

static enum poll join_handle_poll(struct future *self, struct context *cx)
{
    /* TODO(4.5): register, and say so with task_state_join(), unless it is
     * complete; when complete, take the result */
    TODO(4.5);
    return POLL_PENDING;
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
    /* TODO(4.5): let go of the task, unless the poll did */
    TODO(4.5);
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
    /* TODO(4.6): ask the state word for the duty, and do it */
    TODO(4.6);
}
