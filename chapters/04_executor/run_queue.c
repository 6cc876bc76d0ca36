/* run_queue.c - a list with two ends, threaded through the tasks. */
#include "chapters/04_executor/run_queue.h"

#include "chapters/04_executor/task.h"
#include "chapters/common/todo.h"

void run_queue_push(struct run_queue *queue, struct task *task)
{
    /* TODO(4.2): link the task in at the end */
    TODO(4.2);
}

struct task *run_queue_pop(struct run_queue *queue)
{
    /* TODO(4.2): unlink the first task, or return NULL */
    TODO(4.2);
    return NULL;
}
