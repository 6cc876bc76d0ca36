/* drain.h - lets the connections of a server end.
 *
 *   Z1  drain() calls the options' stop(), and runs until no connection is
 *       left: what was acknowledged arrives.
 *   Z2  It gives up after STOP_MS, or at a second signal (serve.h). */
#ifndef CHAPTERS_REACTOR_DRAIN_H
#define CHAPTERS_REACTOR_DRAIN_H

#include "chapters/04_executor/executor.h"
#include "chapters/06_reactor/acceptor.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    STOP_MS = 2000 /* whoever reads has read it by then */
};

/* The acceptor's task has ended, or was aborted; stop() is not NULL. */
void drain(struct executor *executor, struct acceptor *acceptor,
           struct reactor *reactor);

#ifdef __cplusplus
}
#endif

#endif
