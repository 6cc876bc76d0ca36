/* spawn.c - tasks that end at once: with handles, without, and in a chain. */
#include "bench/ours/bench.h"

#include <async_macros.h>
#include <stdlib.h>

static void drop_nothing(struct future *self)
{
    (void)self;
}

/* ------------------------------------------------------------ with a handle */

static enum poll number_poll(struct future *self, struct context *cx)
{
    (void)self, (void)cx; /* its result is there already */
    return POLL_READY;
}

static const struct future_ops number_ops = {number_poll, drop_nothing};

struct spawn_join {
    struct async async;
    struct meter meter;
    long tasks, rounds, round, i;
    long sum;
    struct join_handle *handles;
};

static void spawn_all(struct spawn_join *task)
{
    for (long i = 0; i < task->tasks; i++) {
        struct int_future number = {{&number_ops}, (int)i};

        require(bench->spawn(&number, sizeof number, &task->handles[i]) == 0,
                "cannot spawn");
    }
}

static enum poll spawn_join_body(struct async *self, struct context *cx)
{
    struct spawn_join *task = container_of(self, struct spawn_join, async);

    ASYNC(self);
    for (task->round = 0; task->round <= task->rounds; task->round++) {
        if (task->round == 1)
            meter_start(&task->meter);
        task->handles = malloc((size_t)task->tasks * sizeof *task->handles);
        require(task->handles != NULL, "no memory");
        spawn_all(task);
        for (task->i = 0; task->i < task->tasks; task->i++) {
            AWAIT(&task->handles[task->i].base);
            task->sum += self->base.result;
        }
        free(task->handles);
    }
    meter_report(&task->meter, task->tasks * task->rounds);
    require(task->sum ==
                (task->rounds + 1) * task->tasks * (task->tasks - 1) / 2,
            "a result is wrong");
    ASYNC_RETURN(0);
    ASYNC_END;
}

int spawn_join(void)
{
    static const struct async_function function = {ASYNC_OPS, spawn_join_body,
                                                   NULL};
    struct spawn_join task = {.tasks = bench_number("tasks", 10000),
                              .rounds = bench_number("rounds", 20)};

    async_init(&task.async, &function);
    bench_run(&task.async.base, sizeof task);
    return 0;
}

/* --------------------------------------------------------------- without one
 */

struct counted {
    struct int_future base;
    struct latch *latch;
};

static enum poll counted_poll(struct future *self, struct context *cx)
{
    (void)cx;
    latch_one(container_of(self, struct counted, base.base)->latch);
    return POLL_READY;
}

static void spawn_counted(struct rounds *rounds, struct latch *latch)
{
    static const struct future_ops ops = {counted_poll, drop_nothing};
    struct counted counted = {{{&ops}, 0}, latch};

    for (long i = 0; i < rounds->operations; i++)
        bench_spawn(&counted.base, sizeof counted);
}

struct spawner {
    struct int_future base;
    struct rounds *rounds;
    struct latch *latch;
};

static enum poll spawner_poll(struct future *self, struct context *cx)
{
    struct spawner *spawner = container_of(self, struct spawner, base.base);

    (void)cx;
    spawn_counted(spawner->rounds, spawner->latch);
    return POLL_READY;
}

static void begin_local(struct rounds *rounds, struct latch *latch)
{
    static const struct future_ops ops = {spawner_poll, drop_nothing};
    struct spawner spawner = {{{&ops}, 0}, rounds, latch};

    latch_set(latch, rounds->operations);
    bench_spawn(&spawner.base, sizeof spawner);
}

static void begin_remote(struct rounds *rounds, struct latch *latch)
{
    latch_set(latch, rounds->operations);
    spawn_counted(rounds, latch);
}

int spawn_many_local(void)
{
    struct rounds rounds = {begin_local, bench_number("rounds", 20),
                            bench_number("tasks", 10000)};

    rounds_run_from_outside(&rounds);
    return 0;
}

int spawn_many_remote(void)
{
    struct rounds rounds = {begin_remote, bench_number("rounds", 20),
                            bench_number("tasks", 10000)};

    rounds_run_from_outside(&rounds);
    return 0;
}

/* --------------------------------------------------------------- in a chain */

struct hop {
    struct int_future base;
    struct latch *latch;
    long left;
};

static enum poll hop_poll(struct future *self, struct context *cx)
{
    struct hop *hop = container_of(self, struct hop, base.base);

    (void)cx;
    if (hop->left == 0) {
        latch_one(hop->latch);
    } else {
        struct hop next = {{{self->ops}, 0}, hop->latch, hop->left - 1};

        bench_spawn(&next.base, sizeof next);
    }
    return POLL_READY;
}

static void begin_chain(struct rounds *rounds, struct latch *latch)
{
    static const struct future_ops ops = {hop_poll, drop_nothing};
    struct hop hop = {{{&ops}, 0}, latch, rounds->operations - 1};

    latch_set(latch, 1);
    bench_spawn(&hop.base, sizeof hop);
}

int chained_spawn(void)
{
    struct rounds rounds = {begin_chain, bench_number("rounds", 200),
                            bench_number("hops", 1000)};

    rounds_run_from_outside(&rounds);
    return 0;
}
