/* turn.c - start, poll, and what comes of it. */
#include "chapters/11_threads/turn.h"

#include "chapters/04_executor/task_waker.h"
#include "chapters/11_threads/home.h"
#include "chapters/common/todo.h"

#include <errno.h>

/* begin 11.3 */
/* The future has come to its end, or is to. U4: the order matters. */
static enum turn_end complete(struct task *task)
{
    bool was_last;

    future_drop(&task_future(task)->base);
    was_last = home_leave(task);
    if (task_state_finish(task))
        waker_cell_wake(&task->joiner); /* after finish: it comes to look */
    task_unref(task);
    return was_last ? TURN_LAST : TURN_COMPLETE;
}

static enum turn_end cancel(struct task *task)
{
    task_future(task)->result = -ECANCELED;
    return complete(task);
}
/* end 11.3 */

enum turn_end turn_take(struct task *task)
{
    /* begin 11.3: start; cancel, or poll with the task's waker; then do what
     * task_state_pend() says, or complete */
    struct waker waker = task_waker(task);
    struct context cx = {&waker};

    if (task_state_start(task) == TASK_CANCEL)
        return cancel(task);
    if (future_poll(&task_future(task)->base, &cx) == POLL_READY)
        return complete(task);
    return task_state_pend(task) == TASK_SCHEDULE ? TURN_AGAIN : TURN_IDLE;
    /* end 11.3: (void)task;
    return TURN_IDLE; */
}
