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
    /* TODO(1.1): Send until every byte is sent; go on after a short send
     * and after EINTR; no SIGPIPE. */
    TODO(1.1);
    return -ENOSYS;
}

ssize_t net_receive(int socket, void *bytes, size_t size)
{
    /* TODO(1.1): Receive once; again if a signal interrupted it. */
    TODO(1.1);
    return -ENOSYS;
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
