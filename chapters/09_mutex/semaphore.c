/* semaphore.c - permits go to whoever is first, and only what nobody wants is
 * free. All else follows from that. */
#include "chapters/09_mutex/semaphore.h"

#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

#include <errno.h>

void semaphore_init(struct semaphore *semaphore, size_t permits, size_t maximum)
{
    require(permits <= maximum && maximum <= SEMAPHORE_MAXIMUM,
            "S1: a semaphore with more permits than its maximum");
    *semaphore = (struct semaphore){.maximum = maximum, .permits = permits};
    pthread_mutex_init(&semaphore->lock, NULL);
    list_init(&semaphore->acquires);
}

void semaphore_end(struct semaphore *semaphore)
{
    require(list_is_empty(&semaphore->acquires),
            "a semaphore ends, and somebody waits for it");
    pthread_mutex_destroy(&semaphore->lock);
}

size_t semaphore_available(struct semaphore *semaphore)
{
    pthread_mutex_lock(&semaphore->lock);
    size_t permits = semaphore->permits;

    pthread_mutex_unlock(&semaphore->lock);
    return permits;
}

int semaphore_try_acquire(struct semaphore *semaphore, size_t count)
{
    int result = 0;

    /* TODO(9.1): more than the maximum; closed; too few are free; or take
     * them. Under the lock. */
    TODO(9.1);
    (void)semaphore, (void)count;
    result = -ENOSYS;
    return result;
}

/* --------------------------------------------------------------- giving */

/* Gives the first who waits what it needs, as far as `count` goes, and returns
 * how much that was. One that has all leaves the list for `full`. Lock held. */
static size_t give_first(struct semaphore *semaphore, size_t count,
                         struct list *full)
{
    struct semaphore_acquire *acquire =
        container_of(list_first(&semaphore->acquires), struct semaphore_acquire,
                     waiter.link);

    /* TODO(9.3): what it needs, or as much of it as there is */
    TODO(9.3);
    (void)acquire, (void)full;
    return count;
}

/* `count` permits are nobody's now. It is called with the lock held, and
 * returns without. */
static void put(struct semaphore *semaphore, size_t count)
{
    struct list full;

    list_init(&full);
    /* TODO(9.3): to those who wait, one after the other, as far as it goes */
    TODO(9.3);
    (void)give_first;
    /* TODO(9.1): the rest is free */
    TODO(9.1);
    (void)count;
    waiters_wake_all(&full, &semaphore->lock);
}

int semaphore_release(struct semaphore *semaphore, size_t count)
{
    pthread_mutex_lock(&semaphore->lock);
    /* TODO(9.1): not if more than the maximum would be free */
    TODO(9.1);
    put(semaphore, count);
    return 0;
}

void semaphore_close(struct semaphore *semaphore)
{
    /* TODO(9.5): nobody gets any more; wake all who wait */
    TODO(9.5);
    (void)semaphore;
}

/* --------------------------------------------------------------- acquiring */

/* What is known by now. 0: all permits are the caller's; -EPIPE: there will be
 * none; or -EAGAIN. Lock held. */
static int acquire_look(struct semaphore_acquire *acquire)
{
    struct semaphore *semaphore = acquire->semaphore;
    size_t needed = acquire->count - acquire->held;

    /* TODO(9.5): closed, and it does not have all: give back the part, and
     * -EPIPE */
    TODO(9.5);
    /* TODO(9.2): if there are as many as it needs, take them. They are the
     * caller's then: none is held any more. */
    TODO(9.2);
    (void)semaphore, (void)needed;
    return -EAGAIN;
}

/* Looks again, and waits if there is nothing else to do. It wants to be first
 * in the queue before it takes a part: two who hold a part each, and are not in
 * order, would wait for each other. */
static int acquire_wait(struct semaphore_acquire *acquire, struct context *cx)
{
    int result = -EAGAIN;

    /* TODO(9.2): clone the waker, take the lock, look again; if there is
     * still too little, take what there is and wait. */
    TODO(9.2);
    (void)acquire, (void)cx;
    return result;
}

static int acquire_look_first(struct semaphore_acquire *acquire)
{
    pthread_mutex_lock(&acquire->semaphore->lock);
    int result = acquire_look(acquire);

    pthread_mutex_unlock(&acquire->semaphore->lock);
    return result;
}

static enum poll acquire_poll(struct future *self, struct context *cx)
{
    struct semaphore_acquire *acquire =
        container_of(self, struct semaphore_acquire, base.base);
    int result = -EINVAL;

    require(!acquire->is_done, "P4: polled after POLL_READY");
    if (acquire->count <= acquire->semaphore->maximum)
        result = acquire_look_first(acquire);
    if (result == -EAGAIN)
        result = acquire_wait(acquire, cx);
    if (result == -EAGAIN)
        return POLL_PENDING;
    acquire->is_done = true;
    acquire->base.result = result;
    return POLL_READY;
}

static void acquire_drop(struct future *self)
{
    struct semaphore_acquire *acquire =
        container_of(self, struct semaphore_acquire, base.base);

    /* TODO(9.4): out of whatever list it is in, as it may be dropped before
     * its wake; and what it holds is nobody's now. */
    TODO(9.4);
    (void)acquire;
}

void semaphore_acquire_init(struct semaphore_acquire *acquire,
                            struct semaphore *semaphore, size_t count)
{
    static const struct future_ops ops = {acquire_poll, acquire_drop};

    *acquire = (struct semaphore_acquire){
        .base = {{&ops}, 0}, .semaphore = semaphore, .count = count};
    waiter_init(&acquire->waiter);
}
