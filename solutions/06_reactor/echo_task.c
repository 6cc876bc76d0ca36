/* echo_task.c - the loop of chapter 01's echo.c, with AWAIT at the two places
 * where a thread would block. */
#include "chapters/06_reactor/echo_task.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <async_macros.h>

static enum poll echo_body(struct async *self, struct context *cx)
{
    struct echo_task *echo = container_of(self, struct echo_task, async);

    ASYNC(self);
    /* begin 6.13: read; the end is the end; write all of it; again. After an
     * error linger, and return the error */
    do {
        socket_read_init(&echo->read, &echo->socket, echo->bytes, ECHO_BYTES);
        AWAIT(&echo->read.io.base);
        if (self->base.result == 0)
            ASYNC_RETURN(0);
        if (self->base.result < 0)
            break;
        socket_write_all_init(&echo->write, &echo->socket, echo->bytes,
                              (size_t)self->base.result);
        AWAIT(&echo->write.io.base);
    } while (self->base.result == 0);
    echo->error = self->base.result;
    socket_linger_init(&echo->linger, &echo->socket);
    AWAIT(&echo->linger.io.base);
    ASYNC_RETURN(echo->error);
    /* end 6.13: (void)echo;
    ASYNC_RETURN(-ENOSYS); */
    ASYNC_END;
}

static void echo_cleanup(struct async *self)
{
    struct echo_task *echo = container_of(self, struct echo_task, async);

    /* begin 6.13: close the socket, then tell the acceptor, if there is one */
    socket_close(&echo->socket);
    if (echo->acceptor != NULL)
        acceptor_ended(echo->acceptor);
    /* end 6.13: socket_close(&echo->socket); */
}

static const struct async_function echo_function = {ASYNC_OPS, echo_body,
                                                    echo_cleanup};

void echo_task_init(struct echo_task *echo, struct acceptor *acceptor,
                    struct socket socket)
{
    async_init(&echo->async, &echo_function);
    echo->acceptor = acceptor;
    echo->socket = socket;
}

void echo_task_make(void *frame, struct acceptor *acceptor,
                    struct socket socket)
{
    const int patience = ECHO_PATIENCE_MS;

    /* An echo without a deadline is better than none. */
    (void)setsockopt(socket_descriptor(&socket), IPPROTO_TCP, TCP_USER_TIMEOUT,
                     &patience, sizeof patience);
    echo_task_init(frame, acceptor, socket);
}
