/* injector.c - a run queue under a lock, and its length beside it. */
#include "chapters/12_work_stealing/injector.h"

#include "chapters/04_executor/task.h"
#include "chapters/common/todo.h"

void injector_init(struct injector *injector)
{
    pthread_mutex_init(&injector->lock, NULL);
    run_queue_init(&injector->tasks);
    atomic_init(&injector->length, 0);
}

void injector_end(struct injector *injector)
{
    pthread_mutex_destroy(&injector->lock);
}

size_t injector_length(const struct injector *injector)
{
    /* Relaxed: who needs to know for sure makes a fence of its own (idle.h). */
    return atomic_load_explicit(&injector->length, memory_order_relaxed);
}

/* With the lock held: nobody else writes it. */
static void set_length(struct injector *injector, size_t length)
{
    atomic_store_explicit(&injector->length, length, memory_order_relaxed);
}

void injector_push(struct injector *injector, struct task *task)
{
    /* begin 12.1: to the end, and count it */
    pthread_mutex_lock(&injector->lock);
    run_queue_push(&injector->tasks, task);
    set_length(injector, injector_length(injector) + 1);
    pthread_mutex_unlock(&injector->lock);
    /* end 12.1: (void)injector, (void)task, (void)set_length; */
}

/* All of `from`, which is not empty, to the end of `to`. */
static void append(struct run_queue *to, struct run_queue *from)
{
    if (to->first == NULL)
        to->first = from->first;
    else
        to->last->next = from->first;
    to->last = from->last;
    from->first = NULL;
}

void injector_push_batch(struct injector *injector, struct run_queue *tasks,
                         size_t count)
{
    /* begin 12.1: all of them, with the lock taken once */
    if (count == 0)
        return;
    pthread_mutex_lock(&injector->lock);
    append(&injector->tasks, tasks);
    set_length(injector, injector_length(injector) + count);
    pthread_mutex_unlock(&injector->lock);
    /* end 12.1: (void)injector, (void)tasks, (void)count, (void)append; */
}

size_t injector_pop_batch(struct injector *injector, struct run_queue *to,
                          size_t limit)
{
    size_t count = 0;

    /* begin 12.1: do not lock if there is nothing */
    struct task *task;

    if (injector_length(injector) == 0)
        return 0;
    pthread_mutex_lock(&injector->lock);
    while (count < limit && (task = run_queue_pop(&injector->tasks)) != NULL) {
        run_queue_push(to, task);
        count++;
    }
    set_length(injector, injector_length(injector) - count);
    pthread_mutex_unlock(&injector->lock);
    /* end 12.1: (void)injector, (void)to, (void)limit; */
    return count;
}

struct task *injector_pop(struct injector *injector)
{
    struct run_queue one;

    run_queue_init(&one);
    injector_pop_batch(injector, &one, 1);
    return run_queue_pop(&one);
}
