/* async_macros.h - a body that goes on where it stopped: one big switch.
 *
 *     static enum poll twice_body(struct async *self, struct context *cx)
 *     {
 *         struct twice *twice = container_of(self, struct twice, async);
 *
 *         ASYNC(self);
 *         AWAIT(&twice->first.base);
 *         AWAIT(&twice->second.base);
 *         ASYNC_RETURN(twice->first.result + twice->second.result);
 *         ASYNC_END;
 *     }
 *
 * `self` and `cx` are the names that the macros expect. A label of the
 * switch may stand anywhere inside it, in a loop or an `if`, too; its number
 * is that of the line. So: one AWAIT a line, and no switch of your own
 * around one. Include it with <>: the compiler then finds the file that
 * belongs to the code it builds, yours or the reference. */
#ifndef ASYNC_AWAIT_ASYNC_MACROS_H
#define ASYNC_AWAIT_ASYNC_MACROS_H

#include "chapters/05_async_await/async.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

/* Goes on where the body stopped. */
/* TODO(5.2): Four macros. ASYNC opens a switch on the state, with case 0;
 * AWAIT sets child and state, and puts a case there that polls;
 * ASYNC_RETURN returns what async_return() returns; ASYNC_END closes the
 * switch. */
#define ASYNC(self)         TODO(5.2)
#define AWAIT(future)       (void)(future), (void)cx
#define ASYNC_RETURN(value) return (void)(value), POLL_PENDING
#define ASYNC_END           return POLL_PENDING

/* AWAIT, and out of here if it brought an error. */
/* TODO(5.4): One macro: AWAIT, then ASYNC_RETURN if the result of the await
 * is an error. */
#define TRY_AWAIT(future) \
    do {                  \
        TODO(5.4);        \
        AWAIT(future);    \
    } while (0)

#endif
