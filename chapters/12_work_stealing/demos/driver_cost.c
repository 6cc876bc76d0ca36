/* driver_cost.c - one driver that is handed on, or a driver for each worker?
 *
 *     driver_cost
 *
 * 64 connections to an echo service with two workers; a client thread has one
 * request out on each of them. "handed on": one scheduler of two workers with
 * one driver. "each its own": two schedulers of one worker and one driver each,
 * with half of the connections; nothing is stolen. In the second load every
 * 100th request takes a millisecond of the processor's time, and we ask how
 * long the *others* wait. The driver is as small as can be: epoll, and an
 * eventfd to wake it. */
#include "chapters/03_waker/waker_cell.h"
#include "chapters/11_threads/cpus.h"
#include "chapters/12_work_stealing/work_stealing.h"

#include "chapters/common/container_of.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNECTIONS = 64,
    REQUESTS = 40000,
    EVENTS = 32,
    SLOW_EVERY = 100,
    QUICK = 'q',
    SLOW = 's',
};

static double now(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void must(int result)
{
    if (result < 0) {
        perror("driver_cost");
        exit(1);
    }
}

/* A driver with epoll: whoever has news is woken. */
struct poller {
    struct driver driver;
    int epoll, event;
};

static bool poller_park(struct driver *self, int64_t timeout)
{
    struct poller *poller = container_of(self, struct poller, driver);
    struct epoll_event events[EVENTS];
    int count =
        epoll_wait(poller->epoll, events, EVENTS, timeout == 0 ? 0 : -1);
    uint64_t wakes;

    for (int i = 0; i < count; i++)
        if (events[i].data.ptr != NULL)
            waker_cell_wake(events[i].data.ptr);
        else
            (void)!read(poller->event, &wakes, sizeof wakes);
    return count > 0;
}

static struct waker poller_clone(void *data);

static void poller_wake(void *data)
{
    uint64_t one = 1;

    (void)!write(((struct poller *)data)->event, &one, sizeof one);
}

static void poller_drop(void *data)
{
    (void)data;
}

static const struct waker_ops unparker = {poller_clone, poller_wake,
                                          poller_wake, poller_drop};

static struct waker poller_clone(void *data)
{
    return (struct waker){&unparker, data};
}

static struct waker poller_unparker(struct driver *self)
{
    return poller_clone(container_of(self, struct poller, driver));
}

static void poller_add(struct poller *poller, int fd, void *data)
{
    struct epoll_event event = {EPOLLIN | EPOLLET, {.ptr = data}};

    must(epoll_ctl(poller->epoll, EPOLL_CTL_ADD, fd, &event));
}

static void poller_init(struct poller *poller)
{
    static const struct driver_ops ops = {poller_park, poller_unparker};

    poller->driver.ops = &ops;
    must(poller->epoll = epoll_create1(EPOLL_CLOEXEC));
    must(poller->event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    poller_add(poller, poller->event, NULL);
}

static void poller_end(struct poller *poller)
{
    close(poller->epoll);
    close(poller->event);
}

/* A task: reads a byte, works, and writes it back; until the client closes. */
struct echo {
    struct int_future base;
    struct waker_cell *news;
    int fd;
};

static void work(double microseconds)
{
    double end = now(CLOCK_THREAD_CPUTIME_ID) + microseconds;

    while (now(CLOCK_THREAD_CPUTIME_ID) < end)
        continue;
}

static enum poll echo_poll(struct future *self, struct context *cx)
{
    struct echo *echo = container_of(self, struct echo, base.base);
    char byte;
    ssize_t count;

    waker_cell_register(echo->news, cx->waker); /* then look */
    while ((count = read(echo->fd, &byte, 1)) == 1) {
        work(byte == SLOW ? 1000 : 2);
        (void)!write(echo->fd, &byte, 1);
    }
    if (count < 0 && errno == EAGAIN)
        return POLL_PENDING;
    waker_cell_clear(echo->news);
    return POLL_READY;
}

static void echo_drop(struct future *self)
{
    (void)self;
}

/* The service: one or two schedulers. */
struct service {
    struct poller pollers[2];
    struct work_stealing schedulers[2];
    struct waker_cell news[CONNECTIONS];
    int fds[CONNECTIONS], peers[CONNECTIONS];
    int count;
};

static void connect_pair(struct service *service, int i)
{
    static const struct future_ops ops = {echo_poll, echo_drop};
    struct echo echo = {.base = {{&ops}, 0}, .news = &service->news[i]};
    int pair[2], of = i % service->count;

    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
                    pair));
    service->fds[i] = echo.fd = pair[0];
    service->peers[i] = pair[1];
    waker_cell_init(&service->news[i]);
    poller_add(&service->pollers[of], pair[0], &service->news[i]);
    must(work_stealing_spawn(&service->schedulers[of], &echo.base, sizeof echo,
                             NULL));
}

static void service_init(struct service *service, int count)
{
    service->count = count;
    for (int i = 0; i < count; i++) {
        poller_init(&service->pollers[i]);
        must(work_stealing_init(&service->schedulers[i], (unsigned)(2 / count),
                                &service->pollers[i].driver));
    }
    for (int i = 0; i < CONNECTIONS; i++)
        connect_pair(service, i);
}

static void service_end(struct service *service)
{
    for (int i = 0; i < service->count; i++) {
        work_stealing_end(&service->schedulers[i]);
        poller_end(&service->pollers[i]);
    }
    for (int i = 0; i < CONNECTIONS; i++) {
        waker_cell_end(&service->news[i]);
        close(service->fds[i]);
        close(service->peers[i]);
    }
}

static int compare_times(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The client: a request out on each connection, and one more for each answer.
 * The times of the quick ones go to `times`; how many. */
static int drive(struct service *service, bool has_slow, double *times)
{
    int client = epoll_create1(EPOLL_CLOEXEC), sent = 0, done = 0, count = 0;
    double begun[CONNECTIONS];
    char what[CONNECTIONS];

    must(client);
    for (int i = 0; i < CONNECTIONS; i++) {
        struct epoll_event event = {EPOLLIN, {.u32 = (uint32_t)i}};

        must(epoll_ctl(client, EPOLL_CTL_ADD, service->peers[i], &event));
        begun[i] = now(CLOCK_MONOTONIC);
        what[i] = QUICK;
        must((int)write(service->peers[i], &what[i], 1));
        sent++;
    }
    while (done < sent) {
        struct epoll_event events[EVENTS];
        int ready = epoll_wait(client, events, EVENTS, -1);

        for (int e = 0; e < ready; e++) {
            uint32_t i = events[e].data.u32;
            char byte;

            if (read(service->peers[i], &byte, 1) != 1)
                continue;
            done++;
            if (what[i] == QUICK)
                times[count++] = now(CLOCK_MONOTONIC) - begun[i];
            if (sent >= REQUESTS)
                continue;
            what[i] = has_slow && ++sent % SLOW_EVERY == 0 ? SLOW : QUICK;
            sent += !has_slow;
            begun[i] = now(CLOCK_MONOTONIC);
            must((int)write(service->peers[i], &what[i], 1));
        }
    }
    close(client);
    return count;
}

static void measure(const char *name, int schedulers, bool has_slow)
{
    static double times[REQUESTS + CONNECTIONS];
    static struct service service;
    double cpu, wall;
    int count;

    service_init(&service, schedulers);
    cpu = now(CLOCK_PROCESS_CPUTIME_ID) - now(CLOCK_THREAD_CPUTIME_ID);
    wall = now(CLOCK_MONOTONIC);
    count = drive(&service, has_slow, times);
    wall = now(CLOCK_MONOTONIC) - wall;
    cpu = now(CLOCK_PROCESS_CPUTIME_ID) - now(CLOCK_THREAD_CPUTIME_ID) - cpu;
    service_end(&service);
    qsort(times, (size_t)count, sizeof *times, compare_times);
    printf("  %-13s %6.1f us CPU   %7.0f us   %7.0f us   %6.0f thousand/s\n",
           name, cpu / REQUESTS, times[count / 2], times[count * 99 / 100],
           REQUESTS / wall * 1000);
}

int main(void)
{
    printf("%u processor(s)   a request        half of them  99 of 100\n",
           cpus_available());
    printf("all are quick\n");
    measure("handed on", 1, false);
    measure("each its own", 2, false);
    printf("one of a hundred takes 1 ms; the others:\n");
    measure("handed on", 1, true);
    measure("each its own", 2, true);
    return 0;
}
