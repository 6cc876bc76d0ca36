/* echo_task.h - sends back what it receives, until the peer has no more.
 *
 *   H1  Every byte comes back, in order, however slowly the peer reads. The
 *       connection of one that takes nothing for ECHO_PATIENCE_MS is ended by
 *       the kernel: TCP_USER_TIMEOUT (tcp(7)), a deadline that costs no timer.
 *   H2  When the peer has no more the answer ends, too, after the last byte.
 *   H3  A connection costs one task and no other memory: ECHO_BYTES of it
 *       are the buffer.
 *   H4  After an error it lingers: what has come back before arrives (L1).
 *
 * The same as echo.h of chapter 01, as a task. */
#ifndef CHAPTERS_REACTOR_ECHO_TASK_H
#define CHAPTERS_REACTOR_ECHO_TASK_H

#include "chapters/05_async_await/async.h"
#include "chapters/06_reactor/acceptor.h"
#include "chapters/06_reactor/linger.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    /* One page would be half idle for most peers; less, and a large message
     * takes more calls. */
    ECHO_BYTES = 2048,
    /* Less, and a peer that is stopped for a moment is gone; more, and one that
     * never reads holds a connection for longer. */
    ECHO_PATIENCE_MS = 10000,
};

struct echo_task {
    struct async async;
    struct socket socket;
    struct acceptor *acceptor; /* told of the end; or NULL */
    union {
        struct socket_read read;
        struct socket_write_all write;
        struct socket_linger linger;
    };
    int error;
    char bytes[ECHO_BYTES];
};

/* The task takes over the socket. */
void echo_task_init(struct echo_task *echo, struct acceptor *acceptor,
                    struct socket socket);

/* For acceptor_options. */
void echo_task_make(void *frame, struct acceptor *acceptor,
                    struct socket socket);

#ifdef __cplusplus
}
#endif

#endif
