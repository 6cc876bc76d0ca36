/* timer.c - from nanoseconds to ticks, and from deadlines to wakes. */
#include "chapters/07_timer/timer.h"

#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

static const struct driver_ops timer_driver;

/* The last tick that has come by `time`. */
static uint64_t tick_before(int64_t time)
{
    return (uint64_t)(time / TIMER_TICK);
}

/* The first tick that comes not before `time`. */
static uint64_t tick_after(int64_t time)
{
    uint64_t tick = 0;

    /* TODO(7.4): rounded up (T2); no time before 0 matters */
    TODO(7.4);
    return tick;
}

int64_t timer_now(const struct timer *timer)
{
    return clock_now(timer->clock);
}

void timer_init(struct timer *timer, struct clock *clock, struct driver *inner)
{
    timer->driver.ops = &timer_driver;
    timer->clock = clock;
    timer->inner = inner;
    timer->live = 0;
    timer->fired = 0;
    wheel_init(&timer->wheel, tick_before(clock_now(clock)));
}

void timer_end(struct timer *timer)
{
    require(timer->live == 0, "%zu timers are still started", timer->live);
}

void timer_entry_init(struct timer_entry *entry)
{
    wheel_entry_init(&entry->wheel);
    entry->waker = (struct waker){NULL, NULL};
    entry->is_started = false;
}

bool timer_start(struct timer *timer, struct timer_entry *entry,
                 int64_t deadline, const struct waker *waker)
{
    if (deadline <= timer_now(timer))
        return false;
    /* TODO(7.4): into the wheel, with a clone of the waker; count it in
     * live */
    TODO(7.4);
    (void)tick_after;
    return true;
}

void timer_stop(struct timer *timer, struct timer_entry *entry)
{
    struct waker waker = waker_take(&entry->waker);

    /* TODO(7.4): out of wherever it is, and out of the count, if it is
     * started */
    TODO(7.4);
    waker_drop(&waker); /* last: it runs code that we do not know */
}

/* Takes an entry that is due, and not in the wheel any more, out of the books.
 * Its waker is the caller's. */
static struct waker timer_expire(struct timer *timer, struct timer_entry *entry)
{
    entry->is_started = false;
    timer->live--;
    timer->fired++;
    return waker_take(&entry->waker);
}

/* Wakes everybody who is due (T3). True if there was anybody. */
static bool timer_fire(struct timer *timer)
{
    struct list expired, *link;
    bool has_news = false;

    list_init(&expired);
    /* TODO(7.4): advance the wheel; then take one entry after the other out
     * of the list, and wake. A wake may take others out of it. */
    TODO(7.4);
    (void)link, (void)timer_expire;
    return has_news;
}

/* Nanoseconds until the wheel wants to be advanced; negative: it does not. */
static int64_t timer_until_next(const struct timer *timer)
{
    uint64_t tick;
    int64_t until;

    if (!wheel_next(&timer->wheel, &tick))
        return -1;
    /* A tick beyond the clock's range will not come. */
    if (tick > (uint64_t)(INT64_MAX / TIMER_TICK))
        return -1;
    until = (int64_t)tick * TIMER_TICK - timer_now(timer);
    return until > 0 ? until : 0;
}

/* How long the inner driver may sleep, if it was asked for `timeout`. */
static int64_t timer_limit(const struct timer *timer, int64_t timeout)
{
    int64_t limit = timeout;

    /* TODO(7.4): not longer than until the next deadline; mind that
     * negative means without end, for both */
    TODO(7.4);
    (void)timer_until_next;
    return limit;
}

/* T4. Instead of a sleep of `limit` nanoseconds, not negative. */
static bool timer_skip(struct timer *timer, int64_t limit)
{
    bool has_news = false;

    /* TODO(7.5): look at the inner driver; advance the clock if there is no
     * news */
    TODO(7.5);
    has_news = driver_park(timer->inner, limit);
    return has_news;
}

static bool timer_park(struct driver *self, int64_t timeout)
{
    struct timer *timer = container_of(self, struct timer, driver);
    int64_t limit = timer_limit(timer, timeout);
    bool skips = timer->clock->is_paused && timer->clock->advances_by_itself;
    bool has_news = skips && limit > 0 ? timer_skip(timer, limit)
                                       : driver_park(timer->inner, limit);

    return timer_fire(timer) || has_news;
}

static struct waker timer_unparker(struct driver *self)
{
    return driver_unparker(container_of(self, struct timer, driver)->inner);
}

static const struct driver_ops timer_driver = {timer_park, timer_unparker};
