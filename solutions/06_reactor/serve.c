/* serve.c - the parts of a server, put together and taken apart again. */
#include "chapters/06_reactor/serve.h"

#include "chapters/common/container_of.h"

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

/* Runs the acceptor's task until the signal's is complete. */
static int run(struct executor *executor, struct acceptor *acceptor,
               struct reactor *reactor)
{
    struct signal_wait wait;
    struct join_handle handle;
    int error = signal_wait_init(&wait, reactor);

    if (error < 0)
        return error;
    error = executor_spawn(executor, &wait.io.base, sizeof wait, &handle);
    if (error < 0) {
        future_drop(&wait.io.base.base);
        return error;
    }
    error = acceptor_spawn(acceptor, NULL);
    if (error == 0) {
        printf("listening on 127.0.0.1, port %d\n",
               tcp_port(&acceptor->listener));
        fflush(stdout);
        executor_run_until(executor, &handle);
    }
    join_handle_detach(&handle);
    return error;
}

int serve_on(struct executor *executor, struct reactor *reactor,
             const struct acceptor_options *options)
{
    struct acceptor acceptor;
    int error = acceptor_init(&acceptor, &executor->spawner, reactor, options);

    if (error == 0)
        error = run(executor, &acceptor, reactor);
    executor_end(executor); /* drops all tasks; the acceptor outlives them */
    acceptor_end(&acceptor);
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
