/* trace.c - sockets and timers: an echo, a tick, and a peer that is silent.
 *
 *     COURSE_TRACE=run.trace trace
 *
 * asker sends a word to the echo server and has its answer in time; patient
 * waits for a peer that says nothing, until the time is up; ticker ticks. All
 * of them, and the server, are tasks on one thread. Recorded, a run becomes the
 * figure in the lesson. */
#include "chapters/06_reactor/echo_task.h"
#include "chapters/07_timer/interval.h"
#include "chapters/07_timer/runtime.h"
#include "chapters/07_timer/timeout.h"

#include "chapters/common/container_of.h"

#include <stdio.h>
#include <string.h>
#include <async_macros.h>

struct asker {
    struct async async;
    struct runtime *runtime;
    const char *name;
    struct socket socket;
    bool speaks;
    struct socket_write_all write;
    struct socket_read read;
    struct timeout timeout;
    char word[8];
};

static enum poll asker_body(struct async *self, struct context *cx)
{
    struct asker *asker = container_of(self, struct asker, async);

    ASYNC(self);
    trace(TRACE_NAME, cx->waker->data, NULL, asker->name);
    if (asker->speaks) {
        socket_write_all_init(&asker->write, &asker->socket, "hello", 5);
        TRY_AWAIT(&asker->write.io.base);
    }
    socket_read_init(&asker->read, &asker->socket, asker->word,
                     sizeof asker->word);
    timeout_init(&asker->timeout, &asker->runtime->timer, &asker->read.io.base,
                 MILLISECONDS(5));
    AWAIT(&asker->timeout.base);
    if (self->base.result < 0)
        printf("%s: %s\n", asker->name, strerror(-self->base.result));
    else
        printf("%s: %.*s\n", asker->name, self->base.result, asker->word);
    ASYNC_RETURN(0);
    ASYNC_END;
}

static void asker_cleanup(struct async *self)
{
    socket_close(&container_of(self, struct asker, async)->socket);
}

struct ticker {
    struct async async;
    struct interval interval;
    struct interval_tick tick;
    int left;
};

static enum poll ticker_body(struct async *self, struct context *cx)
{
    struct ticker *ticker = container_of(self, struct ticker, async);

    ASYNC(self);
    trace(TRACE_NAME, cx->waker->data, NULL, "ticker");
    for (; ticker->left > 0; ticker->left--) {
        interval_tick_init(&ticker->tick, &ticker->interval);
        AWAIT(&ticker->tick.base);
        printf("ticker: %d left\n", ticker->left - 1);
    }
    ASYNC_RETURN(0);
    ASYNC_END;
}

static int spawn_asker(struct runtime *runtime, const char *name,
                       struct socket socket, bool speaks)
{
    static const struct async_function function = {ASYNC_OPS, asker_body,
                                                   asker_cleanup};
    struct asker asker = {
        .runtime = runtime, .name = name, .socket = socket, .speaks = speaks};

    async_init(&asker.async, &function);
    return executor_spawn(&runtime->executor, &asker.async.base, sizeof asker,
                          NULL);
}

static int spawn_ticker(struct runtime *runtime)
{
    static const struct async_function function = {ASYNC_OPS, ticker_body,
                                                   NULL};
    struct ticker ticker = {.left = 2};

    async_init(&ticker.async, &function);
    interval_init(&ticker.interval, &runtime->timer, MILLISECONDS(3),
                  INTERVAL_SKIP);
    return executor_spawn(&runtime->executor, &ticker.async.base, sizeof ticker,
                          NULL);
}

/* The server's end of a pair, as a task. */
static int spawn_echo(struct runtime *runtime, struct socket socket)
{
    struct echo_task echo;
    struct join_handle handle;

    echo_task_init(&echo, NULL, socket);
    int error = executor_spawn(&runtime->executor, &echo.async.base,
                               sizeof echo, &handle);

    if (error < 0)
        return error;
    trace(TRACE_NAME, handle.task, NULL, "echo");
    join_handle_detach(&handle);
    return 0;
}

int main(void)
{
    struct runtime runtime;
    struct socket lively[2], silent[2];

    if (runtime_init(&runtime) < 0 ||
        socket_pair(lively, &runtime.reactor) < 0 ||
        socket_pair(silent, &runtime.reactor) < 0 ||
        spawn_asker(&runtime, "asker", lively[0], true) < 0 ||
        spawn_echo(&runtime, lively[1]) < 0 ||
        spawn_asker(&runtime, "patient", silent[0], false) < 0 ||
        spawn_ticker(&runtime) < 0) {
        fprintf(stderr, "trace: no memory, or no descriptors\n");
        return 1;
    }
    executor_run(&runtime.executor);
    socket_close(&silent[1]);
    runtime_end(&runtime);
    return 0;
}
