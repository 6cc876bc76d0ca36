/* current.c - flavor=current: the runtime of chapters 04 to 07, on the thread
 * that calls. */
#include "bench/ours/bench.h"
#include "chapters/03_waker/block_on.h"
#include "chapters/06_reactor/acceptor.h"
#include "chapters/07_timer/runtime.h"

#include <stdio.h>

static struct runtime runtime;

static int current_begin(long workers)
{
    (void)workers;
    return runtime_init(&runtime);
}

static int current_spawn(const struct int_future *future, size_t size,
                         struct join_handle *handle)
{
    return executor_spawn(&runtime.executor, future, size, handle);
}

static void current_run(struct join_handle *handle)
{
    executor_run_until(&runtime.executor, handle);
    future_drop(&handle->base.base);
}

static struct timer *current_timer(void)
{
    return &runtime.timer;
}

static int current_serve(const struct acceptor_options *options)
{
    static struct acceptor acceptor;
    struct join_handle handle;
    int error = acceptor_init(&acceptor, &runtime.executor.spawner,
                              &runtime.reactor, options);

    if (error == 0)
        error = acceptor_spawn(&acceptor, &handle);
    if (error < 0)
        return error;
    printf("port %d -\n", tcp_port(&acceptor.listener));
    fflush(stdout);
    executor_run_until(&runtime.executor, &handle);
    return block_on(&handle.base); /* it is complete: this only asks how */
}

const struct bench_runtime runtime_current = {
    .flavor = "current",
    .begin = current_begin,
    .spawn = current_spawn,
    .run = current_run,
    .timer = current_timer,
    .serve = current_serve,
};
