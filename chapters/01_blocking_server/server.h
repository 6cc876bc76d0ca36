/* server.h - one thread a connection.
 *
 *      acceptor thread             connection threads
 *      accept ---- new thread --->  serve(connection)
 *        |                               |
 *        +<--- joins those that ended ---+
 *
 *   S1  serve() runs in a thread of its own for each connection, with a
 *       descriptor that the server closes when it returns; before that it
 *       lingers (N7), for send_timeout at most.
 *   S2  What goes wrong with one connection is logged and ends that one
 *       connection only.
 *   S3  Without descriptors (EMFILE) the server pauses until a connection
 *       ends, or a while has passed. It does not spin and does not end.
 *   S4  server_stop() accepts nobody any more, lets every connection read
 *       what has arrived and then the end of the stream, and returns when
 *       all threads have ended. The end comes to all together, when nobody
 *       reads any more, and so nothing more is promised. Who still reads after
 *       half of send_timeout, or has not come to an end after all of it, is
 *       cut off. No thread, descriptor or memory is left.
 *   S5  A peer has send_timeout milliseconds for what connection_send() sends,
 *       all of it together; else it is gone, and that is -EAGAIN. Then it does
 *       not linger: such a peer reads nothing.
 *   S6  A peer that says nothing may stay for as long as it likes, and costs a
 *       thread. (Chapter 07 has timeouts.)
 *
 * server_start() and server_stop() belong to one thread; serve() and log()
 * are called on many. Rust: TcpListener::incoming and thread::spawn. */
#ifndef CHAPTERS_BLOCKING_SERVER_SERVER_H
#define CHAPTERS_BLOCKING_SERVER_SERVER_H

#include "chapters/common/list.h"

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct server;

struct connection {
    int socket;
    struct server *server;
    pthread_t thread;
    int has_heard; /* of the stop; its thread's, as the next one */
    int unread;    /* bytes that had arrived then, and are still to be read */

    /* protected by server->lock */
    struct list link; /* in running or ended */
    int is_reading;   /* until it has read all that it will read */
};

struct server_options {
    uint16_t port;    /* 0: the kernel chooses */
    int send_timeout; /* milliseconds; 0: 5,000 */
    /* Serves one connection, by connection_receive() and connection_send();
     * returns 0 or a negative errno. */
    int (*serve)(struct connection *connection, void *data);
    /* Told of each connection and each accept that failed, but not of the
     * accept that server_stop() ends; may be NULL. */
    void (*log)(int error, void *data);
    void *data; /* handed to both */
};

struct server {
    struct server_options options; /* constant after start */
    int listener;
    int stop_event; /* an eventfd: readable from the stop on, and never read */
    pthread_t acceptor;

    pthread_mutex_t lock;     /* never held while serving, logging or joining */
    pthread_cond_t ended_one; /* or has read all, or nobody reads any more */
    struct list running;      /* connections whose threads serve */
    struct list ended;        /* connections whose threads are to be joined */
    size_t live;              /* connections that are not in `ended` yet */
    size_t reading;           /* connections that are is_reading */
    int is_stopping;
    int nobody_reads; /* the stop's: now the end comes to all */
};

/* Listens and accepts from here on. Returns 0 or a negative errno. */
int server_start(struct server *server, const struct server_options *options);

/* The port that it listens on. */
int server_port(const struct server *server);

void server_stop(struct server *server);

/* For serve(): waits for bytes, as net_receive() does, or for the stop (S4). */
ssize_t connection_receive(struct connection *connection, void *bytes,
                           size_t size);

/* For serve(): sends all of it, or a negative errno (S5). */
int connection_send(struct connection *connection, const void *bytes,
                    size_t size);

#ifdef __cplusplus
}
#endif

#endif
