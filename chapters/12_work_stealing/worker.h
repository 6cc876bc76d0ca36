/* worker.h - one thread of the scheduler, and all that is its own.
 *
 * For work_stealing.c and worker.c, which share it, and for whoever brings
 * threads of their own: tests, and simulations. */
#ifndef CHAPTERS_WORK_STEALING_WORKER_H
#define CHAPTERS_WORK_STEALING_WORKER_H

#include "chapters/11_threads/home.h"
#include "chapters/12_work_stealing/local_queue.h"
#include "chapters/12_work_stealing/work_stealing.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    /* Two processors' caches pass lines of 64 bytes back and forth; a pair of
     * lines is fetched together. What different workers write is kept this
     * far apart. */
    CACHE_APART = 128
};

/* A home whose tasks find the scheduler. */
struct branch {
    struct home home;
    struct work_stealing *scheduler;
};

struct worker {
    alignas(CACHE_APART) struct branch branch; /* tasks spawned here */
    struct local_queue queue;                  /* others steal from it */
    struct sleeper_link sleeper;               /* others wake it */

    alignas(CACHE_APART) struct task *lifo; /* from here on: its own */
    unsigned lifo_streak; /* turns out of it since the ring was asked */
    unsigned lifo_row;    /* of these, in a row: they share a budget */
    unsigned tick;
    uint32_t random;
    bool is_searching;
    bool is_asleep; /* in bed: what is pushed now comes from the driver */
    struct metrics metrics;
    pthread_t thread;
};

/* The worker that this thread is, if it is one of that scheduler; or NULL. */
struct worker *worker_here(const struct work_stealing *scheduler);

/* A task that was woken or spawned, by a task of this worker (S2). */
void worker_schedule(struct worker *worker, struct task *task);

/* So many homes are closed and empty, for good. With the last one the threads
 * end. */
void worker_finish_homes(struct work_stealing *scheduler, uint32_t homes);

/* The body of its thread: turns, until all homes are closed and empty. */
void *worker_run(void *worker);

/* work_stealing_init() without the threads: 0, -ENOMEM or -EINVAL. Whoever
 * calls it runs worker_run() for whichever of the workers it likes.
 * Counterpart: work_stealing_release(), when no thread is in it and no task
 * left. */
int work_stealing_prepare(struct work_stealing *scheduler, unsigned workers,
                          struct driver *driver);
void work_stealing_release(struct work_stealing *scheduler);

#ifdef __cplusplus
}
#endif

#endif
