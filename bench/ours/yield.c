/* yield.c - tasks that give way again and again. */
#include "chapters/04_executor/yield.h"
#include "bench/ours/bench.h"

struct yielder {
    struct int_future base;
    struct latch *latch;
    long left;
    bool is_yielding;
    struct yield yield;
};

static enum poll yielder_poll(struct future *self, struct context *cx)
{
    struct yielder *yielder = container_of(self, struct yielder, base.base);

    for (;;) {
        if (!yielder->is_yielding) {
            if (yielder->left-- == 0)
                break;
            yield_init(&yielder->yield);
            yielder->is_yielding = true;
        }
        if (future_poll(&yielder->yield.base.base, cx) == POLL_PENDING)
            return POLL_PENDING;
        future_drop(&yielder->yield.base.base);
        yielder->is_yielding = false;
    }
    latch_one(yielder->latch);
    return POLL_READY;
}

static void yielder_drop(struct future *self)
{
    (void)self; /* a yield leaves nothing behind */
}

static void begin(struct rounds *rounds, struct latch *latch)
{
    static const struct future_ops ops = {yielder_poll, yielder_drop};
    long tasks = bench_number("tasks", 200);
    struct yielder yielder = {.base = {{&ops}, 0},
                              .latch = latch,
                              .left = rounds->operations / tasks};

    latch_set(latch, tasks);
    for (long i = 0; i < tasks; i++)
        bench_spawn(&yielder.base, sizeof yielder);
}

int yield_many(void)
{
    struct rounds rounds = {begin, bench_number("rounds", 5),
                            bench_number("tasks", 200) *
                                bench_number("yields", 1000)};

    rounds_run(&rounds);
    return 0;
}
