/* pool.c - workers around a queue, and how they come and go. */
#include "chapters/11_threads/pool.h"

#include "chapters/11_threads/cpus.h"
#include "chapters/11_threads/turn.h"
#include "chapters/common/container_of.h"
#include "chapters/common/inside.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <stdlib.h>

/* A wake, on any thread. The task keeps the pool, up to the push; the visit
 * keeps it from there on. */
static void pool_schedule(struct scheduler *self, struct task *task)
{
    struct pool *pool = container_of(self, struct pool, home.scheduler);

    /* TODO(11.7): a visit, and in it the push */
    TODO(11.7);
    (void)pool, (void)task;
}

static const struct scheduler_ops pool_scheduler = {
    pool_schedule,
    home_ref,
    home_unref,
};

/* What a turn leaves to do. */
static void worker_finish_turn(struct pool *pool, struct task *task,
                               enum turn_end end)
{
    /* TODO(11.7): a task that was woken meanwhile goes to the end of the
     * queue; after the last one of all the queue closes */
    TODO(11.7);
    (void)pool, (void)task, (void)end;
}

static void *worker_run(void *argument)
{
    struct pool_worker *worker = argument;

    inside_begin("a pool's worker");
    /* TODO(11.7): take, count the turn, give it, finish it; until the queue
     * is closed */
    TODO(11.7);
    (void)worker, (void)worker_finish_turn;
    inside_end();
    return NULL;
}

/* Waits for the threads that were started, and sums up what they did. */
static void pool_join(struct pool *pool)
{
    while (pool->count > 0) {
        struct pool_worker *worker = &pool->workers[--pool->count];

        pthread_join(worker->thread, NULL);
        pool->turns += worker->turns;
        pool->parks += worker->sleeper.parks;
    }
}

/* Starts `workers` threads. 0 or -EAGAIN; pool->count says how many run. */
static int pool_start(struct pool *pool, unsigned workers)
{
    for (; pool->count < workers; pool->count++) {
        struct pool_worker *worker = &pool->workers[pool->count];

        worker->pool = pool;
        sleeper_init(&worker->sleeper);
        if (pthread_create(&worker->thread, NULL, worker_run, worker) != 0)
            return -EAGAIN;
    }
    return 0;
}

/* Everything but the threads. */
static void pool_release(struct pool *pool)
{
    shared_queue_end(&pool->queue);
    home_end(&pool->home);
    free(pool->workers);
}

int pool_init(struct pool *pool, unsigned workers)
{
    int error;

    if (workers == 0)
        workers = cpus_available();
    *pool = (struct pool){.spawner = {&pool_spawner_ops}};
    pool->workers = calloc(workers, sizeof *pool->workers);
    if (pool->workers == NULL)
        return -ENOMEM;
    home_init(&pool->home, &pool_scheduler);
    shared_queue_init(&pool->queue);
    visits_init(&pool->visits);
    error = pool_start(pool, workers);
    if (error < 0) {
        shared_queue_close(&pool->queue);
        pool_join(pool);
        pool_release(pool);
    }
    return error;
}

int pool_spawn(struct pool *pool, const struct int_future *future, size_t size,
               struct join_handle *handle)
{
    /* TODO(11.7): create the task, adopt, make the handle, push; on failure
     * nothing is left of the task, and the future is the caller's */
    TODO(11.7);
    (void)pool_schedule;
    return -ENOSYS;
}

void pool_end(struct pool *pool)
{
    inside_begin("pool_end()");
    /* TODO(11.9): close the home; if nobody is at home, the queue; wait for
     * the threads, and for those who are still waking */
    TODO(11.9);
    (void)pool_join;
    pool_release(pool);
    inside_end();
}
