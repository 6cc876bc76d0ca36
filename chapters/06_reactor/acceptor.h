/* acceptor.h - a task that accepts, and spawns a task a connection.
 *
 *   A1  For each connection `make` makes the future that serves it, in a
 *       frame of `size` bytes that is then spawned. The frame owns the socket
 *       and closes it when it ends.
 *   A2  A connection that fails stops nobody: the acceptor goes on. So it
 *       does when there is no memory for a task; that connection is closed.
 *   A3  Any other error passes: no descriptor is left, no memory, a firewall
 *       says no. It accepts no more until a connection ends, which may give
 *       something back (acceptor_ended(), which the frame's cleanup calls), or
 *       ACCEPTOR_PAUSE is over, and tries again, for as long as it takes.
 *       `log` is told of the first such error of a row.
 *   A4  It runs until it is aborted, or the listener is none (EBADF, EINVAL and
 *       their like): that error is its result, for whoever joins it.
 *
 * Its task may run anywhere; acceptor_ended() is for any thread.
 * Rust: loop { listener.accept().await; spawn }. */
#ifndef CHAPTERS_REACTOR_ACCEPTOR_H
#define CHAPTERS_REACTOR_ACCEPTOR_H

#include "chapters/03_waker/waker_cell.h"
#include "chapters/04_executor/executor.h"
#include "chapters/05_async_await/async.h"
#include "chapters/06_reactor/alarm.h"
#include "chapters/06_reactor/tcp.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct acceptor;

struct acceptor_options {
    uint16_t port; /* 0: the kernel chooses */
    size_t size;   /* of a frame; at most ACCEPTOR_FRAME */
    /* Makes the frame at `frame`, which takes over the socket. */
    void (*make)(void *frame, struct acceptor *acceptor, struct socket socket);
    /* Told of what keeps it from accepting (A3); may be NULL. It must not
     * wait: nobody is accepted meanwhile. */
    void (*log)(int error, void *data);
    /* Asks all connections to end soon (drain.h); or NULL. */
    void (*stop)(void *data);
    void *data; /* for all three */
};

enum {
    ACCEPTOR_FRAME = 4096,
    /* Milliseconds. A tenth of a second late is late enough for somebody who
     * waits for a page; ten calls in vain a second cost nothing. */
    ACCEPTOR_PAUSE = 100,
};

struct acceptor {
    struct acceptor_options options; /* constant */
    struct spawner *spawner;
    struct socket listener;
    struct alarm alarm; /* its own from the start: later none may be left */
    atomic_member(size_t) live; /* connections that are served */
    unsigned long accepted;     /* since init; for you to read */
    unsigned long pauses;       /* how often it could accept nobody */
    int failing;                /* the error that `log` was told of, or 0 */
    struct waker_cell room;     /* woken when a connection ends */
};

/* Listens. 0 or a negative errno. The acceptor must not move afterwards. */
int acceptor_init(struct acceptor *acceptor, struct spawner *spawner,
                  struct reactor *reactor,
                  const struct acceptor_options *options);

/* Closes the listener. Its task has ended before. */
void acceptor_end(struct acceptor *acceptor);

/* Spawns the task that accepts; see executor_spawn(). */
int acceptor_spawn(struct acceptor *acceptor, struct join_handle *handle);

/* A connection has ended and closed its socket. */
void acceptor_ended(struct acceptor *acceptor);

#ifdef __cplusplus
}
#endif

#endif
