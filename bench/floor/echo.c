/* echo.c - the least that an echo server on epoll can do: one thread, one
 * loop, no runtime, and no state but the descriptor.
 *
 * Level-triggered: edge-triggered it would have to read until there is no
 * more, which is a system call a request that finds nothing. An answer that
 * the kernel does not take at once closes the connection: 64 bytes fit. */
#include "bench/floor/floor.h"
#include "bench/usage.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum {
    EVENTS = 256
};

static int epoll;

static void watch(int descriptor)
{
    struct epoll_event event = {EPOLLIN, {.fd = descriptor}};

    epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

static int listen_on(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int yes = 1;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, size) < 0 ||
        listen(listener, SOMAXCONN) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) < 0)
        exit(1);
    printf("port %d -\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

static void accept_all(int listener)
{
    int descriptor;

    while ((descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0)
        watch(descriptor);
}

static void answer(int descriptor)
{
    char bytes[2048];
    ssize_t count = read(descriptor, bytes, sizeof bytes);

    if (count < 0 && errno == EAGAIN)
        return;
    if (count <= 0 || write(descriptor, bytes, (size_t)count) != count)
        close(descriptor);
}

int echo(void)
{
    struct epoll_event events[EVENTS];
    int listener;

    epoll = epoll_create1(0);
    listener = listen_on((uint16_t)floor_number("port", 0));
    watch(listener);
    answer_usage();
    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS, -1);

        for (int i = 0; i < count; i++)
            if (events[i].data.fd == listener)
                accept_all(listener);
            else
                answer(events[i].data.fd);
    }
}
