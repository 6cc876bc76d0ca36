/* serve.h - a whole program around an acceptor: for demos.
 *
 * Makes an acceptor, prints its port, and runs until SIGINT or SIGTERM, or
 * until the acceptor ends, which is an error. Then it lets the connections end,
 * if the options have a stop() for that (drain.h), drops every task that is
 * left, and gives everything back. What keeps the acceptor from accepting is a
 * line on standard error, unless the options have a log of their own.
 *
 * A drop does not wait: what a task had still to send is lost then, and what a
 * peer had still to read may be (linger.h).
 *
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
 * executor. 0 or a negative errno. From here on a pipe without a reader does
 * not end the process (log.h). */
int serve_on(struct executor *executor, struct reactor *reactor,
             const struct acceptor_options *options);

/* The same with an executor and a reactor of its own. The exit status of the
 * program: 0, or 1 after a message. */
int serve_until_signal(const struct acceptor_options *options);

#ifdef __cplusplus
}
#endif

#endif
