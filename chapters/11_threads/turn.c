/* turn.c - start, poll, and what comes of it. */
#include "chapters/11_threads/turn.h"

#include "chapters/04_executor/task_waker.h"
#include "chapters/11_threads/home.h"
#include "chapters/common/todo.h"

#include <errno.h>

enum turn_end turn_take(struct task *task)
{
    /* TODO(11.3): start; cancel, or poll with the task's waker; then do
     * what task_state_pend() says, or complete */
    TODO(11.3);
    (void)task;
    return TURN_IDLE;
}
