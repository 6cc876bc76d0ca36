/* mutex.c - tasks that add 1 to the same number, under a mutex. */
#include "chapters/09_mutex/mutex.h"
#include "bench/ours/bench.h"
#include "chapters/04_executor/yield.h"

#include <async_macros.h>

static struct mutex mutex;
static long number;

struct adder {
    struct async async;
    struct latch *latch;
    struct mutex_lock lock;
    struct yield yield;
    bool is_locking; /* by hand only */
    long left;
};

/* By hand: nothing but the mutex is to be measured. */
static enum poll adder_poll(struct future *self, struct context *cx)
{
    struct adder *adder = container_of(self, struct adder, async.base.base);

    for (;;) {
        if (!adder->is_locking) {
            if (adder->left-- == 0)
                break;
            mutex_lock_init(&adder->lock, &mutex, "adder");
            adder->is_locking = true;
        }
        if (future_poll(&adder->lock.base.base, cx) == POLL_PENDING)
            return POLL_PENDING;
        number++;
        mutex_unlock(&adder->lock.guard);
        future_drop(&adder->lock.base.base);
        adder->is_locking = false;
    }
    latch_one(adder->latch);
    return POLL_READY;
}

static void adder_drop(struct future *self)
{
    (void)self; /* not before it has ended */
}

static enum poll yielder_body(struct async *self, struct context *cx)
{
    struct adder *adder = container_of(self, struct adder, async);

    ASYNC(self);
    for (; adder->left > 0; adder->left--) {
        mutex_lock_init(&adder->lock, &mutex, "adder");
        AWAIT(&adder->lock.base);
        yield_init(&adder->yield);
        AWAIT(&adder->yield.base);
        number++;
        mutex_unlock(&adder->lock.guard);
    }
    latch_one(adder->latch);
    ASYNC_RETURN(0);
    ASYNC_END;
}

static void spawn_adders(struct adder *adder, struct rounds *rounds, long tasks,
                         struct latch *latch)
{
    adder->latch = latch;
    adder->left = rounds->operations / tasks;
    latch_set(latch, tasks);
    for (long i = 0; i < tasks; i++)
        bench_spawn(&adder->async.base, sizeof *adder);
}

static void begin_free(struct rounds *rounds, struct latch *latch)
{
    static const struct future_ops ops = {adder_poll, adder_drop};
    struct adder adder = {.async.base.base.ops = &ops};

    spawn_adders(&adder, rounds, bench_number("tasks", 1), latch);
}

static void begin_yield(struct rounds *rounds, struct latch *latch)
{
    static const struct async_function function = {ASYNC_OPS, yielder_body,
                                                   NULL};
    struct adder adder;

    async_init(&adder.async, &function);
    spawn_adders(&adder, rounds, bench_number("tasks", 10), latch);
}

static int count(struct rounds *rounds)
{
    mutex_init(&mutex, "number");
    rounds_run(rounds);
    require(number == rounds->operations * (rounds->count + 1),
            "an increment was lost");
    return 0;
}

int mutex_free(void)
{
    struct rounds rounds = {begin_free, bench_number("rounds", 1),
                            bench_number("tasks", 1) *
                                bench_number("increments", 1000000)};

    return count(&rounds);
}

int mutex_yield(void)
{
    struct rounds rounds = {begin_yield, bench_number("rounds", 1),
                            bench_number("tasks", 10) *
                                bench_number("increments", 20000)};

    return count(&rounds);
}
