/* request.c - resolve, connect, send, read to the end.
 *
 * Four places to wait in, and in each of them this thread does nothing
 * else: that is the picture to keep in mind for the rest of the course. */
#include "chapters/01_blocking_server/request.h"

#include "chapters/01_blocking_server/net.h"
#include "chapters/common/arguments.h"
#include "chapters/common/todo.h"

#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* begin 1.2 */
/* A connect() that was interrupted goes on by itself: see connect(2). */
static int await_connection(int socket_)
{
    struct pollfd writable = {.fd = socket_, .events = POLLOUT};
    int error = 0;
    socklen_t size = sizeof error;

    while (poll(&writable, 1, -1) < 0)
        if (errno != EINTR)
            return -errno;
    if (getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
        return -errno;
    return -error;
}

/* The kernel chooses our port. Where nobody listens on theirs, it may choose
 * the same one, and connect the socket to itself (RFC 9293, 3.5: a simultaneous
 * open). The port is one that it chooses from, then. */
static int is_connected_to_itself(int socket)
{
    struct sockaddr_storage own = {0}, peer = {0};
    socklen_t own_size = sizeof own, peer_size = sizeof peer;

    return getsockname(socket, (struct sockaddr *)&own, &own_size) == 0 &&
           getpeername(socket, (struct sockaddr *)&peer, &peer_size) == 0 &&
           own_size == peer_size && memcmp(&own, &peer, own_size) == 0;
}

/* A socket connected to one address, or a negative errno. */
static int connect_to(const struct addrinfo *address)
{
    int socket_ =
        socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC, 0);

    if (socket_ < 0)
        return -errno;
    int error = 0;

    if (connect(socket_, address->ai_addr, address->ai_addrlen) < 0)
        error = errno == EINTR ? await_connection(socket_) : -errno;
    if (error == 0 && is_connected_to_itself(socket_))
        error = -ECONNREFUSED;
    if (error == 0)
        return socket_;
    close(socket_);
    return error;
}

/* A number from 1 to 65535, or what may be the name of a service. To glibc's
 * getaddrinfo() (2.36), 70000 is 4464, and 4294967376 is 80. */
static int is_port(const char *text)
{
    long number;

    for (const char *each = text; *each != '\0'; each++)
        if (isalpha((unsigned char)*each))
            return 1;
    return number_parse(text, 1, 65535, &number) == 0;
}

/* A socket connected to the first address of the host that answers. */
static int connect_to_host(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *addresses;
    int result = -EHOSTUNREACH;

    if (getaddrinfo(host, port, &hints, &addresses) != 0)
        return -EHOSTUNREACH;
    for (struct addrinfo *each = addresses; each; each = each->ai_next) {
        result = connect_to(each);
        if (result >= 0)
            break;
    }
    freeaddrinfo(addresses);
    return result;
}

/* HTTP/1.0: the server closes when it has said everything. */
static int send_request(int socket, const char *host, const char *path)
{
    char text[REQUEST_LIMIT + 1]; /* snprintf() ends it with a NUL */
    int length = snprintf(text, sizeof text,
                          "GET %s HTTP/1.0\r\nHost: %s\r\n\r\n", path, host);

    if (length < 0 || length > REQUEST_LIMIT)
        return -ENAMETOOLONG;
    return net_send_all(socket, text, (size_t)length, -1);
}

static int read_to_end(int socket, struct response *response)
{
    for (;;) {
        size_t room = RESPONSE_LIMIT - response->length;
        ssize_t received =
            net_receive(socket, response->bytes + response->length, room + 1);

        if (received < 0)
            return (int)received;
        if (received == 0)
            break;
        if ((size_t)received > room)
            return -EMSGSIZE;
        response->length += (size_t)received;
    }
    response->bytes[response->length] = '\0';
    return 0;
}

static int request_on(int socket, const char *host, const char *path,
                      struct response *response)
{
    int error = send_request(socket, host, path);

    if (error < 0)
        return error;
    response->length = 0;
    response->bytes = malloc(RESPONSE_LIMIT + 1);
    if (response->bytes == NULL)
        return -ENOMEM;
    error = read_to_end(socket, response);
    if (error < 0)
        response_end(response);
    return error;
}
/* end 1.2 */

int cheapo_request(const char *host, const char *port, const char *path,
                   struct response *response)
{
    /* begin 1.2 */
    /* A line break in it would be a second header of somebody's choice. */
    if (strpbrk(path, "\r\n ") != NULL || strpbrk(host, "\r\n ") != NULL)
        return -EINVAL;
    if (!is_port(port))
        return -EINVAL;
    int socket_ = connect_to_host(host, port);

    if (socket_ < 0)
        return socket_;
    int error = request_on(socket_, host, path, response);

    close(socket_);
    return error;
    /* end 1.2: return -ENOSYS; */
}

void response_end(struct response *response)
{
    free(response->bytes);
    *response = (struct response){0};
}
