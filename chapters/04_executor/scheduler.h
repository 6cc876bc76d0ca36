/* scheduler.h - where a task goes when it is woken.
 *
 * A task outlives many things, and a waker knows only its task. So the task
 * knows whoever gives it turns: an executor's remote queue in this chapter;
 * many threads at once in chapters 11 and 12. That is all that a task, its
 * wakers and its join handle know of where they run.
 *
 *   C1  schedule() takes a task whose duty TASK_SCHEDULE is the caller's, on
 *       any thread, and sees to it that the task gets a turn. It neither
 *       blocks nor fails. A scheduler that has ended does nothing.
 *   C2  A scheduler has owners, each task one of them. The last to let go
 *       frees it.
 *
 * Rust: the Schedule trait in tokio's runtime/task. */
#ifndef CHAPTERS_EXECUTOR_SCHEDULER_H
#define CHAPTERS_EXECUTOR_SCHEDULER_H

struct task;

struct scheduler {
    const struct scheduler_ops *ops;
};

struct scheduler_ops {
    void (*schedule)(struct scheduler *self, struct task *task);
    void (*ref)(struct scheduler *self);
    void (*unref)(struct scheduler *self);
};

#endif
