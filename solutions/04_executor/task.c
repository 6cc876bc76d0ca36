/* task.c - making a task and letting go of it.
 *
 * The header comes first and the future right behind it: from the one
 * pointer that a waker carries, everything about the task is a constant
 * distance away, and one malloc and one free are all that it costs. */
#include "chapters/04_executor/task.h"

#include "chapters/03_waker/waker.h"
#include "chapters/common/todo.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct task) % alignof(max_align_t) == 0,
               "the future behind the header is aligned for any type");

struct int_future *task_future(struct task *task)
{
    return (struct int_future *)(void *)(task + 1);
}

/* The header of a new task. */
static void task_init(struct task *task, struct scheduler *scheduler)
{
    task->next = NULL;
    atomic_init(&task->state, TASK_REFERENCE | TASK_SCHEDULED);
    task->scheduler = scheduler;
    scheduler->ops->ref(scheduler);
    list_init(&task->all);
    waker_cell_init(&task->joiner);
    trace(TRACE_SPAWN, task, task_future(task), NULL);
}

struct task *task_create(struct scheduler *scheduler,
                         const struct int_future *future, size_t size)
{
    struct task *task = NULL;

    /* begin 4.1: one allocation for the header and `size` bytes */
    task = malloc(sizeof *task + size);
    /* end 4.1 */
    if (task == NULL)
        return NULL;
    task_init(task, scheduler);
    /* begin 4.1: the future's bytes, to where task_future() finds them */
    memcpy(task_future(task), future, size);
    /* end 4.1 */
    return task;
}

struct task *task_ref(struct task *task)
{
    /* begin 4.1: count one owner more */
    /* Relaxed: who adds an owner is one, so the task cannot go away, and
     * the new owner learns of the task by other means. */
    atomic_fetch_add_explicit(&task->state, TASK_REFERENCE,
                              memory_order_relaxed);
    /* end 4.1 */
    return task;
}

/* Nobody owns the task any more. */
static void task_free(struct task *task)
{
    struct scheduler *scheduler = task->scheduler;

    waker_cell_end(&task->joiner);
    free(task);
    scheduler->ops->unref(scheduler);
}

void task_unref(struct task *task)
{
    bool was_last = false;

    /* begin 4.1: count one owner less; was it the last? */
    /* Release: what this owner did with the task is done before it is
     * freed. Acquire: the one who frees sees what all others did. */
    was_last = atomic_fetch_sub_explicit(&task->state, TASK_REFERENCE,
                                         memory_order_acq_rel) /
                   TASK_REFERENCE ==
               1;
    /* end 4.1 */
    if (was_last)
        task_free(task);
}
