/* serve.h - a whole program around an acceptor: for demos.
 *
 * Makes an acceptor, prints its port, and runs until SIGINT or SIGTERM; then
 * drops every task and gives everything back.
 * A signal is a descriptor like any other here: signalfd(2). */
#ifndef CHAPTERS_REACTOR_SERVE_H
#define CHAPTERS_REACTOR_SERVE_H

#include "chapters/06_reactor/acceptor.h"
#include "chapters/06_reactor/io_operation.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Ready when a SIGINT or SIGTERM comes; its result is the signal's number. */
struct signal_wait {
    struct io_operation io;
    struct socket socket; /* the signalfd */
};

/* Blocks the two signals for this thread. 0 or a negative errno. */
int signal_wait_init(struct signal_wait *wait, struct reactor *reactor);

/* Runs an acceptor on that executor, which sleeps in that reactor, and ends the
 * executor. 0 or a negative errno. */
int serve_on(struct executor *executor, struct reactor *reactor,
             const struct acceptor_options *options);

/* The same with an executor and a reactor of its own. The exit status of the
 * program: 0, or 1 after a message. */
int serve_until_signal(const struct acceptor_options *options);

#ifdef __cplusplus
}
#endif

#endif
