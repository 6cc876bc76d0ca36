/* alarm.c - a timer that is a descriptor, so it wakes like any other. */
#include "chapters/06_reactor/alarm.h"

#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"

#include <errno.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <unistd.h>

int alarm_init(struct alarm *alarm, struct reactor *reactor)
{
    int descriptor =
        timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);

    alarm->socket.source = NULL;
    if (descriptor < 0)
        return -errno;
    return socket_open(&alarm->socket, reactor, descriptor, 0);
}

void alarm_end(struct alarm *alarm)
{
    socket_close(&alarm->socket);
}

/* Whatever it was set to before is forgotten, gone off or not. */
static void alarm_set(int descriptor, int milliseconds)
{
    struct itimerspec once = {
        .it_value = {milliseconds / 1000, milliseconds % 1000 * 1000000L},
    };
    int failed = timerfd_settime(descriptor, 0, &once, NULL);

    require(failed == 0, "timerfd_settime: %d", errno);
}

/* EAGAIN: it has not gone off since it was set. */
static int wait_attempt(struct io_operation *self)
{
    uint64_t times;

    return read(self->source->descriptor, &times, sizeof times) < 0 ? -errno
                                                                    : 0;
}

static enum poll wait_poll(struct future *self, struct context *cx)
{
    struct alarm_wait *wait =
        container_of(self, struct alarm_wait, io.base.base);

    if (!wait->is_set)
        alarm_set(wait->io.source->descriptor, wait->milliseconds);
    wait->is_set = true;
    return io_operation_poll(self, cx);
}

void alarm_wait_init(struct alarm_wait *wait, const struct alarm *alarm,
                     int milliseconds)
{
    static const struct io_function function = {
        {wait_poll, io_operation_drop}, IO_READ, wait_attempt};

    io_operation_init(&wait->io, &function, alarm->socket.source);
    wait->milliseconds = milliseconds;
    wait->is_set = false;
}
