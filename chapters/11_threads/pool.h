/* pool.h - the same tasks on many threads: one queue, a lock, and workers.
 *
 *      spawn, wakes from anywhere
 *               |
 *               v
 *        [ shared queue ]        home: all tasks that are not complete
 *          |    |    |
 *          v    v    v
 *        worker worker worker    each: take, turn, take, turn, ... sleep
 *
 *   Z1  Tasks may be spawned, woken, joined and aborted on any thread, inside
 *       the pool and outside. A task may have each turn on another thread, so
 *       its future has to be one that may move between threads.
 *   Z2  Turns are given out in the order of the queue, but run at the same
 *       time: of two tasks that are ready, either may be done first. Nobody is
 *       overtaken in the queue: a task with n others in front of it is given
 *       out after those n, wherever all the other wakes come from.
 *   Z3  A task never has two turns at once, and E1 and E2 of executor.h hold.
 *   Z4  With nothing to do all workers sleep, and use no CPU time.
 *   Z5  pool_end() gives every task that is left one last turn, in which it is
 *       cancelled: on a worker's thread, once. A task that is running
 *       finishes its turn first; one that never ends its turn keeps the
 *       pool from ending.
 *   Z6  Wakers and join handles may outlive the pool. Wakes do nothing then.
 *   Z7  To spawner_spawn() on the pool's spawner is to call pool_spawn(), with
 *       the same results and on the same threads.
 *
 * Rust: a multi_thread runtime of tokio, as it would be without stealing; the
 * first versions of tokio and async-std were not far from this. */
#ifndef CHAPTERS_THREADS_POOL_H
#define CHAPTERS_THREADS_POOL_H

#include "chapters/04_executor/join_handle.h"
#include "chapters/04_executor/spawner.h"
#include "chapters/11_threads/home.h"
#include "chapters/11_threads/shared_queue.h"
#include "chapters/11_threads/visits.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pool_worker {
    struct sleeper sleeper;
    struct pool *pool;
    pthread_t thread;
    unsigned long turns; /* its own, until its thread has ended */
};

struct pool {
    struct home home;
    struct shared_queue queue;
    struct visits visits;
    struct spawner spawner; /* pool_spawn(), for code that does not care */
    struct pool_worker *workers;
    unsigned count;

    unsigned long turns; /* of all workers; for you to read, */
    unsigned long parks; /* after pool_end() */
};

extern const struct spawner_ops pool_spawner_ops;

/* With `workers` threads; 0 stands for cpus_available(). 0, -ENOMEM, or -EAGAIN
 * if there are no more threads; then nothing is left behind. It must not move
 * afterwards. Counterpart: pool_end(). */
int pool_init(struct pool *pool, unsigned workers);

/* As executor_spawn() (M1, and the handle), on any thread. 0, -ENOMEM, or
 * -ECANCELED once pool_end() has begun; on failure the future is the caller's
 * still, and `handle` untouched. A task's pool is always there; whoever calls
 * from outside sees to it that pool_end() has not returned. */
int pool_spawn(struct pool *pool, const struct int_future *future, size_t size,
               struct join_handle *handle);

/* Ends the pool (Z5) and waits for its threads. Inside a task or a block_on()
 * it panics: the thread would wait for itself. */
void pool_end(struct pool *pool);

#ifdef __cplusplus
}
#endif

#endif
