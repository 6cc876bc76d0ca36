/* acceptor.c - the acceptor thread of chapter 01, as a task. */
#include "chapters/06_reactor/acceptor.h"

#include "chapters/02_future/select.h"
#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <stdalign.h>
#include <async_macros.h>

/* Ready when a connection has ended since it was made. */
struct room {
    struct int_future base;
    struct acceptor *acceptor;
    size_t live; /* when it was made; who accepts is the only one to add */
};

struct acceptor_task {
    struct async async;
    struct acceptor *acceptor;
    struct tcp_accept accept;
    struct room room;
    struct alarm_wait pause;
    struct int_future *waits[2]; /* room and pause */
    struct select select;
};

static enum poll room_poll(struct future *self, struct context *cx)
{
    struct room *room = container_of(self, struct room, base.base);

    waker_cell_register(&room->acceptor->room, cx->waker);
    return room->acceptor->live != room->live ? POLL_READY : POLL_PENDING;
}

static void room_drop(struct future *self)
{
    waker_cell_clear(
        &container_of(self, struct room, base.base)->acceptor->room);
}

static void room_init(struct room *room, struct acceptor *acceptor)
{
    static const struct future_ops ops = {room_poll, room_drop};

    *room = (struct room){{{&ops}, 0}, acceptor, acceptor->live};
}

/* Ready when there may be room, or some time has passed: others give back
 * descriptors and memory, too, and tell nobody. `room` was made before. */
static void select_room_or_pause(struct acceptor_task *task)
{
    alarm_wait_init(&task->pause, &task->acceptor->alarm, ACCEPTOR_PAUSE);
    task->waits[0] = &task->room.base;
    task->waits[1] = &task->pause.io.base;
    select_init(&task->select, task->waits, 2);
}

/* What no time will mend: it is no listener. All else passes, also what a
 * kernel to come may say (accept(2) names what they say today). */
static bool is_for_good(int error)
{
    return error == -EBADF || error == -EINVAL || error == -ENOTSOCK ||
           error == -EFAULT;
}

/* Counts and tells, once a row. */
static void tell(struct acceptor *acceptor, int error)
{
    acceptor->pauses++;
    if (acceptor->failing != error && acceptor->options.log != NULL)
        acceptor->options.log(error, acceptor->options.data);
    acceptor->failing = error;
}

/* Spawns the task for a connection (A1, A2). */
static void serve(struct acceptor *acceptor, struct socket socket)
{
    alignas(max_align_t) char frame[ACCEPTOR_FRAME];
    struct int_future *future = (struct int_future *)(void *)frame;

    acceptor->failing = 0;
    acceptor->accepted++;
    acceptor->live++;
    acceptor->options.make(frame, acceptor, socket);
    /* A frame that is not spawned is dropped: that closes the socket and
     * counts the connection out again. */
    if (spawner_spawn(acceptor->spawner, future, acceptor->options.size, NULL) <
        0)
        future_drop(&future->base);
}

static enum poll acceptor_body(struct async *self, struct context *cx)
{
    struct acceptor_task *task =
        container_of(self, struct acceptor_task, async);
    struct acceptor *acceptor = task->acceptor;

    (void)serve, (void)room_init, (void)is_for_good, (void)tell;
    (void)select_room_or_pause;
    ASYNC(self);
    /* TODO(6.13): for ever: accept and serve; return an error that is for
     * good; tell() any other, and wait for room or for a pause. Mind the
     * connection that ends, on another thread, just after the call has
     * failed. */
    TODO(6.13);
    (void)acceptor;
    ASYNC_RETURN(-ENOSYS);
    ASYNC_END;
}

int acceptor_init(struct acceptor *acceptor, struct spawner *spawner,
                  struct reactor *reactor,
                  const struct acceptor_options *options)
{
    require(options->size <= ACCEPTOR_FRAME,
            "a frame of %zu bytes is too large", options->size);
    *acceptor = (struct acceptor){.options = *options, .spawner = spawner};
    waker_cell_init(&acceptor->room);
    int error = alarm_init(&acceptor->alarm, reactor);

    if (error == 0)
        error = tcp_listen(&acceptor->listener, reactor, options->port);
    if (error < 0)
        acceptor_end(acceptor);
    return error;
}

void acceptor_end(struct acceptor *acceptor)
{
    socket_close(&acceptor->listener);
    alarm_end(&acceptor->alarm);
    waker_cell_end(&acceptor->room);
}

int acceptor_spawn(struct acceptor *acceptor, struct join_handle *handle)
{
    static const struct async_function function = {ASYNC_OPS, acceptor_body,
                                                   NULL};
    struct acceptor_task task = {.acceptor = acceptor};

    async_init(&task.async, &function);
    return spawner_spawn(acceptor->spawner, &task.async.base, sizeof task,
                         handle);
}

void acceptor_ended(struct acceptor *acceptor)
{
    acceptor->live--;
    waker_cell_wake(&acceptor->room);
}
