/* block_on.c - poll, park, poll again.
 *
 * The waker unparks this thread. Somebody may hold a clone of it when the
 * call is long over (B4), so the parker cannot live on our stack: it is
 * counted, as the flag of step 3.2 is. */
#include "chapters/03_waker/block_on.h"

#include "chapters/03_waker/parker.h"
#include "chapters/03_waker/waker.h"
#include "chapters/common/inside.h"
#include "chapters/common/todo.h"
#include "chapters/common/trace.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

struct blocked_thread {
    atomic_size_t references;
    struct parker parker;
};

static struct waker blocked_thread_clone(void *data);

static void blocked_thread_drop(void *data)
{
    struct blocked_thread *thread = data;

    /* As in counted_flag_unref(). */
    if (atomic_fetch_sub_explicit(&thread->references, 1,
                                  memory_order_acq_rel) == 1)
        free(thread);
}

static void blocked_thread_wake_by_ref(void *data)
{
    struct blocked_thread *thread = data;

    parker_unpark(&thread->parker);
}

static void blocked_thread_wake(void *data)
{
    blocked_thread_wake_by_ref(data);
    blocked_thread_drop(data);
}

static const struct waker_ops blocked_thread_ops = {
    .clone = blocked_thread_clone,
    .wake = blocked_thread_wake,
    .wake_by_ref = blocked_thread_wake_by_ref,
    .drop = blocked_thread_drop,
};

static struct waker blocked_thread_clone(void *data)
{
    struct blocked_thread *thread = data;

    atomic_fetch_add_explicit(&thread->references, 1, memory_order_relaxed);
    return (struct waker){&blocked_thread_ops, thread};
}

static struct blocked_thread *blocked_thread_create(void)
{
    struct blocked_thread *thread = malloc(sizeof *thread);

    if (thread == NULL)
        return NULL;
    atomic_init(&thread->references, 1);
    parker_init(&thread->parker);
    return thread;
}

/* Polls until ready, as B1 and B2 say. */
static int drive(struct int_future *future, struct blocked_thread *thread)
{
    struct waker waker = {&blocked_thread_ops, thread};
    struct context cx = {&waker};

    /* TODO(3.5): Poll the future; while it is pending, park, and poll again
     * after the wake. Return its result. */
    TODO(3.5);
    (void)cx;
    return -ENOSYS;
}

int block_on(struct int_future *future)
{
    inside_begin("block_on()");
    struct blocked_thread *thread = blocked_thread_create();
    int result = -ENOMEM;

    if (thread != NULL) {
        trace(TRACE_SPAWN, thread, future, "block_on");
        result = drive(future, thread);
        blocked_thread_drop(thread);
    }
    future_drop(&future->base);
    inside_end();
    return result;
}
