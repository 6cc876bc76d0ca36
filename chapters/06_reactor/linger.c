/* linger.c - the end first, then the peer's, and only then close(2). */
#include "chapters/06_reactor/linger.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <sys/socket.h>

static struct socket_linger *linger_of(struct future *self)
{
    return container_of(self, struct socket_linger, io.base.base);
}

/* Reads some bytes, for nobody. */
static int discard_attempt(struct io_operation *self)
{
    char bytes[4096];
    ssize_t count = recv(self->source->descriptor, bytes, sizeof bytes, 0);

    return count < 0 ? -errno : (int)count;
}

/* Closed; a late drop must not touch it. */
static enum poll linger_end(struct socket_linger *linger, int result)
{
    linger->io.base.result = result;
    linger->io.source = NULL;
    socket_close(&linger->socket);
    return POLL_READY;
}

static enum poll linger_poll(struct future *self, struct context *cx)
{
    struct socket_linger *linger = linger_of(self);

    /* TODO(6.11): send the end, once, if it is ours to send; whether that
     * worked, the reads will tell. Then read (io_operation_poll), until a
     * read is pending. linger_end() at the peer's end, after an error, and
     * when more than `left` has come */
    TODO(6.11);
    (void)linger_end;
    linger->owes_the_end = false;
    return linger_end(linger, -ENOSYS);
}

static void linger_drop(struct future *self)
{
    /* TODO(6.11): the read, if one waits; and the socket (L3) */
    TODO(6.11);
    io_operation_drop(self);
}

/* Takes the socket over. */
static void linger_init(struct socket_linger *linger, struct socket *socket,
                        bool owes_the_end)
{
    static const struct io_function function = {
        {linger_poll, linger_drop}, IO_READ, discard_attempt};

    io_operation_init(&linger->io, &function, socket->source);
    linger->socket = *socket;
    linger->left = LINGER_BYTES;
    linger->owes_the_end = owes_the_end;
    socket->source = NULL;
}

void socket_linger_init(struct socket_linger *linger, struct socket *socket)
{
    linger_init(linger, socket, true);
}

void read_half_linger_init(struct socket_linger *linger, struct read_half *half)
{
    linger_init(linger, &half->socket, false);
}
