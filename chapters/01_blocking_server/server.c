/* server.c - an acceptor thread, and one thread a connection.
 *
 * Who owns a connection: its thread from pthread_create() on, until it
 * moves itself to `ended`; from then on whoever takes it out of that list.
 * Threads are joined, not detached: what is joined is really over. */
#include "chapters/01_blocking_server/server.h"

#include "chapters/01_blocking_server/net.h"
#include "chapters/common/container_of.h"
#include "chapters/common/deadline.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void server_log(struct server *server, int error)
{
    if (error < 0 && server->options.log != NULL)
        server->options.log(error, server->options.data);
}

/* With the lock held. */
static void connection_has_read(struct connection *connection)
{
    struct server *server = connection->server;

    if (!connection->is_reading)
        return;
    connection->is_reading = 0;
    server->reading--;
    pthread_cond_broadcast(&server->ended_one);
}

/* The body of a connection's thread. It leaves `running` before it closes
 * the socket: server_stop() must not shut down a number that is somebody
 * else's by then. */
static void *connection_run(void *data)
{
    struct connection *connection = data;
    struct server *server = connection->server;
    int error = server->options.serve(connection, server->options.data);

    server_log(server, error);
    pthread_mutex_lock(&server->lock);
    connection_has_read(connection);
    pthread_mutex_unlock(&server->lock);
    if (error != -EAGAIN) /* S5 */
        net_linger(connection->socket, server->options.send_timeout);
    pthread_mutex_lock(&server->lock);
    list_remove(&connection->link);
    pthread_mutex_unlock(&server->lock);
    close(connection->socket);
    pthread_mutex_lock(&server->lock);
    list_push_back(&server->ended, &connection->link);
    server->live--;
    pthread_cond_broadcast(&server->ended_one);
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

/* Joins the threads that have ended. Without the lock: joining waits. */
static void server_reap(struct server *server)
{
    struct list ended, *link;

    list_init(&ended);
    pthread_mutex_lock(&server->lock);
    list_splice_back(&ended, &server->ended);
    pthread_mutex_unlock(&server->lock);
    while ((link = list_pop_front(&ended)) != NULL) {
        struct connection *connection =
            container_of(link, struct connection, link);

        pthread_join(connection->thread, NULL);
        free(connection);
    }
}

/* No waiting for more to send, which costs short answers 40 ms. */
static void set_options(int socket)
{
    int yes = 1;

    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

/* Starts the thread under the lock, so that it cannot end, and want to
 * leave the list, before it is in it. */
static int connection_start(struct connection *connection)
{
    struct server *server = connection->server;

    pthread_mutex_lock(&server->lock);
    list_push_back(&server->running, &connection->link);
    connection->is_reading = 1;
    server->reading++;
    server->live++;
    int error =
        pthread_create(&connection->thread, NULL, connection_run, connection);

    if (error != 0) {
        list_remove(&connection->link);
        server->reading--;
        server->live--;
    }
    pthread_mutex_unlock(&server->lock);
    return -error;
}

/* A thread for a new connection; on failure the connection is closed. */
static int server_serve(struct server *server, int socket)
{
    /* TODO(1.4): Make a connection, give it to a thread of its own, and
     * close it if that fails. */
    TODO(1.4);
    (void)connection_start, (void)set_options;
    close(socket);
    return -ENOSYS;
}

/* One of the server's words, with the lock. */
static int server_look(struct server *server, const int *word)
{
    pthread_mutex_lock(&server->lock);
    int value = *word;
    pthread_mutex_unlock(&server->lock);
    return value;
}

static int server_is_stopping(struct server *server)
{
    return server_look(server, &server->is_stopping);
}

/* With the lock held: until `*count` is 0 (1), or the deadline is over (0). */
static int server_await_none(struct server *server, const size_t *count,
                             int64_t deadline)
{
    struct timespec until = deadline_time(deadline);

    while (*count > 0)
        if (pthread_cond_timedwait(&server->ended_one, &server->lock, &until) ==
            ETIMEDOUT)
            return *count == 0;
    return 1;
}

/* Until there is something to receive: 1 if that is the stop. */
static int connection_await(struct connection *connection)
{
    struct pollfd sources[] = {
        {.fd = connection->socket, .events = POLLIN},
        {.fd = connection->server->stop_event, .events = POLLIN},
    };

    int ready;

    do
        ready = poll(sources, 2, -1);
    while (ready < 0 && errno == EINTR);
    return ready > 0 && sources[1].revents != 0;
}

/* Of the stop: it will read what has arrived now, and no more. */
static void connection_hear(struct connection *connection)
{
    connection->has_heard = 1;
    if (ioctl(connection->socket, FIONREAD, &connection->unread) < 0)
        connection->unread = 0;
}

/* The end of the stream comes when nobody reads any more (S4). */
static void connection_await_others(struct connection *connection)
{
    struct server *server = connection->server;

    pthread_mutex_lock(&server->lock);
    connection_has_read(connection);
    while (!server->nobody_reads)
        pthread_cond_wait(&server->ended_one, &server->lock);
    pthread_mutex_unlock(&server->lock);
}

ssize_t connection_receive(struct connection *connection, void *bytes,
                           size_t size)
{
    if (!connection->has_heard && connection_await(connection))
        connection_hear(connection);
    if (!connection->has_heard)
        return net_receive(connection->socket, bytes, size);
    if (connection->unread == 0 ||
        server_look(connection->server, &connection->server->nobody_reads)) {
        connection_await_others(connection);
        return 0;
    }
    if (size > (size_t)connection->unread)
        size = (size_t)connection->unread;
    ssize_t received = net_receive(connection->socket, bytes, size);

    if (received > 0)
        connection->unread -= (int)received;
    return received;
}

int connection_send(struct connection *connection, const void *bytes,
                    size_t size)
{
    return net_send_all(connection->socket, bytes, size,
                        connection->server->options.send_timeout);
}

/* Until a connection ends, a tenth of a second passes, or the server is to
 * stop: others in this process may free descriptors without telling us. */
static void server_pause(struct server *server)
{
    struct timespec until = deadline_time(deadline_in(100));

    pthread_mutex_lock(&server->lock);
    if (!server->is_stopping && list_is_empty(&server->ended))
        pthread_cond_timedwait(&server->ended_one, &server->lock, &until);
    pthread_mutex_unlock(&server->lock);
}

/* The body of the acceptor's thread. */
static void *server_accept(void *data)
{
    struct server *server = data;

    while (!server_is_stopping(server)) {
        int socket = net_accept(server->listener);

        /* TODO(1.3): Serve the connection, or log what went wrong, unless
         * the server is stopping; pause when there is no descriptor left
         * (S3). The `break` goes, too: the loop ends with the server only,
         * and each round joins the threads that have ended. */
        TODO(1.3);
        (void)server_serve, (void)server_pause, (void)socket;
        break;
        server_reap(server);
    }
    return NULL;
}

static void server_end(struct server *server)
{
    close(server->stop_event);
    close(server->listener);
    pthread_cond_destroy(&server->ended_one);
    pthread_mutex_destroy(&server->lock);
}

int server_start(struct server *server, const struct server_options *options)
{
    *server = (struct server){.options = *options};
    if (server->options.send_timeout == 0)
        server->options.send_timeout = 5000;
    server->listener = net_listen(options->port);
    if (server->listener < 0)
        return server->listener;
    server->stop_event = eventfd(0, EFD_CLOEXEC);
    if (server->stop_event < 0) {
        int error = -errno;

        close(server->listener);
        return error;
    }
    pthread_mutex_init(&server->lock, NULL);
    deadline_condition_init(&server->ended_one);
    list_init(&server->running);
    list_init(&server->ended);
    int error = pthread_create(&server->acceptor, NULL, server_accept, server);

    if (error != 0)
        server_end(server);
    return -error;
}

int server_port(const struct server *server)
{
    return net_port(server->listener);
}

void server_stop(struct server *server)
{
    /* Wakes the acceptor, whether it accepts or pauses. */
    pthread_mutex_lock(&server->lock);
    server->is_stopping = 1;
    pthread_cond_broadcast(&server->ended_one);
    pthread_mutex_unlock(&server->lock);
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->acceptor, NULL);

    /* TODO(1.5): Make stop_event readable: all that receive hear of it.
     * Wait until nobody reads, tell them so, and wait until no connection
     * is live. Neither wait is for ever (S4). */
    TODO(1.5);
    (void)server_await_none;
    server_reap(server);
    server_end(server);
}
