/* home.h - where the tasks of many threads are registered.
 *
 *      home                                      task
 *      +------------------+ <------------------- scheduler
 *      | scheduler        |     (any thread)
 *      | lock, live       |
 *      | tasks  -----------> task --> task --> task
 *      +------------------+
 *
 *   H1  From home_adopt() to the end of its last turn a task is at home, once.
 *       So a task that nobody would ever wake again can be found and ended,
 *       too.
 *   H2  A closed home adopts nobody: -ECANCELED.
 *   H3  home_close() aborts every task that is at home. Each then has one turn
 *       more, its last one, on whatever thread gives it turns. That nobody is
 *       left is said once: by home_close(), or by the last home_leave(). A
 *       home is closed once; what a second home_close() does is not said.
 *   H4  A task that leaves forgets its scheduler: late wakes and handles find
 *       it complete and ask nobody. So a home may end as soon as it is
 *       empty, and tasks need not be counted among its owners.
 *   H5  The lock is held for a few instructions, and never over a wake.
 *
 * All of it is for any thread. Rust: tokio's runtime/task/list.rs
 * (OwnedTasks). */
#ifndef CHAPTERS_THREADS_HOME_H
#define CHAPTERS_THREADS_HOME_H

#include "chapters/04_executor/scheduler.h"
#include "chapters/04_executor/task.h"
#include "chapters/common/list.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct home {
    struct scheduler scheduler; /* first: what its tasks know */
    pthread_mutex_t lock;
    struct list tasks;
    size_t live;
    bool is_closed;
};

/* With the `schedule` of whoever gives its tasks turns (C1 of scheduler.h); for
 * the other two operations there are home_ref() and home_unref() below. */
void home_init(struct home *home, const struct scheduler_ops *ops);

/* It is empty, or this panics. */
void home_end(struct home *home);

/* The task lives here from now on; the home shares the reference of whoever
 * gives it turns. 0 or -ECANCELED. */
int home_adopt(struct home *home, struct task *task);

/* The task has had its last turn. True if this was the last task of a home
 * that is closed. */
bool home_leave(struct task *task);

/* No more tasks; ends those that are here (H3). True if there are none. */
bool home_close(struct home *home);

/* For whose scheduler_ops: tasks do not own a home (H4). */
void home_ref(struct scheduler *self);
void home_unref(struct scheduler *self);

#ifdef __cplusplus
}
#endif

#endif
