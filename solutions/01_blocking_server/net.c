/* net.c - three loops around three system calls.
 *
 * send(2), recv(2) and accept(2) may each do less than they were asked, or
 * be interrupted by a signal. Here, once, is what to do about it. */
#include "chapters/01_blocking_server/net.h"

#include "chapters/common/todo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int net_send_all(int socket, const void *bytes, size_t size)
{
    /* begin 1.1 */
    const char *next = bytes;

    while (size > 0) {
        /* MSG_NOSIGNAL: a peer that is gone is an error, no SIGPIPE (N3). */
        ssize_t sent = send(socket, next, size, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return -errno;
        next += sent;
        size -= (size_t)sent;
    }
    return 0;
    /* end 1.1: return -ENOSYS; */
}

ssize_t net_receive(int socket, void *bytes, size_t size)
{
    /* begin 1.1: Receive once; again if a signal interrupted it. */
    ssize_t received;

    do
        received = recv(socket, bytes, size, 0);
    while (received < 0 && errno == EINTR);
    return received < 0 ? -errno : received;
    /* end 1.1: return -ENOSYS; */
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

/* begin 1.3 */
/* Errors that belong to the connection that failed, not to the listener:
 * see accept(2), "Error handling". */
static int belongs_to_connection(int error)
{
    switch (error) {
    case EINTR:
    case ECONNABORTED:
    case ENETDOWN:
    case EPROTO:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH:
        return 1;
    default:
        return 0;
    }
}
/* end 1.3 */

int net_accept(int listener)
{
    /* begin 1.3: accept4() with SOCK_CLOEXEC (N5); again, if it was the
     * connection that failed (N4). Any other error is the caller's to know. */
    for (;;) {
        int socket = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

        if (socket >= 0)
            return socket;
        if (!belongs_to_connection(errno))
            return -errno;
    }
    /* end 1.3: return -ENOSYS; */
}
