/* connections.c - ten thousand idle connections and a thousand busy ones, on
 * one thread: what each costs, beside chapter 01's threads.
 *
 *     connections [FILE.svg]
 *
 * A child process plays all clients. It connects, tells the server through a
 * pipe how far it is, and then lets the busy ones send and receive: each
 * REQUESTS times, a message at a time. Everything is on the loopback, and
 * ends by itself. Memory is what the process has more of, divided by the
 * connections: stacks, heap and all; what the kernel keeps for a socket is
 * the same for threads and tasks, and is not in it. */
#include "chapters/01_blocking_server/thread_cost.h"
#include "chapters/04_executor/yield.h"
#include "chapters/06_reactor/echo_task.h"
#include "chapters/common/chart.h"
#include "chapters/common/container_of.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <async_macros.h>

enum {
    IDLE = 10000,
    BUSY = 1000,
    REQUESTS = 100, /* a busy connection */
    MESSAGE = 64,   /* bytes */
    STAGES = 5,     /* how far the clients are; see stage_counts */
    SECONDS = 120,  /* and then the clients give up */
};

/* Connections at the end of each stage; at the last one the busy ones are
 * done as well. */
static const int stage_counts[STAGES] = {10, 100, 1000, IDLE, IDLE + BUSY};

/* ------------------------------------------------------------- the clients */

static int connect_once(int port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int client = socket(AF_INET, SOCK_STREAM, 0);

    if (client < 0 ||
        connect(client, (struct sockaddr *)&address, sizeof address) < 0) {
        perror("a client cannot connect");
        exit(1);
    }
    return client;
}

/* One message out, or all of one in. */
static void exchange(struct pollfd *client, int *left)
{
    char message[MESSAGE] = {0};

    if (client->revents & POLLIN) {
        ssize_t got = recv(client->fd, message, MESSAGE, MSG_WAITALL);

        if (got != MESSAGE || --*left == 0) {
            client->events = 0;
            client->fd = -1;
            return;
        }
    }
    if (send(client->fd, message, MESSAGE, MSG_NOSIGNAL) != MESSAGE)
        exit(1);
    client->events = POLLIN;
}

/* All busy clients, until each has had its REQUESTS. */
static void be_busy(struct pollfd *clients)
{
    static int left[BUSY];

    for (int i = 0; i < BUSY; i++) {
        left[i] = REQUESTS;
        clients[i].events = POLLOUT;
    }
    for (int ready; (ready = poll(clients, BUSY, 1000)) > 0;)
        for (int i = 0; i < BUSY; i++)
            if (clients[i].revents != 0)
                exchange(&clients[i], &left[i]);
}

/* Waits until the server has looked. */
static void tell(int server)
{
    char byte = 0;

    if (send(server, &byte, 1, MSG_NOSIGNAL) != 1 ||
        recv(server, &byte, 1, 0) != 1)
        exit(1);
}

static void play_clients(int server, int port)
{
    static struct pollfd clients[IDLE + BUSY];
    int count = 0;

    alarm(SECONDS);
    for (int stage = 0; stage < STAGES; stage++) {
        while (count < stage_counts[stage])
            clients[count++].fd = connect_once(port);
        tell(server);
    }
    be_busy(&clients[IDLE]);
    tell(server);
    exit(0);
}

/* -------------------------------------------------------------- the server */

struct sight {
    double memory;  /* bytes, resident */
    double seconds; /* of processor time */
    double time;    /* seconds, of a clock */
    unsigned long turns;
};

/* Looks at the process each time when the clients say so. */
struct referee {
    struct async async;
    struct reactor *reactor;
    struct acceptor *acceptor;
    struct sight *sights; /* one for each stage, one for the end */
    int stage;
    struct socket clients;
    union {
        struct socket_read read;
        struct socket_write_all write;
        struct yield yield;
    };
    char byte;
};

static double seconds(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double resident(void)
{
    long pages = 0, skipped;
    FILE *file = fopen("/proc/self/statm", "r");

    if (file == NULL || fscanf(file, "%ld %ld", &skipped, &pages) != 2)
        pages = 0;
    if (file != NULL)
        fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static void look(const struct reactor *reactor, struct sight *sight)
{
    sight->memory = resident();
    sight->seconds = seconds(CLOCK_PROCESS_CPUTIME_ID);
    sight->time = seconds(CLOCK_MONOTONIC);
    sight->turns = reactor->turns;
}

static enum poll referee_body(struct async *self, struct context *cx)
{
    struct referee *referee = container_of(self, struct referee, async);

    ASYNC(self);
    for (referee->stage = 0; referee->stage <= STAGES; referee->stage++) {
        socket_read_init(&referee->read, &referee->clients, &referee->byte, 1);
        TRY_AWAIT(&referee->read.io.base);
        if (self->base.result == 0)
            ASYNC_RETURN(-EPIPE);
        /* The clients are connected; let all of them be served. */
        while (referee->stage < STAGES &&
               referee->acceptor->live < (size_t)stage_counts[referee->stage]) {
            yield_init(&referee->yield);
            AWAIT(&referee->yield.base);
        }
        look(referee->reactor, &referee->sights[referee->stage]);
        socket_write_all_init(&referee->write, &referee->clients,
                              &referee->byte, 1);
        TRY_AWAIT(&referee->write.io.base);
    }
    ASYNC_RETURN(0);
    ASYNC_END;
}

static void referee_cleanup(struct async *self)
{
    socket_close(&container_of(self, struct referee, async)->clients);
}

static const struct async_function referee_function = {ASYNC_OPS, referee_body,
                                                       referee_cleanup};

/* Serves until the clients are done. 0 or a negative errno. */
static int serve(struct executor *executor, struct reactor *reactor,
                 struct acceptor *acceptor, int clients, struct sight *sights)
{
    struct referee referee = {
        .reactor = reactor, .acceptor = acceptor, .sights = sights};
    struct join_handle handle;
    int error;

    error = socket_open(&referee.clients, reactor, clients, READY_WRITE);
    if (error < 0)
        return error;
    async_init(&referee.async, &referee_function);
    error =
        executor_spawn(executor, &referee.async.base, sizeof referee, &handle);
    if (error == 0)
        error = acceptor_spawn(acceptor, NULL);
    if (error < 0)
        return error;
    executor_run_until(executor, &handle);
    struct waker none = {NULL, NULL};
    struct context cx = {&none};

    future_poll(&handle.base.base, &cx); /* complete: it keeps no waker */
    error = handle.base.result;
    future_drop(&handle.base.base);
    return error;
}

/* ----------------------------------------------------------------- figures */

static void print(const struct sight *before, const struct sight *sights)
{
    const struct sight *start = &sights[STAGES - 1], *end = &sights[STAGES];
    double requests = (double)BUSY * REQUESTS;

    printf("%12s %14s\n", "connections", "memory B each");
    for (int i = 0; i < STAGES; i++)
        printf("%12d %14.0f\n", stage_counts[i],
               (sights[i].memory - before->memory) / stage_counts[i]);
    printf("%12s %14.0f\n", "and busy",
           (end->memory - before->memory) / (IDLE + BUSY));
    printf("\n%.0f requests by %d of %d connections:\n", requests, BUSY,
           IDLE + BUSY);
    printf("%12.2f epoll_wait() a request\n",
           (double)(end->turns - start->turns) / requests);
    printf("%12.1f us of processor time a request, the kernel's included\n",
           (end->seconds - start->seconds) / requests * 1e6);
    printf("%12.0f requests a second\n", requests / (end->time - start->time));
}

static int draw(const char *path, const struct sight *before,
                const struct sight *sights)
{
    static const size_t counts[] = {10, 100, 1000, 5000};
    struct chart_line lines[2] = {
        {"a thread each (chapter 01)", "#b3261e", 4, {0}, {0}},
        {"a task each", "#00639b", STAGES, {0}, {0}},
    };

    for (int i = 0; i < 4; i++) {
        struct thread_cost cost;

        if (thread_cost_measure(counts[i], &cost) < 0)
            return -1;
        lines[0].x[i] = (double)cost.count;
        lines[0].y[i] = (cost.resident + cost.kernel) * (double)cost.count;
        printf("%12zu %14.0f a thread each\n", cost.count,
               cost.resident + cost.kernel);
    }
    for (int i = 0; i < STAGES; i++) {
        double memory = sights[i].memory - before->memory;

        lines[1].x[i] = stage_counts[i];
        lines[1].y[i] = memory < 4096 ? 4096 : memory; /* a page at least */
    }
    return chart_draw(path, "Memory of the server, without the sockets'", lines,
                      2);
}

static void allow_descriptors(void)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < IDLE + BUSY + 20) {
        fprintf(stderr, "this needs %d descriptors, and `ulimit -Hn` is %lu\n",
                IDLE + BUSY + 20, (unsigned long)limit.rlim_max);
        exit(1);
    }
}

int main(int count, char **arguments)
{
    static struct sight sights[STAGES + 1];
    struct acceptor_options options = {.size = sizeof(struct echo_task),
                                       .make = echo_task_make};
    struct sight before;
    struct executor executor;
    struct reactor reactor;
    struct acceptor acceptor;
    int ends[2];

    allow_descriptors();
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0 ||
        fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 || reactor_init(&reactor) < 0 ||
        executor_init(&executor) < 0)
        return 1;
    executor_set_driver(&executor, &reactor.driver);
    if (acceptor_init(&acceptor, &executor.spawner, &reactor, &options) < 0)
        return 1;
    pid_t child = fork();

    if (child == 0) {
        close(ends[0]);
        play_clients(ends[1], tcp_port(&acceptor.listener));
    }
    close(ends[1]);
    look(&reactor, &before);
    int error = serve(&executor, &reactor, &acceptor, ends[0], sights);

    executor_end(&executor);
    acceptor_end(&acceptor);
    reactor_end(&reactor);
    waitpid(child, NULL, 0);
    if (error < 0) {
        fprintf(stderr, "connections: %s\n", strerror(-error));
        return 1;
    }
    print(&before, sights);
    if (count > 1 && draw(arguments[1], &before, sights) != 0) {
        fprintf(stderr, "connections: cannot write %s\n", arguments[1]);
        return 1;
    }
    return 0;
}
