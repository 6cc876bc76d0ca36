/* shared_queue.h - one queue of tasks for all workers, under one lock.
 *
 *      push --> [ task task task ] --> take      tasks that are ready
 *               [ worker worker  ]               workers that sleep
 *
 *   Q1  First in, first out; each task is taken by one worker.
 *   Q2  A worker that finds nothing joins the sleepers under the same lock
 *       under which it looked. So a push comes before the look, and is found,
 *       or after it, and finds the sleeper: no wake is lost.
 *   Q3  A push wakes one sleeper, the one that fell asleep last (its cache is
 *       the warmest), and none if nobody sleeps. It unparks without the lock.
 *   Q4  Who was taken from the sleepers is unparked once, and joins them again
 *       before it sleeps again.
 *   Q5  After shared_queue_close() nobody sleeps: take returns what is there,
 *       then NULL. A push to a closed queue is a push: who takes after it
 *       finds the task.
 *
 * Any thread. Rust: tokio's inject queue, and its idle set. */
#ifndef CHAPTERS_THREADS_SHARED_QUEUE_H
#define CHAPTERS_THREADS_SHARED_QUEUE_H

#include "chapters/03_waker/parker.h"
#include "chapters/04_executor/run_queue.h"
#include "chapters/common/list.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct shared_queue {
    pthread_mutex_t lock;
    struct run_queue tasks;
    struct list sleepers; /* the last to fall asleep first */
    bool is_closed;
};

/* A worker, as the queue knows it. */
struct sleeper {
    struct list link; /* under the queue's lock */
    struct parker parker;
    unsigned long parks; /* its own */
};

void shared_queue_init(struct shared_queue *queue);
void shared_queue_end(struct shared_queue *queue);
void sleeper_init(struct sleeper *sleeper);

void shared_queue_push(struct shared_queue *queue, struct task *task);

/* The oldest task; sleeps until there is one. NULL: the queue is closed, and
 * empty. */
struct task *shared_queue_take(struct shared_queue *queue,
                               struct sleeper *sleeper);

/* Wakes everybody, for good. */
void shared_queue_close(struct shared_queue *queue);

#ifdef __cplusplus
}
#endif

#endif
