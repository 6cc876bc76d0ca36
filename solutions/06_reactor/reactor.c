/* reactor.c - registering with the kernel, and asking it.
 *
 * An event carries the token of the source that it is for. Between the answer
 * of epoll_wait() and the moment at which an event's turn comes, wakes run,
 * and they may close anything; so each token is looked up, and an event for
 * which there is nobody any more is dropped. Other threads close and open
 * sources at any time; so the look and the news are under the table's lock. */
#include "chapters/06_reactor/reactor.h"

#include "chapters/06_reactor/wakeup.h"
#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"
#include "chapters/common/trace.h"

#include <errno.h>
#include <limits.h>
#include <sys/epoll.h>
#include <unistd.h>

/* No slot has this index: see SOURCE_NONE. */
static const uint64_t WAKEUP_TOKEN = UINT64_MAX;

static const struct driver_ops reactor_driver;

static int watch(struct reactor *reactor, int descriptor, uint32_t events,
                 uint64_t token)
{
    struct epoll_event event = {.events = events, .data.u64 = token};

    if (epoll_ctl(reactor->epoll, EPOLL_CTL_ADD, descriptor, &event) < 0)
        return -errno;
    return 0;
}

int reactor_init(struct reactor *reactor)
{
    int error;

    *reactor = (struct reactor){.driver = {&reactor_driver}};
    reactor->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (reactor->epoll < 0)
        return -errno;
    error = wakeup_create(&reactor->wakeup);
    if (error < 0)
        goto close_epoll;
    error = watch(reactor, wakeup_descriptor(reactor->wakeup),
                  EPOLLIN | EPOLLET, WAKEUP_TOKEN);
    if (error < 0)
        goto unref_wakeup;
    source_table_init(&reactor->sources);
    return 0;

unref_wakeup:
    wakeup_unref(reactor->wakeup);
close_epoll:
    close(reactor->epoll);
    return error;
}

void reactor_end(struct reactor *reactor)
{
    source_table_end(&reactor->sources);
    close(reactor->epoll);
    wakeup_unref(reactor->wakeup);
}

static void source_start(struct io_source *source, struct reactor *reactor,
                         int descriptor, uint16_t bits)
{
    source->reactor = reactor;
    source->descriptor = descriptor;
    source->short_reads_tell = false;
    atomic_init(&source->owners, 1);
    readiness_init(&source->readiness, bits);
}

/* The slot is free again, and no token finds it. */
static void source_stop(struct reactor *reactor, struct io_source *source)
{
    /* First: once the slot is free another thread may leave its waker there.
     * And cleared, not ended: a wake may be under way on yet another one. */
    waker_cell_clear(&source->wakers[IO_READ]);
    waker_cell_clear(&source->wakers[IO_WRITE]);
    source_table_free(&reactor->sources, source);
}

int reactor_register(struct reactor *reactor, int descriptor, uint16_t bits,
                     struct io_source **source)
{
    struct io_source *started = source_table_take(&reactor->sources);

    if (started == NULL)
        return -ENOMEM;
    source_start(started, reactor, descriptor, bits);
    /* begin 6.4: watch() it, for reading, urgent data, writing and the end of
     * reading, edge-triggered, under its token */
    int error = watch(reactor, descriptor,
                      EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                      source_token(started));

    if (error < 0) {
        source_stop(reactor, started);
        return error;
    }
    *source = started;
    return 0;
    /* end 6.4: (void)watch;
    source_stop(reactor, started);
    return -ENOSYS; */
}

void reactor_deregister(struct reactor *reactor, struct io_source *source)
{
    /* begin 6.4: take the descriptor out of epoll */
    /* close() alone would do only if nobody had a copy of it: epoll watches
     * the open file, and a child process or a dup() keeps that open. */
    epoll_ctl(reactor->epoll, EPOLL_CTL_DEL, source->descriptor, NULL);
    /* end 6.4 */
    source_stop(reactor, source);
}

/* Hands an event to its source, if that is still there. */
static void dispatch(struct reactor *reactor, const struct epoll_event *event)
{
    /* begin 6.4: under the table's lock, find the source of the token (the
     * wake-up has none); count the event, and report, which gives it back */
    struct source_table *table = &reactor->sources;

    pthread_mutex_lock(&table->lock);
    struct io_source *source = source_table_find(table, event->data.u64);

    if (source == NULL) { /* closed since; or the wake-up, which only wakes */
        pthread_mutex_unlock(&table->lock);
        return;
    }
    reactor->events++;
    io_source_report(source, ready_of_events(event->events), &table->lock);
    /* end 6.4 */
}

int reactor_turn(struct reactor *reactor, int timeout)
{
    struct epoll_event events[REACTOR_EVENTS];
    int count = 0;

    reactor->turns++;
    /* begin 6.4: ask epoll_wait() once; dispatch what it returns */
    count = epoll_wait(reactor->epoll, events, REACTOR_EVENTS, timeout);
    if (count < 0) {
        require(errno == EINTR, "epoll_wait: %d", errno);
        return 0;
    }
    for (int i = 0; i < count; i++)
        dispatch(reactor, &events[i]);
    /* end 6.4: (void)events, (void)dispatch; */
    return count;
}

/* Rounded up: a sleep that is too short would be followed by another, and so
 * on until the time has come. */
static int milliseconds(int64_t nanoseconds)
{
    int64_t whole = nanoseconds / 1000000 + (nanoseconds % 1000000 > 0);

    if (nanoseconds < 0)
        return -1;
    return whole < INT_MAX ? (int)whole : INT_MAX;
}

static int reactor_sleep(struct reactor *reactor, int64_t timeout)
{
    reactor->has_slept = true;
    trace(TRACE_PARK, reactor, NULL, "epoll_wait");
    int count = reactor_turn(reactor, milliseconds(timeout));

    trace(TRACE_UNPARK, reactor, NULL, NULL);
    return count;
}

/* A turn that sleeps if it may. How many events there were. */
static int reactor_rest(struct reactor *reactor, int64_t timeout)
{
    int count = 0;

    /* begin 6.5: A turn: one that sleeps only if it may, and if no wake has
     * come before. */
    if (timeout == 0)
        return reactor_turn(reactor, 0);
    if (wakeup_prepare(reactor->wakeup))
        count = reactor_sleep(reactor, timeout);
    else
        count = reactor_turn(reactor, 0); /* sockets' news must not wait */
    wakeup_finish(reactor->wakeup);
    /* end 6.5: (void)reactor_sleep;
    count = reactor_turn(reactor, milliseconds(timeout)); */
    return count;
}

static bool reactor_park(struct driver *self, int64_t timeout)
{
    struct reactor *reactor = container_of(self, struct reactor, driver);
    bool was_woken = wakeup_is_notified(reactor->wakeup);

    reactor->has_slept = false;
    int count = reactor_rest(reactor, timeout);

    /* A wake that came since we looked has spared us the sleep. */
    return count > 0 || was_woken || (timeout != 0 && !reactor->has_slept);
}

static struct waker reactor_unparker(struct driver *self)
{
    return wakeup_waker(container_of(self, struct reactor, driver)->wakeup);
}

static const struct driver_ops reactor_driver = {reactor_park,
                                                 reactor_unparker};
