/* barrier.c - the last who comes ends the generation; who belongs to one that
 * is over may go on. */
#include "chapters/09_mutex/barrier.h"

#include "chapters/04_executor/budget_poll.h"
#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

void barrier_init(struct barrier *barrier, size_t size)
{
    *barrier = (struct barrier){.size = size > 0 ? size : 1};
    pthread_mutex_init(&barrier->lock, NULL);
    list_init(&barrier->waiters);
}

void barrier_end(struct barrier *barrier)
{
    require(list_is_empty(&barrier->waiters),
            "a barrier ends, and somebody waits at it");
    pthread_mutex_destroy(&barrier->lock);
}

/* It has come. The last one ends the generation and wakes the others: true. It
 * is called with the lock held, and returns without. */
static bool arrive(struct barrier_wait *wait, struct waker *spare)
{
    struct barrier *barrier = wait->barrier;

    /* begin 9.11: note the generation; the last one makes it over, and wakes
     * all; the others are counted, and wait with the waker in `spare` */
    wait->has_come = true;
    wait->generation = barrier->generation;
    if (barrier->arrived + 1 == barrier->size) {
        barrier->arrived = 0;
        barrier->generation++;
        waiters_wake_all(&barrier->waiters, &barrier->lock);
        return true;
    }
    barrier->arrived++;
    waiter_wait(&wait->waiter, &barrier->waiters, spare);
    /* end 9.11: (void)barrier, (void)spare; */
    pthread_mutex_unlock(&barrier->lock);
    return false;
}

/* Polled again: is its generation over? It is called with the lock held, and
 * returns without. */
static bool look(struct barrier_wait *wait, struct waker *spare)
{
    struct barrier *barrier = wait->barrier;
    bool is_over = false;

    /* begin 9.11: over, or it waits on, with the waker in `spare` */
    is_over = wait->generation != barrier->generation;
    if (!is_over)
        waiter_wait(&wait->waiter, &barrier->waiters, spare);
    /* end 9.11: (void)spare; */
    pthread_mutex_unlock(&barrier->lock);
    return is_over;
}

static enum poll wait_poll(struct future *self, struct context *cx)
{
    struct barrier_wait *wait =
        container_of(self, struct barrier_wait, base.base);
    struct waker spare = waker_clone(cx->waker);
    bool is_first = !wait->has_come;

    require(!wait->is_done, "P4: polled after POLL_READY");
    pthread_mutex_lock(&wait->barrier->lock);
    wait->is_done = is_first ? arrive(wait, &spare) : look(wait, &spare);
    waker_drop(&spare);
    if (!wait->is_done)
        return POLL_PENDING;
    wait->base.result = is_first; /* who need not wait was the last */
    return POLL_READY;
}

/* Counts against its turn's budget: step 12.12. */
static enum poll wait_budgeted(struct future *self, struct context *cx)
{
    return budget_poll(
        wait_poll, self, cx,
        &container_of(self, struct barrier_wait, base.base)->was_refused);
}

static void wait_drop(struct future *self)
{
    struct barrier_wait *wait =
        container_of(self, struct barrier_wait, base.base);

    /* begin 9.11: out of the list; and if it has come, and its generation is
     * not over, it has not come (B4) */
    struct barrier *barrier = wait->barrier;

    pthread_mutex_lock(&barrier->lock);
    struct waker waker = waiter_leave(&wait->waiter);

    if (wait->has_come && wait->generation == barrier->generation)
        barrier->arrived--;
    pthread_mutex_unlock(&barrier->lock);
    waker_drop(&waker);
    /* end 9.11: (void)wait; */
}

void barrier_wait_init(struct barrier_wait *wait, struct barrier *barrier)
{
    static const struct future_ops ops = {wait_budgeted, wait_drop};

    *wait = (struct barrier_wait){.base = {{&ops}, 0}, .barrier = barrier};
    waiter_init(&wait->waiter);
}
