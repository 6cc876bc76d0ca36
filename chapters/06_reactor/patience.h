/* patience.h - until a while has passed.
 *
 *   Y1  patience waits for so many milliseconds from its init on, and is ready
 *       then.
 *   Y2  Without a descriptor or memory it is ready at once: who runs out of
 *       those runs out of patience.
 *
 * A while is a descriptor like any other here: timerfd(2). That is one
 * descriptor and four system calls each. Chapter 07 makes a million timers of
 * none. */
#ifndef CHAPTERS_REACTOR_PATIENCE_H
#define CHAPTERS_REACTOR_PATIENCE_H

#include "chapters/06_reactor/io_operation.h"
#include "chapters/06_reactor/socket.h"

#ifdef __cplusplus
extern "C" {
#endif

struct patience {
    struct io_operation io; /* result: 0 */
    struct socket socket;   /* the timerfd; it is closed with the future */
};

void patience_init(struct patience *patience, struct reactor *reactor,
                   long long milliseconds);

#ifdef __cplusplus
}
#endif

#endif
