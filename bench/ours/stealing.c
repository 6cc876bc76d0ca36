/* stealing.c - flavor=multi: the scheduler of chapter 12, with workers=N
 * threads, over the timer and the reactor of chapters 06 and 07. */
#include "bench/ours/bench.h"
#include "chapters/03_waker/block_on.h"
#include "chapters/06_reactor/acceptor.h"
#include "chapters/06_reactor/reactor.h"
#include "chapters/07_timer/timer.h"
#include "chapters/12_work_stealing/work_stealing.h"

#include <stdio.h>

static struct clock clock_;
static struct reactor reactor;
static struct timer timer;
static struct work_stealing scheduler;

static int stealing_begin(long workers)
{
    int error = reactor_init(&reactor);

    if (error < 0)
        return error;
    clock_init(&clock_);
    timer_init(&timer, &clock_, &reactor.driver);
    return work_stealing_init(&scheduler, (unsigned)workers, &timer.driver);
}

static int stealing_spawn(const struct int_future *future, size_t size,
                          struct join_handle *handle)
{
    return work_stealing_spawn(&scheduler, future, size, handle);
}

static void stealing_run(struct join_handle *handle)
{
    block_on(&handle->base);
}

static struct timer *stealing_timer(void)
{
    return &timer;
}

static int stealing_serve(const struct acceptor_options *options)
{
    static struct acceptor acceptor;
    struct join_handle handle;
    int error = acceptor_init(&acceptor, &scheduler.spawner, &reactor, options);

    if (error == 0)
        error = acceptor_spawn(&acceptor, &handle);
    if (error < 0)
        return error;
    printf("port %d -\n", tcp_port(&acceptor.listener));
    fflush(stdout);
    return block_on(&handle.base);
}

const struct bench_runtime runtime_stealing = {
    .flavor = "multi",
    .begin = stealing_begin,
    .spawn = stealing_spawn,
    .run = stealing_run,
    .timer = stealing_timer,
    .serve = stealing_serve,
};
