/* remote_queue.c - a stack that many push onto and one empties.
 *
 * A push is one compare-and-swap on the newest task. Take swaps the whole
 * stack for an empty one, and then has it to itself. That nobody ever pops
 * a single task is what keeps this simple. */
#include "chapters/04_executor/remote_queue.h"

#include "chapters/03_waker/parker.h"
#include "chapters/03_waker/waker.h"
#include "chapters/04_executor/task.h"
#include "chapters/common/todo.h"

#include <stdlib.h>

struct remote_queue {
    _Atomic(struct task *) newest; /* NULL: empty */
    _Atomic size_t references;     /* the executor and each task: one */
    struct parker parker;          /* the executor's sleep ... */
    struct waker unparker;         /* ... or that of its driver; or empty */
};

struct remote_queue *remote_queue_create(void)
{
    struct remote_queue *queue = malloc(sizeof *queue);

    if (queue == NULL)
        return NULL;
    atomic_init(&queue->newest, NULL);
    atomic_init(&queue->references, 1);
    parker_init(&queue->parker);
    queue->unparker = (struct waker){NULL, NULL};
    return queue;
}

struct remote_queue *remote_queue_ref(struct remote_queue *queue)
{
    atomic_fetch_add_explicit(&queue->references, 1, memory_order_relaxed);
    return queue;
}

void remote_queue_unref(struct remote_queue *queue)
{
    /* As in task_unref(): all uses come before the free. */
    if (atomic_fetch_sub_explicit(&queue->references, 1,
                                  memory_order_acq_rel) == 1) {
        waker_drop(&queue->unparker);
        free(queue);
    }
}

void remote_queue_set_unparker(struct remote_queue *queue,
                               struct waker unparker)
{
    waker_swap(&queue->unparker, &unparker);
    waker_drop(&unparker);
}

void remote_queue_push(struct remote_queue *queue, struct task *task)
{
    /* TODO(4.7): link the task in on top; unpark if the queue was empty */
    TODO(4.7);
}

bool remote_queue_take(struct remote_queue *queue, struct run_queue *to)
{
    /* TODO(4.7): swap the stack for an empty one; turn it around */
    TODO(4.7);
    return false;
}

void remote_queue_park(struct remote_queue *queue)
{
    parker_park(&queue->parker);
}

void remote_queue_unpark(struct remote_queue *queue)
{
    /* Not waker_wake_by_ref(): to a timeline, this is no wake of a task. */
    if (queue->unparker.ops != NULL)
        queue->unparker.ops->wake_by_ref(queue->unparker.data);
    else
        parker_unpark(&queue->parker);
}
