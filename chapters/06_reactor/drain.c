/* drain.c - the first of three: no connection, no time, or a second signal. */
#include "chapters/06_reactor/drain.h"

#include "chapters/02_future/select.h"
#include "chapters/05_async_await/async.h"
#include "chapters/06_reactor/patience.h"
#include "chapters/06_reactor/serve.h"
#include "chapters/common/container_of.h"

#include <async_macros.h>

/* Ready when no connection is left. The acceptor's task was aborted before this
 * one was spawned, so it is dropped before this one has a turn: the cell is
 * free. */
struct drained {
    struct int_future base;
    struct acceptor *acceptor;
};

static enum poll drained_poll(struct future *self, struct context *cx)
{
    struct acceptor *acceptor =
        container_of(self, struct drained, base.base)->acceptor;

    waker_cell_register(&acceptor->room, cx->waker);
    return acceptor->live == 0 ? POLL_READY : POLL_PENDING;
}

static void drained_drop(struct future *self)
{
    waker_cell_clear(
        &container_of(self, struct drained, base.base)->acceptor->room);
}

/* Waits for that, for a while that is long enough, or for a second signal. */
struct farewell {
    struct async async;
    struct acceptor *acceptor;
    struct reactor *reactor;
    struct drained drained;
    struct patience patience;
    struct signal_wait again;
    struct int_future *first_of[3];
    struct select select;
};

static void farewell_begin(struct farewell *farewell)
{
    static const struct future_ops ops = {drained_poll, drained_drop};
    size_t count = 2;

    farewell->drained = (struct drained){{{&ops}, 0}, farewell->acceptor};
    farewell->first_of[0] = &farewell->drained.base;
    patience_init(&farewell->patience, farewell->reactor, STOP_MS);
    farewell->first_of[1] = &farewell->patience.io.base;
    if (signal_wait_init(&farewell->again, farewell->reactor) == 0)
        farewell->first_of[count++] = &farewell->again.io.base;
    select_init(&farewell->select, farewell->first_of, count);
}

static enum poll farewell_body(struct async *self, struct context *cx)
{
    struct farewell *farewell = container_of(self, struct farewell, async);

    ASYNC(self);
    farewell_begin(farewell);
    AWAIT(&farewell->select.base);
    ASYNC_RETURN(0);
    ASYNC_END;
}

void drain(struct executor *executor, struct acceptor *acceptor,
           struct reactor *reactor)
{
    static const struct async_function function = {ASYNC_OPS, farewell_body,
                                                   NULL};
    struct farewell farewell = {.acceptor = acceptor, .reactor = reactor};
    struct join_handle handle;

    acceptor->options.stop(acceptor->options.data);
    async_init(&farewell.async, &function);
    if (executor_spawn(executor, &farewell.async.base, sizeof farewell,
                       &handle) < 0)
        return;
    executor_run_until(executor, &handle);
    join_handle_detach(&handle);
}
