/* bench.h - what all workloads have in common: arguments, time, a runtime.
 *
 * A workload is written once, against struct bench_runtime. A task that is to
 * be fast is a state machine by hand: it saves an indirect call and two checks
 * at each poll, a few nanoseconds of AWAIT's cost. The task that starts the
 * others and measures is written with AWAIT.
 *
 * Programs of this kind end at the first error: must() says where. */
#ifndef BENCH_OURS_BENCH_H
#define BENCH_OURS_BENCH_H

#include "chapters/04_executor/join_handle.h"
#include "chapters/05_async_await/async.h"
#include "chapters/09_mutex/notify.h"
#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct acceptor_options;
struct timer;

/* --------------------------------------------------------------- a runtime */

/* One for each flavor. Tasks may spawn; the rest is for the main thread. */
struct bench_runtime {
    const char *flavor;
    /* 0, or a negative errno. */
    int (*begin)(long workers);
    /* As executor_spawn(); before run(), too. */
    int (*spawn)(const struct int_future *future, size_t size,
                 struct join_handle *handle);
    /* Runs until the task of `handle` is complete, and drops the handle. */
    void (*run)(struct join_handle *handle);
    struct timer *(*timer)(void); /* for a sleep of the calling task */
    /* Accepts and serves; the port is printed. Returns when it cannot accept
     * any more, with a negative errno. */
    int (*serve)(const struct acceptor_options *options);
};

extern const struct bench_runtime runtime_current;
extern const struct bench_runtime runtime_stealing;

/* The one that was chosen; set before any workload runs. */
extern const struct bench_runtime *bench;

static inline void bench_spawn(const struct int_future *future, size_t size)
{
    require(bench->spawn(future, size, NULL) == 0, "cannot spawn");
}

/* Runs a future as a task; on a worker, where there are some. */
void bench_run(const struct int_future *future, size_t size);

/* --------------------------------------------------------------- arguments */

long bench_number(const char *key, long otherwise);
const char *bench_text(const char *key, const char *otherwise);

/* Exit status of a program that does not have a workload. */
enum {
    BENCH_MISSING = 3
};

/* ------------------------------------------------------------ measurements */

struct meter {
    double wall; /* nanoseconds */
    double cpu;
};

void meter_start(struct meter *meter);

/* Prints what an operation has cost since the start. */
void meter_report(const struct meter *meter, long operations);

/* Bytes that are resident now. */
long bench_resident(void);

/* xorshift64: the deadlines of all programs, in milliseconds. */
struct durations {
    uint64_t state;
    int64_t low, high;
};

void durations_init(struct durations *durations, int64_t low, int64_t high);
int64_t durations_next(struct durations *durations); /* nanoseconds */

/* ------------------------------------------------------------------- rounds */

/* Counts tasks that end; tells who waits when the last one does. */
struct latch {
    atomic_size_t left;
    struct notify done;
};

void latch_init(struct latch *latch);
void latch_set(struct latch *latch, long count);

static inline void latch_one(struct latch *latch)
{
    /* Release: what the task did. Acquire: the last one sees all of it. */
    if (atomic_fetch_sub_explicit(&latch->left, 1, memory_order_acq_rel) == 1)
        notify_one(&latch->done);
}

/* A warm-up round, then measured ones, all inside of one task: `begin` sets
 * the count and spawns; a round ends when the count is 0. Prints. */
struct rounds {
    void (*begin)(struct rounds *rounds, struct latch *latch);
    long count;      /* rounds to measure */
    long operations; /* in each */
};

void rounds_run(struct rounds *rounds);

/* The same, but each round is a run of its own, begun outside. */
void rounds_run_from_outside(struct rounds *rounds);

/* --------------------------------------------------------------- workloads */

int spawn_join(void);
int spawn_many_local(void);
int spawn_many_remote(void);
int yield_many(void);
int ping_pong(void);
int chained_spawn(void);
int mpsc(void);
int mutex_free(void);
int mutex_yield(void);
int cancel_timers(void);
int fire_timers(void);
int parked(void);
int echo(void);

#endif
