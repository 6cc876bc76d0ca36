/* parked.c - what a task that waits costs in memory, and to wake it. */
#include "bench/ours/bench.h"
#include "chapters/04_executor/yield.h"
#include "chapters/08_channel/oneshot.h"

#include <async_macros.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char nothing;
static const struct item_type nothing_type = {0, NULL};
static struct latch begun, ended;
static struct notify everybody;

/* ------------------------------------------------------------ who is parked */

struct by_oneshot {
    struct int_future base;
    bool has_begun;
    struct oneshot_receiver receiver;
};

struct by_notify {
    struct int_future base;
    bool has_begun;
    struct notified notified;
};

/* The same for both: counts its first poll and its end. */
static enum poll wait_for(struct future *future, bool *has_begun,
                          struct context *cx)
{
    if (!*has_begun)
        atomic_fetch_sub_explicit(&begun.left, 1, memory_order_acq_rel);
    *has_begun = true;
    if (future_poll(future, cx) == POLL_PENDING)
        return POLL_PENDING;
    latch_one(&ended);
    return POLL_READY;
}

static enum poll by_oneshot_poll(struct future *self, struct context *cx)
{
    struct by_oneshot *task = container_of(self, struct by_oneshot, base.base);

    return wait_for(&task->receiver.base.base, &task->has_begun, cx);
}

static void by_oneshot_drop(struct future *self)
{
    struct by_oneshot *task = container_of(self, struct by_oneshot, base.base);

    future_drop(&task->receiver.base.base);
}

static enum poll by_notify_poll(struct future *self, struct context *cx)
{
    struct by_notify *task = container_of(self, struct by_notify, base.base);

    return wait_for(&task->notified.base.base, &task->has_begun, cx);
}

static void by_notify_drop(struct future *self)
{
    struct by_notify *task = container_of(self, struct by_notify, base.base);

    future_drop(&task->notified.base.base);
}

static void park_by_oneshot(struct oneshot_sender *sender)
{
    static const struct future_ops ops = {by_oneshot_poll, by_oneshot_drop};
    struct by_oneshot task = {.base = {{&ops}, 0}};

    require(oneshot_create(sender, &task.receiver, &nothing_type, &nothing) ==
                0,
            "no memory");
    bench_spawn(&task.base, sizeof task);
}

static void park_by_notify(void)
{
    static const struct future_ops ops = {by_notify_poll, by_notify_drop};
    struct by_notify task = {.base = {{&ops}, 0}};

    notified_init(&task.notified, &everybody);
    bench_spawn(&task.base, sizeof task);
}

/* ------------------------------------------------------------- who parks them
 */

struct parked {
    struct async async;
    bool by_notify;
    long tasks, before;
    struct oneshot_sender *senders;
    struct yield yield;
    struct notified done;
    struct meter meter;
};

static void park_all(struct parked *parked)
{
    parked->before = bench_resident();
    for (long i = 0; i < parked->tasks; i++)
        if (parked->by_notify)
            park_by_notify();
        else
            park_by_oneshot(&parked->senders[i]);
}

static void wake_all(struct parked *parked)
{
    if (parked->by_notify)
        notify_all(&everybody);
    for (long i = 0; !parked->by_notify && i < parked->tasks; i++)
        require(oneshot_send(&parked->senders[i], &nothing) == 0,
                "nobody listens");
}

static enum poll parked_body(struct async *self, struct context *cx)
{
    struct parked *parked = container_of(self, struct parked, async);

    ASYNC(self);
    park_all(parked);
    while (atomic_load_explicit(&begun.left, memory_order_acquire) > 0) {
        yield_init(&parked->yield);
        AWAIT(&parked->yield.base);
    }
    printf("memory %.1f bytes\n",
           (double)(bench_resident() - parked->before) / (double)parked->tasks);
    meter_start(&parked->meter);
    wake_all(parked);
    notified_init(&parked->done, &ended.done);
    AWAIT(&parked->done.base);
    meter_report(&parked->meter, parked->tasks);
    ASYNC_RETURN(0);
    ASYNC_END;
}

int parked(void)
{
    static const struct async_function function = {ASYNC_OPS, parked_body,
                                                   NULL};
    struct parked task = {
        .by_notify = strcmp(bench_text("kind", "oneshot"), "notify") == 0,
        .tasks = bench_number("tasks", 1000000)};
    size_t size = (size_t)task.tasks * sizeof *task.senders;

    task.senders = malloc(size);
    require(task.senders != NULL, "no memory");
    memset(task.senders, 1, size); /* resident before the tasks are */
    latch_init(&begun);
    latch_set(&begun, task.tasks);
    latch_init(&ended);
    latch_set(&ended, task.tasks);
    notify_init(&everybody);
    async_init(&task.async, &function);
    bench_run(&task.async.base, sizeof task);
    return 0;
}
