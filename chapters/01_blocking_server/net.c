/* net.c - loops around system calls.
 *
 * send(2), recv(2) and accept(2) may each do less than they were asked, or
 * be interrupted by a signal. Here, once, is what to do about it. */
#include "chapters/01_blocking_server/net.h"

#include "chapters/common/deadline.h"
#include "chapters/common/todo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    /* Milliseconds. poll() tells of room in a TCP socket when a third of its
     * buffer is free, which may be a megabyte; send() takes bytes as soon as
     * there is any. So it is tried again after a while. Less often, and who
     * reads slowly is taken for one that does not read; more often, and waiting
     * is work. */
    SEND_AGAIN = 100,

    /* Of a peer that has received everything: another round trip and more. */
    LINGER_SILENCE = 200
};

/* poll() on one socket, until the deadline and for `most` milliseconds. */
static int poll_for(int socket, short events, int64_t deadline, int most)
{
    struct pollfd descriptor = {.fd = socket, .events = events};
    int left = deadline_left(deadline);

    return poll(&descriptor, 1, left < 0 || left > most ? most : left);
}

/* Waits for room: 1 when send() is worth another try, and 0, with errno as
 * send() has left it, after the deadline. */
static int await_room(int socket, int64_t deadline)
{
    if (deadline_left(deadline) == 0)
        return 0;
    poll_for(socket, POLLOUT, deadline, SEND_AGAIN);
    return 1;
}

int net_send_all(int socket, const void *bytes, size_t size, int timeout)
{
    int64_t deadline = deadline_in(timeout);

    /* TODO(1.1): Send until all is sent, with MSG_DONTWAIT; await_room()
     * when there is none (EAGAIN). */
    TODO(1.1);
    (void)await_room, (void)deadline;
    return -ENOSYS;
}

ssize_t net_receive(int socket, void *bytes, size_t size)
{
    /* TODO(1.1): Receive once; again if a signal interrupted it. */
    TODO(1.1);
    return -ENOSYS;
}

/* Does the peer's kernel have all bytes, and the end behind them? */
static int has_all(int socket)
{
    int unacknowledged;

    return ioctl(socket, SIOCOUTQ, &unacknowledged) == 0 && unacknowledged == 0;
}

void net_linger(int socket, int timeout)
{
    int64_t deadline = deadline_in(timeout);

    /* TODO(1.5): Shut down for writing; receive until there is an end, an
     * error, or no time left; or silence (poll_for()) when the peer
     * has_all(). */
    TODO(1.5);
    (void)has_all, (void)deadline;
}

static struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
}

int net_listen(uint16_t port)
{
    struct sockaddr_in address = loopback(port);
    int yes = 1;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (listener < 0)
        return -errno;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    /* SOMAXCONN: a backlog that overflows costs clients seconds of
     * retransmission, a long one costs nothing. */
    if (bind(listener, (struct sockaddr *)&address, sizeof address) == 0 &&
        listen(listener, SOMAXCONN) == 0)
        return listener;
    int error = -errno;

    close(listener);
    return error;
}

int net_port(int socket)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;

    if (getsockname(socket, (struct sockaddr *)&address, &size) < 0)
        return -errno;
    return ntohs(address.sin_port);
}

int net_accept(int listener)
{
    /* TODO(1.3): accept4() with SOCK_CLOEXEC (N5); again, if it was the
     * connection that failed (N4). Any other error is the caller's to know. */
    TODO(1.3);
    return -ENOSYS;
}
