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
    /* TODO(11.4): under the lock, queue the task and take one sleeper out;
     * unpark that one without the lock */
    TODO(11.4);
    (void)queue, (void)task, (void)unpark;
}

struct task *shared_queue_take(struct shared_queue *queue,
                               struct sleeper *sleeper)
{
    /* TODO(11.4): pop, or join the sleepers and park (each time, count it),
     * and pop again */
    TODO(11.4);
    (void)queue, (void)sleeper;
    return NULL;
}

void shared_queue_close(struct shared_queue *queue)
{
    /* TODO(11.5): close, and unpark everybody without the lock */
    TODO(11.5);
    (void)queue;
}
