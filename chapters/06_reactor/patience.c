/* patience.c - a descriptor that can be read when a while has passed. */
#include "chapters/06_reactor/patience.h"

#include "chapters/common/container_of.h"

#include <errno.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <unistd.h>

static int patience_attempt(struct io_operation *self)
{
    uint64_t times;

    if (read(self->source->descriptor, &times, sizeof times) < 0)
        return -errno;
    return 0;
}

static enum poll patience_poll(struct future *self, struct context *cx)
{
    struct patience *patience =
        container_of(self, struct patience, io.base.base);

    if (patience->socket.source == NULL)
        return POLL_READY; /* Y2 */
    return io_operation_poll(self, cx);
}

static void patience_drop(struct future *self)
{
    struct patience *patience =
        container_of(self, struct patience, io.base.base);

    io_operation_drop(self);
    socket_close(&patience->socket);
}

/* A timerfd, or -1. A time of 0 would be none: it is the least instead. */
static int begin(long long milliseconds)
{
    struct itimerspec time = {
        .it_value = {milliseconds / 1000, milliseconds % 1000 * 1000000}};
    int descriptor =
        timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);

    if (milliseconds <= 0)
        time.it_value = (struct timespec){0, 1};
    if (descriptor >= 0)
        timerfd_settime(descriptor, 0, &time, NULL);
    return descriptor;
}

void patience_init(struct patience *patience, struct reactor *reactor,
                   long long milliseconds)
{
    static const struct io_function function = {
        {patience_poll, patience_drop}, IO_READ, patience_attempt};
    int descriptor = begin(milliseconds);

    patience->socket.source = NULL;
    if (descriptor >= 0) /* and if not: Y2 */
        (void)socket_open(&patience->socket, reactor, descriptor, 0);
    io_operation_init(&patience->io, &function, patience->socket.source);
}
