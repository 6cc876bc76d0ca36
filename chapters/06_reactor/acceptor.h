/* acceptor.h - a task that accepts, and spawns a task a connection.
 *
 *   A1  For each connection `make` makes the future that serves it, in a
 *       frame of `size` bytes that is then spawned. The frame owns the socket
 *       and closes it when it ends.
 *   A2  A connection that fails stops nobody: the acceptor goes on. So it
 *       does when there is no memory for a task; that connection is closed.
 *   A3  When no descriptor is left, or no memory for one, it accepts no more
 *       until a connection ends: acceptor_ended(), which the frame's cleanup
 *       calls. If there is none that could end, that error is its result.
 *   A4  It runs until it is aborted or accepting fails for good.
 *
 * Its task may run anywhere; acceptor_ended() is for any thread.
 * Rust: loop { listener.accept().await; spawn }. */
#ifndef CHAPTERS_REACTOR_ACCEPTOR_H
#define CHAPTERS_REACTOR_ACCEPTOR_H

#include "chapters/03_waker/waker_cell.h"
#include "chapters/04_executor/executor.h"
#include "chapters/05_async_await/async.h"
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
    void *data; /* for make */
};

enum {
    ACCEPTOR_FRAME = 4096
};

struct acceptor {
    struct acceptor_options options; /* constant */
    struct spawner *spawner;
    struct socket listener;
    atomic_member(size_t) live; /* connections that are served */
    unsigned long accepted;     /* since init; for you to read */
    unsigned long exhausted;    /* how often no descriptor was left */
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
