/* semaphore.c - permits go to whoever is first, and only what nobody wants is
 * free. All else follows from that.
 *
 * What is free, and whether anybody waits, is one word: so whoever finds that
 * nobody waits takes or adds in one step, without the lock. Who has to wait
 * takes what is left and sets WAITERS, in one step again: a release comes
 * either before it, and what it adds is found; or after it, and finds WAITERS.
 *
 * Orders: permits are added with release and taken with acquire, so that who
 * has one sees all that was done by those who had it before. Whom they are
 * given to in the queue has them through the lock. */
#include "chapters/09_mutex/semaphore.h"

#include "chapters/04_executor/budget_poll.h"
#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

#include <errno.h>

_Static_assert(SEMAPHORE_MAXIMUM <= (size_t)-1 / SEMAPHORE_PERMIT,
               "the maximum has room above the two bits");

void semaphore_init(struct semaphore *semaphore, size_t permits, size_t maximum)
{
    require(permits <= maximum && maximum <= SEMAPHORE_MAXIMUM,
            "S1: a semaphore with more permits than its maximum");
    semaphore->maximum = maximum;
    atomic_init(&semaphore->state, permits * SEMAPHORE_PERMIT);
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
    /* Acquire: with the release of who added them. Who sees that all are free
     * sees what was done with them, too. */
    return atomic_load_explicit(&semaphore->state, memory_order_acquire) /
           SEMAPHORE_PERMIT;
}

bool semaphore_is_closed(const struct semaphore *semaphore)
{
    /* Acquire: with the release in semaphore_close(). */
    return (atomic_load_explicit(&semaphore->state, memory_order_acquire) &
            SEMAPHORE_CLOSED) != 0;
}

/* ---------------------------------------------------------------- the word */

/* Takes `count` that are free: 0. Or takes none: -EAGAIN, or -EPIPE. */
static int take(struct semaphore *semaphore, size_t count)
{
    /* begin 9.1: closed; too few are free; or take them. Look and take in one
     * step: compare and swap, in a loop. */
    /* Acquire: with the release in add() and put(); and for -EPIPE with that in
     * semaphore_close(). */
    size_t state =
        atomic_load_explicit(&semaphore->state, memory_order_acquire);

    do {
        if (state & SEMAPHORE_CLOSED)
            return -EPIPE;
        if (count > state / SEMAPHORE_PERMIT)
            return -EAGAIN; /* also if anybody waits: there is none (S3) */
    } while (!atomic_compare_exchange_weak_explicit(
        &semaphore->state, &state, state - count * SEMAPHORE_PERMIT,
        memory_order_acquire, memory_order_acquire));
    return 0;
    /* end 9.1: (void)semaphore, (void)count;
    return -ENOSYS; */
}

/* Takes `count`; or all that there are, and sets WAITERS. Returns how many it
 * has. Lock held, until whoever waits is in the queue. */
static size_t take_part(struct semaphore *semaphore, size_t count)
{
    /* begin 9.2: as take() does. What comes after the look must not be lost: so
     * it is one step, and not one for the part and one for WAITERS. */
    size_t state =
        atomic_load_explicit(&semaphore->state, memory_order_relaxed);
    size_t part, next;

    do {
        part = state / SEMAPHORE_PERMIT;
        if (part > count)
            part = count;
        next = state - part * SEMAPHORE_PERMIT;
        if (part < count)
            next |= SEMAPHORE_WAITERS;
    } while (next != state && /* or it is in the queue, or has all, already */
             !atomic_compare_exchange_weak_explicit(&semaphore->state, &state,
                                                    next, memory_order_acquire,
                                                    memory_order_relaxed));
    return part;
    /* end 9.2: (void)semaphore, (void)count;
    return 0; */
}

/* Makes `count` free: 0. Or none: -EOVERFLOW; or -EAGAIN, as somebody waits. */
static int add(struct semaphore *semaphore, size_t count)
{
    /* begin 9.1: more than the maximum; somebody waits; or add them, in one
     * step. */
    size_t state =
        atomic_load_explicit(&semaphore->state, memory_order_relaxed);

    do {
        if (count > semaphore->maximum ||
            state / SEMAPHORE_PERMIT + count > semaphore->maximum)
            return -EOVERFLOW;
        if (state & SEMAPHORE_WAITERS)
            return -EAGAIN;
        /* Release: with the acquire of who takes them. */
    } while (!atomic_compare_exchange_weak_explicit(
        &semaphore->state, &state, state + count * SEMAPHORE_PERMIT,
        memory_order_release, memory_order_relaxed));
    return 0;
    /* end 9.1: (void)semaphore, (void)count;
    return -ENOSYS; */
}

int semaphore_try_acquire(struct semaphore *semaphore, size_t count)
{
    return count > semaphore->maximum ? -EINVAL : take(semaphore, count);
}

/* --------------------------------------------------------------- giving */

/* Gives the first who waits what it needs, as far as `count` goes, and returns
 * how much that was. One that has all moves to the list `full`, link and waker:
 * that is where it waits for its wake. Lock held. */
static size_t give_first(struct semaphore *semaphore, size_t count,
                         struct list *full)
{
    struct semaphore_acquire *acquire =
        container_of(list_first(&semaphore->acquires), struct semaphore_acquire,
                     waiter.link);

    /* begin 9.3: what it needs, or as much of it as there is */
    size_t part = acquire->count - acquire->held;

    if (part > count)
        part = count;
    acquire->held += part;
    if (acquire->held == acquire->count) {
        list_remove(&acquire->waiter.link);
        list_push_back(full, &acquire->waiter.link);
    }
    return part;
    /* end 9.3: (void)acquire, (void)full;
    return count; */
}

/* `count` permits are nobody's now. It is called with the lock held, and
 * returns without. */
static void put(struct semaphore *semaphore, size_t count)
{
    struct list full;

    list_init(&full);
    /* begin 9.3: to those who wait, one after the other, as far as it goes. The
     * rest is free; and if nobody waits any more, WAITERS goes in the same
     * step. */
    while (count > 0 && !list_is_empty(&semaphore->acquires))
        count -= give_first(semaphore, count, &full);
    /* Relaxed: WAITERS changes under the lock. */
    size_t state =
        atomic_load_explicit(&semaphore->state, memory_order_relaxed);
    size_t change = count * SEMAPHORE_PERMIT;

    if (list_is_empty(&semaphore->acquires))
        change -= state & SEMAPHORE_WAITERS;
    /* Release: with the acquire of who takes them. */
    if (change != 0)
        atomic_fetch_add_explicit(&semaphore->state, change,
                                  memory_order_release);
    /* end 9.3: (void)semaphore, (void)count, (void)give_first; */
    waiters_wake_all(&full, &semaphore->lock);
}

int semaphore_release(struct semaphore *semaphore, size_t count)
{
    int result = add(semaphore, count);

    if (result != -EAGAIN)
        return result;
    /* begin 9.3: somebody waits: take the lock, and try again, as they may have
     * gone meanwhile. If not: put them. */
    pthread_mutex_lock(&semaphore->lock);
    result = add(semaphore, count);
    if (result == -EAGAIN) {
        put(semaphore, count);
        return 0;
    }
    pthread_mutex_unlock(&semaphore->lock);
    /* end 9.3: (void)put; */
    return result;
}

void semaphore_close(struct semaphore *semaphore)
{
    /* begin 9.5: nobody gets any more; wake all who wait */
    pthread_mutex_lock(&semaphore->lock);
    /* Release: with the acquire of who sees CLOSED. (The second need not: a
     * step that changes what was released passes it on.) */
    atomic_fetch_or_explicit(&semaphore->state, SEMAPHORE_CLOSED,
                             memory_order_release);
    atomic_fetch_and_explicit(&semaphore->state, ~SEMAPHORE_WAITERS,
                              memory_order_relaxed);
    waiters_wake_all(&semaphore->acquires, &semaphore->lock);
    /* end 9.5: (void)semaphore; */
}

/* --------------------------------------------------------------- acquiring */

/* 0: all permits are the caller's; -EPIPE: there will be none; or -EAGAIN: it
 * has what there was, and has to be in the queue. Lock held.
 *
 * Who takes a part is first in the queue: two who hold a part each, and are
 * not in order, would wait for each other. */
static int acquire_look(struct semaphore_acquire *acquire)
{
    struct semaphore *semaphore = acquire->semaphore;
    size_t needed = acquire->count - acquire->held;

    /* begin 9.5: closed, and it does not have all: give back the part, and
     * -EPIPE. (Nobody is in the queue: what is given back is free.) */
    if (needed > 0 && semaphore_is_closed(semaphore)) {
        size_t part = acquire->held;

        acquire->held = 0;
        /* Relaxed: the part was given under the lock, before the close; and
         * the close has released what was known then. */
        atomic_fetch_add_explicit(&semaphore->state, part * SEMAPHORE_PERMIT,
                                  memory_order_relaxed);
        return -EPIPE;
    }
    /* end 9.5 */
    /* begin 9.2: take what it needs, or the part that there is. If it has all,
     * they are the caller's: none is held any more. */
    acquire->held += take_part(semaphore, needed);
    if (acquire->held < acquire->count)
        return -EAGAIN;
    acquire->held = 0;
    return 0;
    /* end 9.2: (void)semaphore, (void)needed, (void)take_part;
    return -EAGAIN; */
}

/* Looks again, and waits if there is nothing else to do. */
static int acquire_wait(struct semaphore_acquire *acquire, struct context *cx)
{
    int result = -EAGAIN;

    /* begin 9.2: clone the waker, take the lock, look again; if there is still
     * too little, wait. */
    struct semaphore *semaphore = acquire->semaphore;
    struct waker spare = waker_clone(cx->waker);

    pthread_mutex_lock(&semaphore->lock);
    result = acquire_look(acquire);
    if (result == -EAGAIN)
        waiter_wait(&acquire->waiter, &semaphore->acquires, &spare);
    pthread_mutex_unlock(&semaphore->lock);
    waker_drop(&spare);
    /* end 9.2: (void)acquire, (void)cx; */
    return result;
}

/* Without the lock, unless it is in the queue, or was given something. Who has
 * it all leaves whatever list it is in, so that the drop need not. */
static int acquire_look_first(struct semaphore_acquire *acquire)
{
    struct waker spare = {NULL, NULL};

    if (!acquire->is_queued)
        return take(acquire->semaphore, acquire->count);
    pthread_mutex_lock(&acquire->semaphore->lock);
    int result = acquire_look(acquire);

    acquire->is_queued = result == -EAGAIN;
    if (!acquire->is_queued)
        spare = waiter_leave(&acquire->waiter);
    pthread_mutex_unlock(&acquire->semaphore->lock);
    waker_drop(&spare);
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
    if (result == -EAGAIN) {
        acquire->is_queued = true;
        return POLL_PENDING;
    }
    acquire->is_done = true;
    acquire->base.result = result;
    return POLL_READY;
}

/* Counts against its turn's budget: step 12.12. */
static enum poll acquire_budgeted(struct future *self, struct context *cx)
{
    return budget_poll(
        acquire_poll, self, cx,
        &container_of(self, struct semaphore_acquire, base.base)->was_refused);
}

static void acquire_drop(struct future *self)
{
    struct semaphore_acquire *acquire =
        container_of(self, struct semaphore_acquire, base.base);

    /* begin 9.4: if it was queued: out of whatever list it is in, as it may be
     * dropped before its wake; and what it holds is nobody's now. */
    struct semaphore *semaphore = acquire->semaphore;

    if (!acquire->is_queued)
        return;
    pthread_mutex_lock(&semaphore->lock);
    struct waker waker = waiter_leave(&acquire->waiter);
    size_t held = acquire->held;

    acquire->held = 0;
    put(semaphore, held);
    waker_drop(&waker);
    /* end 9.4: (void)acquire; */
}

void semaphore_acquire_init(struct semaphore_acquire *acquire,
                            struct semaphore *semaphore, size_t count)
{
    static const struct future_ops ops = {acquire_budgeted, acquire_drop};

    *acquire = (struct semaphore_acquire){
        .base = {{&ops}, 0}, .semaphore = semaphore, .count = count};
    waiter_init(&acquire->waiter);
}
