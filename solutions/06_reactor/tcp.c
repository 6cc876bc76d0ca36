/* tcp.c - a connection is made in the kernel; here is how to hear of it.
 *
 * A listener is ready to read when a connection waits. A socket that connects
 * is ready to write when that has come to an end, good or bad: SO_ERROR
 * says which (connect(2), under EINPROGRESS). */
#include "chapters/06_reactor/tcp.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    SOCKET_FLAGS = SOCK_NONBLOCK | SOCK_CLOEXEC
};

static struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
}

static int set_option(int descriptor, int level, int name)
{
    int yes = 1;

    if (setsockopt(descriptor, level, name, &yes, sizeof yes) < 0)
        return -errno;
    return 0;
}

/* C5. Without it the kernel holds back a last short piece until the peer has
 * acknowledged what went before; and the peer waits for more to acknowledge
 * it with: 40 ms (Nagle's algorithm, and delayed acknowledgements). */
static int hold_nothing_back(int descriptor)
{
    return set_option(descriptor, IPPROTO_TCP, TCP_NODELAY);
}

int tcp_listen(struct socket *listener, struct reactor *reactor, uint16_t port)
{
    struct sockaddr_in address = loopback(port);
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCKET_FLAGS, 0);

    if (descriptor < 0)
        return -errno;
    int error = set_option(descriptor, SOL_SOCKET, SO_REUSEADDR);

    if (error == 0 &&
        (bind(descriptor, (struct sockaddr *)&address, sizeof address) < 0 ||
         listen(descriptor, SOMAXCONN) < 0))
        error = -errno;
    if (error == 0)
        return socket_open(listener, reactor, descriptor, 0);
    close(descriptor);
    return error;
}

int tcp_port(const struct socket *socket)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;

    if (getsockname(socket_descriptor(socket), (struct sockaddr *)&address,
                    &size) < 0)
        return -errno;
    return ntohs(address.sin_port);
}

/* Errors of the connection that failed, which has gone with them: see
 * accept(2), "Error handling". But for EOPNOTSUPP: what cannot accept at all
 * says so, too, and says it again and again. */
static bool belongs_to_connection(int error)
{
    return error == ECONNABORTED || error == ENETDOWN || error == EPROTO ||
           error == ENOPROTOOPT || error == EHOSTDOWN || error == ENONET ||
           error == EHOSTUNREACH || error == ENETUNREACH;
}

static int accept_attempt(struct io_operation *self)
{
    struct tcp_accept *accept = container_of(self, struct tcp_accept, io);

    /* begin 6.8: accept one that holds nothing back, past those that failed;
     * open accept->socket, which may well be ready for both */
    for (;;) {
        int descriptor =
            accept4(self->source->descriptor, NULL, NULL, SOCKET_FLAGS);

        if (descriptor >= 0 && hold_nothing_back(descriptor) == 0)
            return socket_open(&accept->socket, self->source->reactor,
                               descriptor, READY_READ | READY_WRITE);
        if (descriptor >= 0)
            close(descriptor);
        else if (!belongs_to_connection(errno))
            return -errno;
    }
    /* end 6.8: (void)accept, (void)belongs_to_connection;
    (void)hold_nothing_back;
    return -ENOSYS; */
}

void tcp_accept_init(struct tcp_accept *accept, const struct socket *listener)
{
    static const struct io_function function = {IO_OPERATION_OPS, IO_READ,
                                                accept_attempt};

    io_operation_init(&accept->io, &function, listener->source);
    accept->socket.source = NULL;
}

/* Calls connect(2). 0: it has ended or is under way, and the socket is open;
 * otherwise what went wrong. */
static int connect_begin(struct tcp_connect *connecting)
{
    struct sockaddr_in address = loopback(connecting->port);
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCKET_FLAGS, 0);

    if (descriptor < 0)
        return -errno;
    /* begin 6.9: hold_nothing_back(); connect; then open the socket. Not the
     * other way round: until it connects, a socket counts as hung up. */
    int error = hold_nothing_back(descriptor);
    bool is_under_way = false;

    if (error == 0 &&
        connect(descriptor, (struct sockaddr *)&address, sizeof address) < 0) {
        is_under_way = errno == EINTR || errno == EINPROGRESS;
        error = is_under_way ? 0 : -errno;
    }
    if (error < 0) {
        close(descriptor);
        return error;
    }
    return socket_open(&connecting->socket, connecting->reactor, descriptor,
                       is_under_way ? 0 : READY_WRITE);
    /* end 6.9: (void)address, (void)hold_nothing_back;
    close(descriptor);
    return -ENOSYS; */
}

/* The socket of which these are the ends is connected to itself: nobody listens
 * at the port, and the kernel has happened to choose the same one for us. Two
 * that call each other at once are connected, says TCP (RFC 9293, 3.5). */
static bool are_the_same(const struct sockaddr_in *one,
                         const struct sockaddr_in *other)
{
    return one->sin_port == other->sin_port &&
           one->sin_addr.s_addr == other->sin_addr.s_addr;
}

/* Ready to write: it has ended. */
static int connect_attempt(struct io_operation *self)
{
    int descriptor = self->source->descriptor;

    /* begin 6.9: ask how; -EAGAIN if it has not ended after all; and
     * -ECONNREFUSED if it is connected to itself (C2) */
    int error = 0;
    socklen_t size = sizeof error;
    struct sockaddr_in peer, own;
    socklen_t peer_size = sizeof peer, own_size = sizeof own;

    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
        return -errno;
    if (error != 0)
        return -error;
    /* No error and no peer: this event was not the one. */
    if (getpeername(descriptor, (struct sockaddr *)&peer, &peer_size) < 0)
        return errno == ENOTCONN ? -EAGAIN : -errno;
    if (getsockname(descriptor, (struct sockaddr *)&own, &own_size) < 0)
        return -errno;
    return are_the_same(&peer, &own) ? -ECONNREFUSED : 0;
    /* end 6.9: (void)descriptor, (void)are_the_same;
    return -ENOSYS; */
}

/* The socket is the caller's, or closed. */
static enum poll connect_end(struct tcp_connect *connecting, int result)
{
    connecting->io.base.result = result;
    connecting->io.source = NULL; /* a late drop must not touch it */
    if (result < 0)
        socket_close(&connecting->socket);
    return POLL_READY;
}

static enum poll connect_poll(struct future *self, struct context *cx)
{
    struct tcp_connect *connecting =
        container_of(self, struct tcp_connect, io.base.base);

    if (!connecting->has_begun) {
        int error = connect_begin(connecting);

        connecting->has_begun = true;
        if (error < 0)
            return connect_end(connecting, error);
        connecting->io.source = connecting->socket.source;
    }
    if (io_operation_poll(self, cx) == POLL_PENDING)
        return POLL_PENDING;
    return connect_end(connecting, connecting->io.base.result);
}

static void connect_drop(struct future *self)
{
    struct tcp_connect *connecting =
        container_of(self, struct tcp_connect, io.base.base);
    bool is_under_way = connecting->io.source != NULL;

    io_operation_drop(self);
    /* begin 6.9: give up what is under way (C3) */
    if (is_under_way)
        socket_close(&connecting->socket);
    /* end 6.9: (void)is_under_way; */
}

void tcp_connect_init(struct tcp_connect *connecting, struct reactor *reactor,
                      uint16_t port)
{
    static const struct io_function function = {
        {connect_poll, connect_drop}, IO_WRITE, connect_attempt};

    io_operation_init(&connecting->io, &function, NULL);
    connecting->socket.source = NULL;
    connecting->reactor = reactor;
    connecting->port = port;
    connecting->has_begun = false;
}
