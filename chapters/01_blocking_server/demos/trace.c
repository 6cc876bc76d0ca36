/* trace.c - two requests and the threads that serve them, for the figure.
 *
 *     COURSE_TRACE=run.trace trace
 *
 * Two clients call cheapo_request() on a server of this chapter, in one
 * process. The calls that block are recorded: this program defines
 * accept4(), recv(), send() and connect() itself, so that the linker takes
 * these, and passes the call on to libc. Your files stay as they are.
 * accept4() and recv() wait for somebody else, so they are recorded as
 * sleep; on this machine connect() and send() just do their work. */
#include "chapters/01_blocking_server/net.h"
#include "chapters/01_blocking_server/request.h"
#include "chapters/01_blocking_server/server.h"
#include "chapters/common/trace.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static void begin(const char *name)
{
    trace(TRACE_BEGIN, NULL, NULL, name);
}

static void end(void)
{
    trace(TRACE_END, NULL, NULL, NULL);
}

static void sleep_in(const char *call)
{
    trace(TRACE_PARK, NULL, NULL, call);
}

static void awake(void)
{
    trace(TRACE_UNPARK, NULL, NULL, NULL);
}

int accept4(int listener, struct sockaddr *address, socklen_t *size, int flags)
{
    int (*real)(int, struct sockaddr *, socklen_t *, int) =
        dlsym(RTLD_NEXT, "accept4");

    trace(TRACE_NAME, NULL, NULL, "acceptor");
    sleep_in("accept");
    int result = real(listener, address, size, flags);

    awake();
    return result;
}

ssize_t recv(int socket, void *bytes, size_t size, int flags)
{
    ssize_t (*real)(int, void *, size_t, int) = dlsym(RTLD_NEXT, "recv");

    sleep_in("recv");
    ssize_t result = real(socket, bytes, size, flags);

    awake();
    return result;
}

ssize_t send(int socket, const void *bytes, size_t size, int flags)
{
    ssize_t (*real)(int, const void *, size_t, int) = dlsym(RTLD_NEXT, "send");

    begin("send");
    ssize_t result = real(socket, bytes, size, flags);

    end();
    return result;
}

int connect(int socket, const struct sockaddr *address, socklen_t size)
{
    int (*real)(int, const struct sockaddr *, socklen_t) =
        dlsym(RTLD_NEXT, "connect");

    begin("connect");
    int result = real(socket, address, size);

    end();
    return result;
}

static void work(long milliseconds)
{
    struct timespec time = {0, milliseconds * 1000000};

    nanosleep(&time, NULL);
}

/* One request, one answer; finding it takes a while. */
static int serve(struct connection *connection, void *data)
{
    static atomic_int count;
    static const char answer[] = "HTTP/1.0 200 OK\r\n\r\nHello, World!\n";
    char request[1024], name[16];

    (void)data;
    snprintf(name, sizeof name, "server %d", ++count);
    trace(TRACE_NAME, NULL, NULL, name);
    ssize_t received = net_receive(connection->socket, request, sizeof request);

    if (received <= 0)
        return (int)received;
    begin("works");
    work(4);
    end();
    return connection_send(connection, answer, sizeof answer - 1);
}

struct client {
    const char *name;
    long delay; /* milliseconds before it calls */
    const char *port;
    int error;
};

static void *client_run(void *data)
{
    struct client *client = data;
    struct response response;

    trace(TRACE_NAME, NULL, NULL, client->name);
    work(client->delay);
    client->error = cheapo_request("127.0.0.1", client->port, "/", &response);
    if (client->error == 0)
        response_end(&response);
    return NULL;
}

static int run_clients(const char *port)
{
    struct client clients[] = {{"client A", 1, port, 0},
                               {"client B", 3, port, 0}};
    pthread_t threads[2];

    for (int i = 0; i < 2; i++)
        if (pthread_create(&threads[i], NULL, client_run, &clients[i]) != 0)
            return 1;
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 2; i++)
        printf("%s: %s\n", clients[i].name,
               clients[i].error == 0 ? "ok" : strerror(-clients[i].error));
    return clients[0].error != 0 || clients[1].error != 0;
}

int main(void)
{
    struct server server;
    struct server_options options = {.serve = serve};
    char port[16];

    int error = server_start(&server, &options);

    if (error < 0) {
        fprintf(stderr, "trace: %s\n", strerror(-error));
        return 1;
    }
    snprintf(port, sizeof port, "%d", server_port(&server));
    int result = run_clients(port);

    server_stop(&server);
    return result;
}
