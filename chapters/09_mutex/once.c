/* once.c - whoever has the permit makes the value. Success closes the
 * semaphore, and everything else gives the permit back. */
#include "chapters/09_mutex/once.h"

#include "chapters/02_future/child.h"
#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>

void once_init(struct once *once)
{
    *once = (struct once){.value = 0};
    semaphore_init(&once->semaphore, 1, 1);
}

void once_end(struct once *once)
{
    semaphore_end(&once->semaphore);
}

int once_get(struct once *once)
{
    int result = -EAGAIN;

    /* TODO(9.12): the value, if the semaphore is closed */
    TODO(9.12);
    (void)once;
    return result;
}

/* The turn ends: with a value, which is set for ever; or with an error, and
 * the next one has its turn. */
static void end_turn(struct once_run *run, int result)
{
    struct once *once = run->once;

    /* TODO(9.12): the value, and close; or release */
    TODO(9.12);
    (void)once, (void)result;
}

/* Ready when it is its turn, or is not needed as the value is set. */
static enum poll wait_for_turn(struct once_run *run, struct context *cx)
{
    /* TODO(9.12): poll for the permit. If it is there, it has its turn; if
     * the semaphore is closed, the result is the value, and the initialiser
     * is not needed. */
    TODO(9.12);
    (void)run, (void)cx;
    return POLL_PENDING;
}

static enum poll run_poll(struct future *self, struct context *cx)
{
    struct once_run *run = container_of(self, struct once_run, base.base);

    if (!run->has_turn && wait_for_turn(run, cx) == POLL_PENDING)
        return POLL_PENDING;
    if (!run->has_turn)
        return POLL_READY;
    /* TODO(9.12): poll the initialiser; when it is ready, drop it, and the
     * turn ends. */
    TODO(9.12);
    (void)end_turn;
    return POLL_READY;
}

static void run_drop(struct future *self)
{
    struct once_run *run = container_of(self, struct once_run, base.base);

    /* TODO(9.12): the initialiser, then the turn if it has one, as if it
     * had failed; and whatever waits for the turn */
    TODO(9.12);
    (void)run;
}

void once_run_init(struct once_run *run, struct once *once,
                   struct int_future *initialiser)
{
    static const struct future_ops ops = {run_poll, run_drop};

    *run = (struct once_run){
        .base = {{&ops}, 0}, .once = once, .initialiser = initialiser};
    semaphore_acquire_init(&run->acquire, &once->semaphore, 1);
}
