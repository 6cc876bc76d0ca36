/* udp.c - the same loop around two other calls. */
#include "chapters/06_reactor/udp.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
}

int udp_bind(struct socket *socket_, struct reactor *reactor, uint16_t port)
{
    struct sockaddr_in address = loopback(port);
    int descriptor =
        socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (descriptor < 0)
        return -errno;
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) == 0)
        return socket_open(socket_, reactor, descriptor, READY_WRITE);
    int error = -errno;

    close(descriptor);
    return error;
}

static int receive_attempt(struct io_operation *self)
{
    struct udp_receive *receive = container_of(self, struct udp_receive, io);

    /* begin 6.12: receive once, with the sender's address, and the whole size
     * even of a datagram that does not fit (MSG_TRUNC) */
    struct sockaddr_in from = {0};
    socklen_t size = sizeof from;
    ssize_t count =
        recvfrom(self->source->descriptor, receive->bytes, receive->size,
                 MSG_TRUNC, (struct sockaddr *)&from, &size);

    if (count < 0)
        return -errno;
    receive->from = ntohs(from.sin_port);
    return (int)count;
    /* end 6.12: (void)receive;
    return -ENOSYS; */
}

static int send_attempt(struct io_operation *self)
{
    struct udp_send *sending = container_of(self, struct udp_send, io);
    struct sockaddr_in to = loopback(sending->to);

    /* begin 6.12: send once */
    ssize_t count =
        sendto(self->source->descriptor, sending->bytes, sending->size,
               MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof to);

    return count < 0 ? -errno : (int)count;
    /* end 6.12: (void)sending, (void)to;
    return -ENOSYS; */
}

void udp_receive_init(struct udp_receive *receive, const struct socket *socket,
                      void *bytes, size_t size)
{
    static const struct io_function function = {IO_OPERATION_OPS, IO_READ,
                                                receive_attempt};

    io_operation_init(&receive->io, &function, socket->source);
    receive->bytes = bytes;
    receive->size = size;
    receive->from = 0;
}

void udp_send_init(struct udp_send *sending, const struct socket *socket,
                   const void *bytes, size_t size, uint16_t to)
{
    static const struct io_function function = {IO_OPERATION_OPS, IO_WRITE,
                                                send_attempt};

    io_operation_init(&sending->io, &function, socket->source);
    sending->bytes = bytes;
    sending->size = size;
    sending->to = to;
}
