/* remote_queue.h - where other threads leave the tasks that they woke.
 *
 *   newest --> task 3 --> task 2 --> task 1 --> NULL     (a stack)
 *
 *   R1  Any thread may push; only the executor's thread takes, and takes
 *       everything at once. So no task can come back while somebody still
 *       looks at it, and a single compare-and-swap is enough (no ABA).
 *   R2  Tasks come out oldest first.
 *   R3  A push onto an empty queue unparks the executor. A push onto
 *       others need not: the one that found it empty does.
 *   R4  The queue outlives its executor for as long as there are tasks,
 *       each of which holds a reference. A push that comes too late is
 *       harmless: nobody ever looks at it.
 *   R5  Nothing here locks, blocks or allocates after create.
 *
 * Rust: tokio's inject queue of the current_thread scheduler. */
#ifndef CHAPTERS_EXECUTOR_REMOTE_QUEUE_H
#define CHAPTERS_EXECUTOR_REMOTE_QUEUE_H

#include "chapters/02_future/context.h"
#include "chapters/04_executor/run_queue.h"
#include "chapters/04_executor/scheduler.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct remote_queue;

/* An empty queue with one reference; NULL without memory. */
struct remote_queue *remote_queue_create(void);

/* The executor lets go, on its own thread. */
void remote_queue_unref(struct remote_queue *queue);

/* The queue, as its tasks know it: schedule() is remote_queue_push(). */
struct scheduler *remote_queue_scheduler(struct remote_queue *queue);

/* Leaves the task for the executor and, if the queue was empty, unparks
 * it (R3). The caller has the duty to schedule the task and holds a
 * reference to it. Any thread. */
void remote_queue_push(struct remote_queue *queue, struct task *task);

/* Moves all tasks to the end of `to`, oldest first. False if there were
 * none. The executor's thread only. */
bool remote_queue_take(struct remote_queue *queue, struct run_queue *to);

/* Who is woken instead of the queue's own parker: the unparker of a driver
 * (driver.h). The queue owns it from here on. Before the first push only. */
void remote_queue_set_unparker(struct remote_queue *queue,
                               struct waker unparker);

/* Sleeps until the next unpark; may return for no reason. Not for a queue
 * that has an unparker. */
void remote_queue_park(struct remote_queue *queue);

/* Ends the sleep, or else the next one before it begins. Any thread. */
void remote_queue_unpark(struct remote_queue *queue);

#ifdef __cplusplus
}
#endif

#endif
