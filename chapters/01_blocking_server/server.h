/* server.h - one thread a connection.
 *
 *      acceptor thread             connection threads
 *      accept ---- new thread --->  serve(connection)
 *        |                               |
 *        +<--- joins those that ended ---+
 *
 *   S1  serve() runs in a thread of its own for each connection, with a
 *       descriptor that the server closes when it returns.
 *   S2  What goes wrong with one connection is logged and ends that one
 *       connection only.
 *   S3  Without descriptors (EMFILE) the server pauses until a connection
 *       ends, or a while has passed. It does not spin and does not end.
 *   S4  server_stop() accepts nobody any more, lets every connection read
 *       what has arrived and then the end of the stream, and returns when
 *       all threads have ended. Who still has not come to an end after
 *       send_timeout is cut off. No thread, descriptor or memory is left.
 *   S5  A peer that takes no byte for send_timeout milliseconds is gone:
 *       sending to it fails with -EAGAIN.
 *
 * server_start() and server_stop() belong to one thread; serve() and log()
 * are called on many. Rust: TcpListener::incoming and thread::spawn. */
#ifndef CHAPTERS_BLOCKING_SERVER_SERVER_H
#define CHAPTERS_BLOCKING_SERVER_SERVER_H

#include "chapters/common/list.h"

#include <pthread.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct server;

struct connection {
    int socket;
    struct server *server;
    pthread_t thread;
    struct list link; /* in running or ended; protected by server->lock */
};

struct server_options {
    uint16_t port;    /* 0: the kernel chooses */
    int send_timeout; /* milliseconds; 0: 5,000 */
    /* Serves one connection; returns 0 or a negative errno. */
    int (*serve)(struct connection *connection, void *data);
    /* Told of each connection and each accept that failed, but not of the
     * accept that server_stop() ends; may be NULL. */
    void (*log)(int error, void *data);
    void *data; /* handed to both */
};

struct server {
    struct server_options options; /* constant after start */
    int listener;
    pthread_t acceptor;

    pthread_mutex_t lock; /* never held while serving, logging or joining */
    pthread_cond_t ended_one;
    struct list running; /* connections whose threads serve */
    struct list ended;   /* connections whose threads are to be joined */
    size_t live;         /* connections that are not in `ended` yet */
    int is_stopping;
};

/* Listens and accepts from here on. Returns 0 or a negative errno. */
int server_start(struct server *server, const struct server_options *options);

/* The port that it listens on. */
int server_port(const struct server *server);

void server_stop(struct server *server);

#ifdef __cplusplus
}
#endif

#endif
