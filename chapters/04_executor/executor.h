/* executor.h - runs any number of tasks on the thread that calls it.
 *
 *                    spawn, wakes on this thread
 *                              |
 *                              v
 *      wakes from    +--------------------+   pop    +------+
 *      other threads |     run queue      |--------->| poll |--> ready:
 *          |         +--------------------+          +------+    drop, wake
 *          v            ^           ^                   |        the joiner
 *      remote queue ----+           +-------------------+
 *      (unparks)                      woken while it ran
 *
 *   E1  A task is polled when it was spawned or woken, and at no other
 *       time. However many wakes come before a poll, it is one poll.
 *   E2  A wake that comes after the last poll began leads to another poll;
 *       a wake during the poll does, too.
 *   E3  Turns are taken in order. A task that wakes itself goes to the
 *       end; tasks woken by other threads join at every turn. Nobody is
 *       overtaken: a task that joins behind n others has its turn after
 *       those n, whoever is woken, spawned or brought by the driver meanwhile.
 *   E4  With nothing to do, executor_run() sleeps and uses no CPU time.
 *   E5  A task's future is dropped once: when it is ready, at the turn
 *       after an abort, or in executor_end().
 *   E6  After executor_end() no memory is left but that of tasks which
 *       wakers or join handles still own. Wakes do nothing then (W5).
 *   E7  With a driver (driver.h), that is where it sleeps; and while there
 *       is work, it looks there for news every DRIVER_INTERVAL turns.
 *
 * An executor belongs to one thread at a time: that of executor_run(), or
 * else whichever sets it up and ends it. Wakers and handles of its tasks
 * are for any thread. Rust: tokio's current_thread runtime. */
#ifndef CHAPTERS_EXECUTOR_EXECUTOR_H
#define CHAPTERS_EXECUTOR_EXECUTOR_H

#include "chapters/02_future/future.h"
#include "chapters/04_executor/driver.h"
#include "chapters/04_executor/join_handle.h"
#include "chapters/04_executor/run_queue.h"
#include "chapters/04_executor/spawner.h"
#include "chapters/common/list.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct remote_queue;

enum {
    /* Turns between two looks at the driver. A look is a system call: at
     * each turn it would cost more than many a poll. News waits for so
     * many polls at most, a few dozen microseconds. Tokio has 61, too. */
    DRIVER_INTERVAL = 61
};

struct executor {
    struct spawner spawner; /* executor_spawn(), for code that does not care */
    struct run_queue queue;
    struct remote_queue *remote; /* the only part that others touch */
    struct scheduler *scheduler; /* the same, as its tasks know it */
    struct list tasks;           /* all that are not complete */
    size_t live;                 /* how many those are */
    struct driver *driver;       /* or NULL */
    unsigned turns;              /* since the last look at the driver */
    bool is_ending;

    unsigned long polls; /* since init; for you to read */
    unsigned long parks;
};

/* Returns 0 or -ENOMEM. Counterpart: executor_end(). */
int executor_init(struct executor *executor);

/* From here on the executor sleeps in `driver`, which outlives it. Before the
 * first spawn only. */
void executor_set_driver(struct executor *executor, struct driver *driver);

/* Makes a task of the first `size` bytes at `future`, a future that was
 * never polled, and schedules it. The executor owns the future from here
 * on; `future` itself is spent (M1). Call it before executor_run(), or from
 * inside one of the executor's tasks.
 *
 * `handle`, if not NULL, becomes the task's join handle; NULL detaches.
 * Returns 0, -ENOMEM, or -ECANCELED while the executor ends. On failure
 * the future is the caller's still and `handle` is untouched. */
int executor_spawn(struct executor *executor, const struct int_future *future,
                   size_t size, struct join_handle *handle);

/* Gives one task a turn. False if none is due; never sleeps. For loops of
 * your own, and for tests. Not to be called from a task. */
bool executor_try_turn(struct executor *executor);

/* Runs until every task is complete. Not to be called from a task. */
void executor_run(struct executor *executor);

/* As executor_run(), but only until the task of `handle` is complete; what
 * else is there goes on in the next run. Rust: Runtime::block_on. */
void executor_run_until(struct executor *executor,
                        const struct join_handle *handle);

/* Ends the executor: every task that is left is cancelled, its future
 * dropped once (E5). Not to be called from a task. */
void executor_end(struct executor *executor);

/* Puts a task in the run queue of its executor, or hands it to its scheduler
 * (the remote queue) if this thread does not run that executor. For whoever
 * has the duty TASK_SCHEDULE; any thread. */
void task_schedule(struct task *task);

/* Is this thread in a run of the executor that gives turns to the tasks of
 * `scheduler`? */
bool executor_is_here(const struct scheduler *scheduler);

#ifdef __cplusplus
}
#endif

#endif
