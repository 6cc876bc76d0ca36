/* measure.c - time, memory, and rounds of work. */
#include "bench/ours/bench.h"
#include "chapters/07_timer/clock.h"

#include <async_macros.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* --------------------------------------------------------------- the meter */

static double wall_now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static double cpu_now(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e9 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e3;
}

void meter_start(struct meter *meter)
{
    meter->cpu = cpu_now();
    meter->wall = wall_now();
}

void meter_report(const struct meter *meter, long operations)
{
    double wall = wall_now() - meter->wall;
    double cpu = cpu_now() - meter->cpu;

    printf("wall %.2f ns\n", wall / (double)operations);
    printf("cpu %.2f ns\n", cpu / (double)operations);
    printf("ops %ld count\n", operations);
}

long bench_resident(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    if (file == NULL || fscanf(file, "%*d %ld", &pages) != 1)
        panic("cannot read /proc/self/statm");
    fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

void durations_init(struct durations *durations, int64_t low, int64_t high)
{
    *durations = (struct durations){88172645463325252u, low, high};
}

int64_t durations_next(struct durations *durations)
{
    uint64_t span = (uint64_t)(durations->high - durations->low + 1);

    durations->state ^= durations->state << 13;
    durations->state ^= durations->state >> 7;
    durations->state ^= durations->state << 17;
    return MILLISECONDS(durations->low + (int64_t)(durations->state % span));
}

/* -------------------------------------------------------------- a latch */

void latch_init(struct latch *latch)
{
    atomic_init(&latch->left, 0);
    notify_init(&latch->done);
}

void latch_set(struct latch *latch, long count)
{
    atomic_store_explicit(&latch->left, (size_t)count, memory_order_relaxed);
}

/* ------------------------------------------------------------------- rounds */

void bench_run(const struct int_future *future, size_t size)
{
    struct join_handle handle;

    require(bench->spawn(future, size, &handle) == 0, "cannot spawn");
    bench->run(&handle);
}

struct rounds_task {
    struct async async;
    struct rounds *rounds;
    struct latch *latch;
    struct notified done;
    struct meter meter;
    long round;
    long last;
};

static enum poll rounds_body(struct async *self, struct context *cx)
{
    struct rounds_task *task = container_of(self, struct rounds_task, async);

    ASYNC(self);
    for (task->round = 0; task->round <= task->last; task->round++) {
        if (task->round == 1)
            meter_start(&task->meter);
        task->rounds->begin(task->rounds, task->latch);
        notified_init(&task->done, &task->latch->done);
        AWAIT(&task->done.base);
    }
    if (task->last > 0)
        meter_report(&task->meter, task->last * task->rounds->operations);
    ASYNC_RETURN(0);
    ASYNC_END;
}

static const struct async_function rounds_function = {ASYNC_OPS, rounds_body,
                                                      NULL};

void rounds_run(struct rounds *rounds)
{
    struct latch latch;
    struct rounds_task task = {
        .rounds = rounds, .latch = &latch, .last = rounds->count};

    latch_init(&latch);
    async_init(&task.async, &rounds_function);
    bench_run(&task.async.base, sizeof task);
}

/* Begun outside: what is left to a task is to wait. */
struct wait_task {
    struct async async;
    struct latch *latch;
    struct notified done;
};

static enum poll wait_body(struct async *self, struct context *cx)
{
    struct wait_task *task = container_of(self, struct wait_task, async);

    ASYNC(self);
    notified_init(&task->done, &task->latch->done);
    AWAIT(&task->done.base);
    ASYNC_RETURN(0);
    ASYNC_END;
}

static void round_from_outside(struct rounds *rounds, struct latch *latch)
{
    static const struct async_function function = {ASYNC_OPS, wait_body, NULL};
    struct wait_task task = {.latch = latch};

    rounds->begin(rounds, latch);
    async_init(&task.async, &function);
    bench_run(&task.async.base, sizeof task);
}

void rounds_run_from_outside(struct rounds *rounds)
{
    struct latch latch;
    struct meter meter;

    latch_init(&latch);
    round_from_outside(rounds, &latch);
    meter_start(&meter);
    for (long i = 0; i < rounds->count; i++)
        round_from_outside(rounds, &latch);
    meter_report(&meter, rounds->count * rounds->operations);
}
