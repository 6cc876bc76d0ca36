/* socket.c - calls that send and receive bytes, as futures. */
#include "chapters/06_reactor/socket.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* TCP itself, and nothing that only looks like it. */
static bool is_tcp(int descriptor)
{
    int protocol = 0;
    socklen_t size = sizeof protocol;

    return getsockopt(descriptor, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) ==
               0 &&
           protocol == IPPROTO_TCP;
}

int socket_open(struct socket *socket, struct reactor *reactor, int descriptor,
                uint16_t bits)
{
    int error = reactor_register(reactor, descriptor, bits, &socket->source);

    if (error < 0)
        close(descriptor);
    else
        socket->source->short_reads_tell = is_tcp(descriptor);
    return error;
}

void socket_close(struct socket *socket)
{
    if (socket->source != NULL)
        io_source_close(socket->source);
    socket->source = NULL;
}

int socket_descriptor(const struct socket *socket)
{
    return socket->source->descriptor;
}

int socket_pair(struct socket ends[2], struct reactor *reactor)
{
    int pair[2], error;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
                   pair) < 0)
        return -errno;
    error = socket_open(&ends[0], reactor, pair[0], READY_WRITE);
    if (error < 0) {
        close(pair[1]);
        return error;
    }
    error = socket_open(&ends[1], reactor, pair[1], READY_WRITE);
    if (error < 0)
        socket_close(&ends[0]);
    return error;
}

/* What may be asked for at once (S7). */
static size_t limited(size_t size)
{
    return size < INT_MAX ? size : INT_MAX;
}

/* S8. What else makes a read short: urgent data on TCP; on sockets of this
 * machine descriptors that came along, another sender, an urgent byte; the end
 * of a message, where there are messages. */
static int read_attempt(struct io_operation *self)
{
    struct socket_read *read = container_of(self, struct socket_read, io);
    size_t size = limited(read->size);

    /* begin 6.6: receive once; spare the next call, if this one proves how it
     * would end */
    ssize_t count = recv(self->source->descriptor, read->bytes, size, 0);

    if (count < 0)
        return -errno;
    if (count > 0 && (size_t)count < size && self->source->short_reads_tell &&
        !(self->ready.bits & READY_URGENT))
        io_operation_exhausted(self);
    return (int)count;
    /* end 6.6: (void)size;
    return -ENOSYS; */
}

static int write_attempt(struct io_operation *self)
{
    struct socket_write *write = container_of(self, struct socket_write, io);
    size_t size = limited(write->size);

    /* begin 6.6: send once; no SIGPIPE (S6) */
    ssize_t count =
        send(self->source->descriptor, write->bytes, size, MSG_NOSIGNAL);

    return count < 0 ? -errno : (int)count;
    /* end 6.6: (void)size;
    return -ENOSYS; */
}

static int write_all_attempt(struct io_operation *self)
{
    struct socket_write_all *write =
        container_of(self, struct socket_write_all, io);

    /* begin 6.7: send what is left, until nothing is or a send fails; count in
     * write->done */
    while (write->done < write->size) {
        size_t left = limited(write->size - write->done);
        ssize_t sent = send(self->source->descriptor,
                            write->bytes + write->done, left, MSG_NOSIGNAL);

        if (sent < 0)
            return -errno;
        write->done += (size_t)sent;
    }
    return 0;
    /* end 6.7: (void)write;
    return -ENOSYS; */
}

/* sendmsg(2) is writev(2) with flags: MSG_NOSIGNAL has no other place. */
static int write_vector_attempt(struct io_operation *self)
{
    struct socket_write_vector *write =
        container_of(self, struct socket_write_vector, io);

    /* begin 6.7: one sendmsg() of all pieces */
    struct msghdr message = {
        .msg_iov = (struct iovec *)write->pieces,
        .msg_iovlen = (size_t)write->count,
    };
    ssize_t sent = sendmsg(self->source->descriptor, &message, MSG_NOSIGNAL);

    return sent < 0 ? -errno : (int)sent;
    /* end 6.7: (void)write;
    return -ENOSYS; */
}

static const struct io_function read_function = {IO_OPERATION_OPS, IO_READ,
                                                 read_attempt};
static const struct io_function write_function = {IO_OPERATION_OPS, IO_WRITE,
                                                  write_attempt};
static const struct io_function write_all_function = {
    IO_OPERATION_OPS, IO_WRITE, write_all_attempt};
static const struct io_function write_vector_function = {
    IO_OPERATION_OPS, IO_WRITE, write_vector_attempt};

void socket_read_init(struct socket_read *read, const struct socket *socket,
                      void *bytes, size_t size)
{
    io_operation_init(&read->io, &read_function, socket->source);
    read->bytes = bytes;
    read->size = size;
}

void socket_write_init(struct socket_write *write, const struct socket *socket,
                       const void *bytes, size_t size)
{
    io_operation_init(&write->io, &write_function, socket->source);
    write->bytes = bytes;
    write->size = size;
}

void socket_write_all_init(struct socket_write_all *write,
                           const struct socket *socket, const void *bytes,
                           size_t size)
{
    io_operation_init(&write->io, &write_all_function, socket->source);
    write->bytes = bytes;
    write->size = size;
    write->done = 0;
}

void socket_write_vector_init(struct socket_write_vector *write,
                              const struct socket *socket,
                              const struct iovec *pieces, int count)
{
    io_operation_init(&write->io, &write_vector_function, socket->source);
    write->pieces = pieces;
    write->count = count;
}

int socket_shutdown(struct socket *socket)
{
    /* begin 6.7: shut down writing, and nothing else; ENOTCONN says that the
     * connection has ended already, which is no error */
    if (shutdown(socket_descriptor(socket), SHUT_WR) < 0 && errno != ENOTCONN)
        return -errno;
    return 0;
    /* end 6.7: return -ENOSYS; */
}
