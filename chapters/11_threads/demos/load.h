/* load.h - loads for measuring whatever gives turns; and two who do.
 *
 * The demos of chapters 11 and 12 run these on an executor, on pools and with
 * stealing, by the same code: it knows a spawner and nothing else. */
#ifndef CHAPTERS_THREADS_DEMOS_LOAD_H
#define CHAPTERS_THREADS_DEMOS_LOAD_H

#include "chapters/03_waker/block_on.h"
#include "chapters/04_executor/executor.h"
#include "chapters/04_executor/yield.h"
#include "chapters/11_threads/pool.h"

#include "chapters/common/container_of.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <async_macros.h>

enum {
    PARENTS = 4,
    BATCH = 100,   /* children that a parent has at a time */
    BATCHES = 500, /* of each parent */
    YIELDERS = 100,
    YIELDS = 2000, /* of each */
    MOST = 100,    /* handles of one load */
};

/* Nanoseconds. */
static inline double now(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* Does nothing, and is ready. */
static inline enum poll nothing_poll(struct future *self, struct context *cx)
{
    (void)self, (void)cx;
    return POLL_READY;
}

static inline void nothing_drop(struct future *self)
{
    (void)self;
}

static inline void must_spawn(struct spawner *spawner,
                              const struct int_future *future, size_t size,
                              struct join_handle *handle)
{
    if (spawner_spawn(spawner, future, size, handle) < 0)
        exit(1);
}

/* Spawns a hundred, joins a hundred. */
struct parent {
    struct async async;
    struct spawner *spawner;
    int batches;
    int next;
    struct join_handle handles[BATCH];
};

static inline void spawn_batch(struct parent *parent)
{
    static const struct future_ops nothing_ops = {nothing_poll, nothing_drop};
    struct int_future nothing = {{&nothing_ops}, 0};

    for (int i = 0; i < BATCH; i++)
        must_spawn(parent->spawner, &nothing, sizeof nothing,
                   &parent->handles[i]);
}

static inline enum poll parent_body(struct async *self, struct context *cx)
{
    struct parent *parent = container_of(self, struct parent, async);

    ASYNC(self);
    for (; parent->batches > 0; parent->batches--) {
        spawn_batch(parent);
        for (parent->next = 0; parent->next < BATCH; parent->next++)
            AWAIT(&parent->handles[parent->next].base);
    }
    ASYNC_RETURN(0);
    ASYNC_END;
}

struct yielder {
    struct async async;
    int turns;
    int work; /* rounds of it in each turn */
    struct yield yield;
};

/* Each round needs the result of the one before. */
static inline void work(int rounds)
{
    volatile unsigned long result = 1;

    for (int i = 0; i < rounds; i++)
        result = result * 6364136223846793005ul + 1;
}

static inline enum poll yielder_body(struct async *self, struct context *cx)
{
    struct yielder *yielder = container_of(self, struct yielder, async);

    ASYNC(self);
    for (; yielder->turns > 0; yielder->turns--) {
        work(yielder->work);
        yield_init(&yielder->yield);
        AWAIT(&yielder->yield.base);
    }
    ASYNC_RETURN(0);
    ASYNC_END;
}

/* A load spawns its tasks, and says how many there are. */
typedef int load_start(struct spawner *spawner, struct join_handle *handles);

static inline int start_parents(struct spawner *spawner,
                                struct join_handle *handles)
{
    static const struct async_function function = {ASYNC_OPS, parent_body,
                                                   NULL};
    struct parent parent = {.spawner = spawner, .batches = BATCHES};

    async_init(&parent.async, &function);
    for (int i = 0; i < PARENTS; i++)
        must_spawn(spawner, &parent.async.base, sizeof parent, &handles[i]);
    return PARENTS;
}

static inline int spawn_yielders(struct spawner *spawner,
                                 struct join_handle *handles, int turns,
                                 int work)
{
    static const struct async_function function = {ASYNC_OPS, yielder_body,
                                                   NULL};
    struct yielder yielder = {.turns = turns, .work = work};

    async_init(&yielder.async, &function);
    for (int i = 0; i < YIELDERS; i++)
        must_spawn(spawner, &yielder.async.base, sizeof yielder, &handles[i]);
    return YIELDERS;
}

static inline int start_yielders(struct spawner *spawner,
                                 struct join_handle *handles)
{
    return spawn_yielders(spawner, handles, YIELDS, 0);
}

static inline void run_on_executor(load_start *start)
{
    struct join_handle handles[MOST];
    struct executor executor;

    if (executor_init(&executor) < 0)
        exit(1);
    int count = start(&executor.spawner, handles);

    executor_run(&executor);
    while (count > 0)
        future_drop(&handles[--count].base.base);
    executor_end(&executor);
}

static inline void join_all(struct join_handle *handles, int count)
{
    while (count > 0)
        block_on(&handles[--count].base);
}

/* How often its workers went to sleep. */
static inline unsigned long run_on_pool(load_start *start, unsigned workers)
{
    struct join_handle handles[MOST];
    struct pool pool;

    if (pool_init(&pool, workers) < 0)
        exit(1);
    join_all(handles, start(&pool.spawner, handles));
    pool_end(&pool);
    return pool.parks;
}

#endif
