/* task_waker.c - four functions and a reference count: a waker is a counted
 * pointer to its task. */
#include "chapters/04_executor/task_waker.h"

#include "chapters/04_executor/executor.h"
#include "chapters/common/todo.h"

void task_wake(struct task *task)
{
    /* TODO(4.3): ask the state word for the duty, and do it */
    TODO(4.3);
}

static struct waker task_waker_clone(void *data)
{
    /* TODO(4.3): a waker of its own owns the task */
    TODO(4.3);
    return task_waker(data);
}

static void task_waker_wake(void *data)
{
    /* TODO(4.3): wake, then give the waker's reference back */
    TODO(4.3);
}

static void task_waker_wake_by_ref(void *data)
{
    if (!task_state_wake_self(data))
        task_wake(data);
}

static void task_waker_drop(void *data)
{
    /* TODO(4.3): give the waker's reference back */
    TODO(4.3);
}

const struct waker_ops task_waker_ops = {
    task_waker_clone,
    task_waker_wake,
    task_waker_wake_by_ref,
    task_waker_drop,
};
