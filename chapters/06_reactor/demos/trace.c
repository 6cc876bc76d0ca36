/* trace.c - two clients and an echo server, all of them tasks on one thread.
 *
 *     COURSE_TRACE=run.trace trace
 *
 * Each client connects, says a word and hears it again. The sockets are
 * real: between a word and its echo the thread sleeps in the kernel, or
 * somebody else has a turn. Recorded, a run becomes the figure in the lesson.
 */
#include "chapters/06_reactor/echo_task.h"

#include "chapters/03_waker/waker.h"
#include "chapters/common/container_of.h"

#include <stdio.h>
#include <string.h>
#include <async_macros.h>

enum {
    CLIENTS = 2
};

struct client {
    struct async async;
    struct reactor *reactor;
    const char *name;
    uint16_t port;
    struct socket socket;
    union {
        struct tcp_connect connect;
        struct socket_write_all write;
        struct socket_read read;
    };
    char word[8];
};

static enum poll client_body(struct async *self, struct context *cx)
{
    struct client *client = container_of(self, struct client, async);

    ASYNC(self);
    trace(TRACE_NAME, cx->waker->data, NULL, client->name);
    tcp_connect_init(&client->connect, client->reactor, client->port);
    TRY_AWAIT(&client->connect.io.base);
    client->socket = client->connect.socket;
    socket_write_all_init(&client->write, &client->socket, "hello", 5);
    TRY_AWAIT(&client->write.io.base);
    socket_read_init(&client->read, &client->socket, client->word,
                     sizeof client->word);
    TRY_AWAIT(&client->read.io.base);
    printf("%s: %.*s\n", client->name, self->base.result, client->word);
    ASYNC_RETURN(0);
    ASYNC_END;
}

static void client_cleanup(struct async *self)
{
    socket_close(&container_of(self, struct client, async)->socket);
}

static const struct async_function client_function = {ASYNC_OPS, client_body,
                                                      client_cleanup};

static int spawn_client(struct executor *executor, struct reactor *reactor,
                        const char *name, uint16_t port,
                        struct join_handle *handle)
{
    struct client client = {.reactor = reactor, .name = name, .port = port};

    async_init(&client.async, &client_function);
    return executor_spawn(executor, &client.async.base, sizeof client, handle);
}

static int run(struct executor *executor, struct reactor *reactor,
               struct acceptor *acceptor)
{
    static const char *const names[CLIENTS] = {"ann", "bob"};
    struct join_handle handles[CLIENTS];
    uint16_t port = (uint16_t)tcp_port(&acceptor->listener);
    struct join_handle accepting;
    int error = acceptor_spawn(acceptor, &accepting);

    if (error < 0)
        return error;
    trace(TRACE_NAME, accepting.task, NULL, "acceptor");
    join_handle_detach(&accepting);

    for (int i = 0; i < CLIENTS && error == 0; i++)
        error = spawn_client(executor, reactor, names[i], port, &handles[i]);
    for (int i = 0; i < CLIENTS && error == 0; i++) {
        executor_run_until(executor, &handles[i]);
        join_handle_detach(&handles[i]);
    }
    return error;
}

int main(void)
{
    struct executor executor;
    struct reactor reactor;
    struct acceptor acceptor;
    struct acceptor_options options = {.size = sizeof(struct echo_task),
                                       .make = echo_task_make};

    if (reactor_init(&reactor) < 0 || executor_init(&executor) < 0)
        return 1;
    executor_set_driver(&executor, &reactor.driver);
    if (acceptor_init(&acceptor, &executor.spawner, &reactor, &options) < 0)
        return 1;
    int error = run(&executor, &reactor, &acceptor);

    executor_end(&executor);
    acceptor_end(&acceptor);
    reactor_end(&reactor);
    if (error < 0)
        fprintf(stderr, "trace: %s\n", strerror(-error));
    return error < 0;
}
