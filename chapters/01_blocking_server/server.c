/* server.c - an acceptor thread, and one thread a connection.
 *
 * Who owns a connection: its thread from pthread_create() on, until it
 * moves itself to `ended`; from then on whoever takes it out of that list.
 * Threads are joined, not detached: what is joined is really over. */
#include "chapters/01_blocking_server/server.h"

#include "chapters/01_blocking_server/net.h"
#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static void server_log(struct server *server, int error)
{
    if (error < 0 && server->options.log != NULL)
        server->options.log(error, server->options.data);
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

/* S5; and no waiting for more to send, which costs short answers 40 ms. */
static void set_options(int socket, int send_timeout)
{
    struct timeval timeout = {send_timeout / 1000, send_timeout % 1000 * 1000};
    int yes = 1;

    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

/* Starts the thread under the lock, so that it cannot end, and want to
 * leave the list, before it is in it. */
static int connection_start(struct connection *connection)
{
    struct server *server = connection->server;

    pthread_mutex_lock(&server->lock);
    list_push_back(&server->running, &connection->link);
    server->live++;
    int error =
        pthread_create(&connection->thread, NULL, connection_run, connection);

    if (error != 0) {
        list_remove(&connection->link);
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

/* `milliseconds` from now, for pthread_cond_timedwait(). */
static struct timespec in_milliseconds(int milliseconds)
{
    struct timespec time;

    clock_gettime(CLOCK_REALTIME, &time);
    time.tv_sec += milliseconds / 1000;
    time.tv_nsec += milliseconds % 1000 * 1000000L;
    time.tv_sec += time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

/* Until a connection ends, a tenth of a second passes, or the server is to
 * stop: others in this process may free descriptors without telling us. */
static void server_pause(struct server *server)
{
    struct timespec until = in_milliseconds(100);

    pthread_mutex_lock(&server->lock);
    if (!server->is_stopping && list_is_empty(&server->ended))
        pthread_cond_timedwait(&server->ended_one, &server->lock, &until);
    pthread_mutex_unlock(&server->lock);
}

static int server_is_stopping(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    int is_stopping = server->is_stopping;
    pthread_mutex_unlock(&server->lock);
    return is_stopping;
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
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->ended_one, NULL);
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

    /* TODO(1.5): End every stream, and wait until no connection runs. */
    TODO(1.5);
    server_reap(server);
    server_end(server);
}
