/* timers.c - timers that are cancelled, and timers that fire. */
#include "bench/ours/bench.h"
#include "chapters/07_timer/sleep.h"

#include <stdlib.h>

static void drop_nothing(struct future *self)
{
    (void)self;
}

/* ---------------------------------------------------------------- cancelled */

struct canceller {
    struct int_future base;
    struct rounds *rounds;
    struct latch *latch;
};

static enum poll canceller_poll(struct future *self, struct context *cx)
{
    struct canceller *task = container_of(self, struct canceller, base.base);
    long timers = task->rounds->operations;
    struct sleep *sleeps = malloc((size_t)timers * sizeof *sleeps);
    struct durations durations;

    require(sleeps != NULL, "no memory");
    durations_init(&durations, 1000, 3600000);
    for (long i = 0; i < timers; i++)
        sleep_init(&sleeps[i], bench->timer(), durations_next(&durations));
    for (long i = 0; i < timers; i++)
        require(future_poll(&sleeps[i].base.base, cx) == POLL_PENDING,
                "too early");
    for (long i = 0; i < timers; i++)
        future_drop(&sleeps[i].base.base);
    free(sleeps);
    latch_one(task->latch);
    return POLL_READY;
}

static void begin_cancel(struct rounds *rounds, struct latch *latch)
{
    static const struct future_ops ops = {canceller_poll, drop_nothing};
    struct canceller task = {{{&ops}, 0}, rounds, latch};

    latch_set(latch, 1);
    bench_spawn(&task.base, sizeof task);
}

int cancel_timers(void)
{
    struct rounds rounds = {begin_cancel, bench_number("rounds", 5),
                            bench_number("timers", 100000)};

    rounds_run(&rounds);
    return 0;
}

/* -------------------------------------------------------------------- fired */

struct sleeper {
    struct int_future base;
    struct latch *latch;
    int64_t duration;
    bool has_begun;
    struct sleep sleep;
};

static enum poll sleeper_poll(struct future *self, struct context *cx)
{
    struct sleeper *sleeper = container_of(self, struct sleeper, base.base);

    if (!sleeper->has_begun)
        sleep_init(&sleeper->sleep, bench->timer(), sleeper->duration);
    sleeper->has_begun = true;
    if (future_poll(&sleeper->sleep.base.base, cx) == POLL_PENDING)
        return POLL_PENDING;
    latch_one(sleeper->latch);
    return POLL_READY;
}

static void sleeper_drop(struct future *self)
{
    struct sleeper *sleeper = container_of(self, struct sleeper, base.base);

    if (sleeper->has_begun)
        future_drop(&sleeper->sleep.base.base);
}

static void begin_fire(struct rounds *rounds, struct latch *latch)
{
    static const struct future_ops ops = {sleeper_poll, sleeper_drop};
    struct sleeper sleeper = {.base = {{&ops}, 0}, .latch = latch};
    struct durations durations;

    latch_set(latch, rounds->operations);
    durations_init(&durations, 1, 1000);
    for (long i = 0; i < rounds->operations; i++) {
        sleeper.duration = durations_next(&durations);
        bench_spawn(&sleeper.base, sizeof sleeper);
    }
}

int fire_timers(void)
{
    struct rounds rounds = {begin_fire, bench_number("rounds", 1),
                            bench_number("timers", 100000)};

    rounds_run(&rounds);
    return 0;
}
