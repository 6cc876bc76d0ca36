/* interval.c - when the next tick is due. */
#include "chapters/07_timer/interval.h"

#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

void interval_init(struct interval *interval, struct timer *timer,
                   int64_t period, enum interval_missed missed)
{
    require(period > 0, "V5: an interval of no time would tick without end");
    *interval = (struct interval){timer, period, timer_now(timer), missed};
}

/* When the tick after that of `due` is due, if it is `now` (V2). */
static int64_t next_due(const struct interval *interval, int64_t due,
                        int64_t now)
{
    int64_t next = due;

    /* begin 7.9: a period later; unless this one is late */
    next = time_add(due, interval->period);
    if (now - due <= INTERVAL_GRACE)
        return next;
    if (interval->missed == INTERVAL_DELAY)
        next = time_add(now, interval->period);
    if (interval->missed == INTERVAL_SKIP)
        next = time_add(now, interval->period - (now - due) % interval->period);
    /* end 7.9: (void)interval, (void)now; */
    return next;
}

static enum poll tick_poll(struct future *self, struct context *cx)
{
    struct interval_tick *tick =
        container_of(self, struct interval_tick, base.base);
    struct interval *interval = tick->interval;

    /* begin 7.9: when the sleep is ready: the interval goes on, and only
     * then (V4) */
    if (future_poll(&tick->sleep.base.base, cx) == POLL_PENDING)
        return POLL_PENDING;
    interval->due = next_due(interval, tick->due, timer_now(interval->timer));
    return POLL_READY;
    /* end 7.9: (void)interval, (void)next_due;
    return POLL_PENDING; */
}

static void tick_drop(struct future *self)
{
    future_drop(
        &container_of(self, struct interval_tick, base.base)->sleep.base.base);
}

void interval_tick_init(struct interval_tick *tick, struct interval *interval)
{
    static const struct future_ops ops = {tick_poll, tick_drop};

    tick->base = (struct int_future){{&ops}, 0};
    tick->interval = interval;
    tick->due = interval->due;
    sleep_until_init(&tick->sleep, interval->timer, interval->due);
}
