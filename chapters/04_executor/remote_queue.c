/* remote_queue.c - a stack that many push onto and one empties.
 *
 * A push is one compare-and-swap on the newest task. Take swaps the whole
 * stack for an empty one, and then has it to itself. That nobody ever pops
 * a single task is what keeps this simple. */
#include "chapters/04_executor/remote_queue.h"

#include "chapters/03_waker/parker.h"
#include "chapters/03_waker/waker.h"
#include "chapters/04_executor/executor.h"
#include "chapters/04_executor/task.h"
#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <stdlib.h>

enum {
    SPARE_REFERENCES = 1024
};

struct remote_queue {
    struct scheduler scheduler;    /* what it is to its tasks */
    _Atomic(struct task *) newest; /* NULL: empty */
    _Atomic size_t references;     /* the executor's, its spare ones, and one
                                    * of each task */
    size_t spare;                  /* the executor's thread only */
    struct parker parker;          /* the executor's sleep ... */
    struct waker unparker;         /* ... or that of its driver; or empty */
};

static struct remote_queue *to_remote_queue(struct scheduler *self)
{
    return container_of(self, struct remote_queue, scheduler);
}

static void scheduler_schedule(struct scheduler *self, struct task *task)
{
    remote_queue_push(to_remote_queue(self), task);
}

static void give_back(struct remote_queue *queue, size_t references)
{
    /* As in task_unref(): all uses come before the free. */
    if (atomic_fetch_sub_explicit(&queue->references, references,
                                  memory_order_acq_rel) == references) {
        waker_drop(&queue->unparker);
        free(queue);
    }
}

/* Tasks come and go by the million, most of them on the executor's own thread.
 * So it takes references in advance, many at once, and gives and takes them
 * back by a plain count. New tasks come from its thread alone: see
 * executor_spawn(). */
static void scheduler_ref(struct scheduler *self)
{
    struct remote_queue *queue = to_remote_queue(self);

    if (queue->spare == 0) {
        queue->spare = SPARE_REFERENCES;
        atomic_fetch_add_explicit(&queue->references, SPARE_REFERENCES,
                                  memory_order_relaxed);
    }
    queue->spare--;
}

static void scheduler_unref(struct scheduler *self)
{
    struct remote_queue *queue = to_remote_queue(self);

    if (executor_is_here(self))
        queue->spare++;
    else
        give_back(queue, 1);
}

static const struct scheduler_ops scheduler_ops = {
    scheduler_schedule,
    scheduler_ref,
    scheduler_unref,
};

struct scheduler *remote_queue_scheduler(struct remote_queue *queue)
{
    return &queue->scheduler;
}

struct remote_queue *remote_queue_create(void)
{
    struct remote_queue *queue = malloc(sizeof *queue);

    if (queue == NULL)
        return NULL;
    queue->scheduler.ops = &scheduler_ops;
    atomic_init(&queue->newest, NULL);
    atomic_init(&queue->references, 1);
    queue->spare = 0;
    parker_init(&queue->parker);
    queue->unparker = (struct waker){NULL, NULL};
    return queue;
}

void remote_queue_unref(struct remote_queue *queue)
{
    size_t spare = queue->spare;

    queue->spare = 0;
    give_back(queue, 1 + spare);
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
