/* serve.c - the parts of a server, put together and taken apart again. */
#include "chapters/06_reactor/serve.h"

#include "chapters/06_reactor/drain.h"
#include "chapters/common/container_of.h"
#include "chapters/common/log.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int signal_attempt(struct io_operation *self)
{
    struct signalfd_siginfo info;

    if (read(self->source->descriptor, &info, sizeof info) < 0)
        return -errno;
    return (int)info.ssi_signo;
}

static void signal_drop(struct future *self)
{
    struct signal_wait *wait =
        container_of(self, struct signal_wait, io.base.base);

    io_operation_drop(self);
    socket_close(&wait->socket);
}

int signal_wait_init(struct signal_wait *wait, struct reactor *reactor)
{
    static const struct io_function function = {
        {io_operation_poll, signal_drop}, IO_READ, signal_attempt};
    sigset_t signals;
    int descriptor, error;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    descriptor = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    if (descriptor < 0)
        return -errno;
    error = socket_open(&wait->socket, reactor, descriptor, 0);
    if (error < 0)
        return error;
    io_operation_init(&wait->io, &function, wait->socket.source);
    return 0;
}

/* Ready when a signal comes; or when the acceptor has ended, with `error` set:
 * nobody would be served any more, and nobody would be told. */
struct watch {
    struct int_future base;
    struct signal_wait signal;
    struct join_handle acceptor;
    int *error; /* outlives the task */
};

static enum poll watch_poll(struct future *self, struct context *cx)
{
    struct watch *watch = container_of(self, struct watch, base.base);

    if (future_poll(&watch->signal.io.base.base, cx) == POLL_READY) {
        join_handle_abort(&watch->acceptor); /* nobody new from here on */
        return POLL_READY;
    }
    if (future_poll(&watch->acceptor.base.base, cx) == POLL_PENDING)
        return POLL_PENDING;
    *watch->error = watch->acceptor.base.result;
    return POLL_READY;
}

static void watch_drop(struct future *self)
{
    struct watch *watch = container_of(self, struct watch, base.base);

    future_drop(&watch->signal.io.base.base);
    future_drop(&watch->acceptor.base.base);
}

/* The acceptor's task, and the signals. 0 or a negative errno. */
static int watch_init(struct watch *watch, struct acceptor *acceptor,
                      struct reactor *reactor)
{
    static const struct future_ops ops = {watch_poll, watch_drop};
    int error = signal_wait_init(&watch->signal, reactor);

    if (error < 0)
        return error;
    error = acceptor_spawn(acceptor, &watch->acceptor);
    if (error < 0)
        future_drop(&watch->signal.io.base.base);
    watch->base = (struct int_future){{&ops}, 0};
    return error;
}

/* Runs until a signal comes (0), or the acceptor has ended. */
static int run(struct executor *executor, struct acceptor *acceptor,
               struct reactor *reactor)
{
    struct watch watch;
    struct join_handle handle;
    int error = watch_init(&watch, acceptor, reactor);

    if (error < 0)
        return error;
    watch.error = &error;
    error = executor_spawn(executor, &watch.base, sizeof watch, &handle);
    if (error < 0) {
        future_drop(&watch.base.base);
        return error;
    }
    printf("listening on 127.0.0.1, port %d\n", tcp_port(&acceptor->listener));
    fflush(stdout);
    executor_run_until(executor, &handle);
    join_handle_detach(&handle);
    if (error == 0 && acceptor->options.stop != NULL)
        drain(executor, acceptor, reactor);
    return error;
}

/* Nobody waits for whoever reads standard error. */
static struct log trouble;

static void log_trouble(int error, void *data)
{
    (void)data;
    log_line(&trouble, "cannot accept just now, and tries again: %s",
             strerror(-error));
}

int serve_on(struct executor *executor, struct reactor *reactor,
             const struct acceptor_options *options)
{
    struct acceptor_options with_log = *options;
    struct acceptor acceptor;

    survive_broken_pipes();
    log_start(&trouble, STDERR_FILENO);
    if (with_log.log == NULL)
        with_log.log = log_trouble;
    int error =
        acceptor_init(&acceptor, &executor->spawner, reactor, &with_log);

    if (error == 0)
        error = run(executor, &acceptor, reactor);
    executor_end(executor); /* drops all tasks; the acceptor outlives them */
    acceptor_end(&acceptor);
    log_end(&trouble);
    return error;
}

static int serve(const struct acceptor_options *options)
{
    struct reactor reactor;
    struct executor executor;
    int error = reactor_init(&reactor);

    if (error < 0)
        return error;
    error = executor_init(&executor);
    if (error == 0) {
        executor_set_driver(&executor, &reactor.driver);
        error = serve_on(&executor, &reactor, options);
    }
    reactor_end(&reactor);
    return error;
}

int serve_until_signal(const struct acceptor_options *options)
{
    int error = serve(options);

    if (error < 0)
        fprintf(stderr, "cannot serve: %s\n", strerror(-error));
    return error < 0;
}
