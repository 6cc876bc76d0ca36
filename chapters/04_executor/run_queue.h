/* run_queue.h - the tasks that are ready for a turn, oldest first.
 *
 *   Q1  First in, first out.
 *   Q2  Push and pop take a handful of instructions, allocate nothing and
 *       cannot fail: the link is in the task (`next`).
 *   Q3  A task is in at most one queue, once. The state word sees to it.
 *   Q4  No lock: it belongs to the executor's thread. */
#ifndef CHAPTERS_EXECUTOR_RUN_QUEUE_H
#define CHAPTERS_EXECUTOR_RUN_QUEUE_H

#ifdef __cplusplus
extern "C" {
#endif

struct task;

struct run_queue {
    struct task *first; /* NULL: the queue is empty */
    struct task *last;  /* valid unless empty */
};

static inline void run_queue_init(struct run_queue *queue)
{
    queue->first = 0;
    queue->last = 0;
}

/* Puts the task at the end. */
void run_queue_push(struct run_queue *queue, struct task *task);

/* Takes the oldest task out, or returns NULL. */
struct task *run_queue_pop(struct run_queue *queue);

#ifdef __cplusplus
}
#endif

#endif
