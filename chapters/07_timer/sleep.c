/* sleep.c - a deadline, and an entry in the timer while somebody waits. */
#include "chapters/07_timer/sleep.h"

#include "chapters/04_executor/budget_poll.h"
#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

static struct sleep *sleep_of(struct future *self)
{
    return container_of(self, struct sleep, base.base);
}

static enum poll sleep_poll(struct future *self, struct context *cx)
{
    struct sleep *sleep = sleep_of(self);

    /* TODO(7.6): ready if the clock says so; if it is started, keep the
     * newest waker; otherwise start it. (Time goes on while you look: what
     * do timer_renew() and timer_start() return?) */
    TODO(7.6);
    (void)sleep;
    return POLL_PENDING;
}

/* Counts against its turn's budget: step 12.12. */
static enum poll sleep_budgeted(struct future *self, struct context *cx)
{
    return budget_poll(sleep_poll, self, cx, &sleep_of(self)->was_refused);
}

static void sleep_drop(struct future *self)
{
    /* TODO(7.6): nothing is left in the timer */
    TODO(7.6);
    (void)sleep_of;
}

void sleep_until_init(struct sleep *sleep, struct timer *timer,
                      int64_t deadline)
{
    static const struct future_ops ops = {sleep_budgeted, sleep_drop};

    sleep->base = (struct int_future){{&ops}, 0};
    sleep->timer = timer;
    sleep->deadline = deadline;
    sleep->was_refused = false;
    timer_entry_init(&sleep->entry);
}

void sleep_init(struct sleep *sleep, struct timer *timer, int64_t duration)
{
    int64_t deadline = INT64_MAX;

    /* TODO(7.6): from now, and not beyond the end of time (time_add) */
    TODO(7.6);
    sleep_until_init(sleep, timer, deadline);
}

void sleep_reset(struct sleep *sleep, int64_t deadline)
{
    sleep->was_refused = false; /* or a loop of resets would pay no more */
    /* TODO(7.7): another deadline; if it is started, start it anew with the
     * waker that it had, or wake that one if the new deadline is over */
    TODO(7.7);
}
