/* shared_queue.c - a queue and those who wait for it, under one lock. */
#include "chapters/11_threads/shared_queue.h"

#include "chapters/04_executor/task.h"
#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

void shared_queue_init(struct shared_queue *queue)
{
    pthread_mutex_init(&queue->lock, NULL);
    run_queue_init(&queue->tasks);
    list_init(&queue->sleepers);
    queue->is_closed = false;
}

void shared_queue_end(struct shared_queue *queue)
{
    pthread_mutex_destroy(&queue->lock);
}

void sleeper_init(struct sleeper *sleeper)
{
    list_init(&sleeper->link);
    parker_init(&sleeper->parker);
    sleeper->parks = 0;
}

static void unpark(struct list *link)
{
    parker_unpark(&container_of(link, struct sleeper, link)->parker);
}

void shared_queue_push(struct shared_queue *queue, struct task *task)
{
    /* begin 11.4: under the lock, queue the task and take one sleeper out;
     * unpark that one without the lock */
    struct list *link;

    pthread_mutex_lock(&queue->lock);
    run_queue_push(&queue->tasks, task);
    link = list_pop_front(&queue->sleepers);
    pthread_mutex_unlock(&queue->lock);
    if (link != NULL)
        unpark(link);
    /* end 11.4: (void)queue, (void)task, (void)unpark; */
}

/* begin 11.4 */
/* A task, or NULL: then the worker is among the sleepers, unless the queue is
 * closed (Q2). */
static struct task *take_or_join(struct shared_queue *queue,
                                 struct sleeper *sleeper, bool *is_closed)
{
    struct task *task;

    pthread_mutex_lock(&queue->lock);
    task = run_queue_pop(&queue->tasks);
    *is_closed = queue->is_closed;
    if (task == NULL && !queue->is_closed)
        list_push_front(&queue->sleepers, &sleeper->link);
    pthread_mutex_unlock(&queue->lock);
    return task;
}
/* end 11.4 */

struct task *shared_queue_take(struct shared_queue *queue,
                               struct sleeper *sleeper)
{
    /* begin 11.4: pop, or join the sleepers and park (each time, count it), and
     * pop again */
    struct task *task;
    bool is_closed;

    while ((task = take_or_join(queue, sleeper, &is_closed)) == NULL) {
        if (is_closed)
            break;
        sleeper->parks++;
        parker_park(&sleeper->parker);
    }
    return task;
    /* end 11.4: (void)queue, (void)sleeper;
    return NULL; */
}

void shared_queue_close(struct shared_queue *queue)
{
    /* begin 11.5: close, and unpark everybody without the lock */
    struct list sleepers, *link;

    list_init(&sleepers);
    pthread_mutex_lock(&queue->lock);
    queue->is_closed = true;
    list_splice_back(&sleepers, &queue->sleepers);
    pthread_mutex_unlock(&queue->lock);
    while ((link = list_pop_front(&sleepers)) != NULL)
        unpark(link);
    /* end 11.5: (void)queue; */
}
