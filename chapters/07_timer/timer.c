/* timer.c - from nanoseconds to ticks, and from deadlines to wakes.
 *
 * The lock is held for a few instructions. Wakers are cloned before it and
 * dropped after it; and a waker that is due is taken out under it, and woken
 * without. From then on the entry is its owner's again. */
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
    pthread_mutex_init(&timer->lock, NULL);
    timer->asleep_until = 0;
    timer->live = 0;
    timer->fired = 0;
    wheel_init(&timer->wheel, tick_before(clock_now(clock)));
}

void timer_end(struct timer *timer)
{
    require(timer->live == 0, "%zu timers are still started", timer->live);
    pthread_mutex_destroy(&timer->lock);
}

void timer_entry_init(struct timer_entry *entry)
{
    wheel_entry_init(&entry->wheel);
    entry->waker = (struct waker){NULL, NULL};
    atomic_init(&entry->is_started, false);
}

bool timer_is_started(const struct timer_entry *entry)
{
    /* Acquire: pairs with the release in set_started(). Whoever sees that it is
     * not started may free it: the timer's last look at it came before. */
    return atomic_load_explicit(&entry->is_started, memory_order_acquire);
}

/* The last thing that is done to an entry. Lock held. */
static void set_started(struct timer_entry *entry, bool is_started)
{
    atomic_store_explicit(&entry->is_started, is_started, memory_order_release);
}

/* Into the wheel, and `spare`, a waker, into the entry. False if the wheel says
 * that it is due; then nothing is changed. Lock held. */
static bool timer_enter(struct timer *timer, struct timer_entry *entry,
                        uint64_t tick, struct waker *spare)
{
    bool is_entered = false;

    /* TODO(7.4): into the wheel; if it takes the entry, the waker and the
     * flag, and count it in live */
    TODO(7.4);
    return is_entered;
}

/* T7. True if a thread is asleep longer than until `tick`: then it is the
 * caller's to end that, without the lock. Lock held. */
static bool timer_oversleeps(struct timer *timer, uint64_t tick)
{
    bool oversleeps = false;

    /* TODO(7.4): compare asleep_until with the tick's time; who sleeps is
     * woken once, so from then on nobody is asleep */
    TODO(7.4);
    return oversleeps;
}

static void timer_unpark(struct timer *timer)
{
    struct waker unparker = driver_unparker(timer->inner);

    waker_wake(&unparker);
}

bool timer_start(struct timer *timer, struct timer_entry *entry,
                 int64_t deadline, const struct waker *waker)
{
    uint64_t tick = tick_after(deadline);
    struct waker spare;

    if (deadline <= timer_now(timer))
        return false;
    /* TODO(7.4): clone the waker; under the lock enter, and ask if somebody
     * oversleeps; then unpark, and drop what is left of the clone */
    TODO(7.4);
    (void)tick, (void)spare, (void)timer_enter;
    (void)timer_oversleeps, (void)timer_unpark;
    return true;
}

bool timer_renew(struct timer *timer, struct timer_entry *entry,
                 const struct waker *waker)
{
    struct waker spare;
    bool is_kept;

    pthread_mutex_lock(&timer->lock);
    is_kept = waker_will_wake(&entry->waker, waker);
    pthread_mutex_unlock(&timer->lock);
    if (is_kept)
        return true;
    /* TODO(7.6): clone it; under the lock swap the two, if the entry is
     * still started; drop the other one */
    TODO(7.6);
    (void)spare;
    return false;
}

struct waker timer_cancel(struct timer *timer, struct timer_entry *entry)
{
    struct waker waker = {NULL, NULL};

    if (!timer_is_started(entry))
        return waker;
    pthread_mutex_lock(&timer->lock);
    /* TODO(7.4): out of wherever it is, and out of the count, if it is
     * still started; and its waker out of it */
    TODO(7.4);
    pthread_mutex_unlock(&timer->lock);
    return waker;
}

void timer_stop(struct timer *timer, struct timer_entry *entry)
{
    struct waker waker = timer_cancel(timer, entry);

    waker_drop(&waker); /* without the lock: it runs code that we do not know */
}

/* Takes an entry that is due, and not in the wheel any more, out of the books.
 * Its waker is the caller's, and the entry its owner's. Lock held. */
static struct waker timer_expire(struct timer *timer, struct timer_entry *entry)
{
    struct waker waker = waker_take(&entry->waker);

    timer->live--;
    timer->fired++;
    set_started(entry, false);
    return waker;
}

/* Wakes everybody who is due (T3). True if there was anybody. */
static bool timer_fire(struct timer *timer)
{
    uint64_t now = tick_before(timer_now(timer));
    struct list expired, *link;
    bool has_news = false;

    list_init(&expired);
    pthread_mutex_lock(&timer->lock);
    timer->asleep_until = 0;
    /* TODO(7.4): advance the wheel; then take one entry after the other out
     * of the list, and wake it without the lock. Wakes, and other threads,
     * may take others out of it. */
    TODO(7.4);
    (void)link, (void)timer_expire, (void)now;
    pthread_mutex_unlock(&timer->lock);
    return has_news;
}

/* Nanoseconds from `now` until the wheel wants to be advanced; negative: it
 * does not. Lock held. */
static int64_t timer_until_next(const struct timer *timer, int64_t now)
{
    uint64_t tick;
    int64_t until;

    if (!wheel_next(&timer->wheel, &tick))
        return -1;
    /* A tick beyond the clock's range will not come. */
    if (tick > (uint64_t)(INT64_MAX / TIMER_TICK))
        return -1;
    until = (int64_t)tick * TIMER_TICK - now;
    return until > 0 ? until : 0;
}

/* How long the inner driver may sleep, if it was asked for `timeout`. Lock
 * held. */
static int64_t timer_limit(const struct timer *timer, int64_t timeout,
                           int64_t now)
{
    int64_t limit = timeout;

    /* TODO(7.4): not longer than until the next deadline; mind that
     * negative means without end, for both */
    TODO(7.4);
    (void)timer_until_next;
    return limit;
}

static bool timer_skips(const struct timer *timer)
{
    return timer->clock->is_paused && timer->clock->advances_by_itself;
}

/* The same; and until when that is, for whoever starts an entry meanwhile. */
static int64_t timer_prepare(struct timer *timer, int64_t timeout)
{
    int64_t now = timer_now(timer), limit;

    pthread_mutex_lock(&timer->lock);
    limit = timer_limit(timer, timeout, now);
    if (limit != 0 && !timer_skips(timer))
        timer->asleep_until = limit < 0 ? INT64_MAX : time_add(now, limit);
    pthread_mutex_unlock(&timer->lock);
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
    int64_t limit = timeout == 0 ? 0 : timer_prepare(timer, timeout);
    bool has_news = timer_skips(timer) && limit > 0
                        ? timer_skip(timer, limit)
                        : driver_park(timer->inner, limit);

    return timer_fire(timer) || has_news;
}

static struct waker timer_unparker(struct driver *self)
{
    return driver_unparker(container_of(self, struct timer, driver)->inner);
}

static const struct driver_ops timer_driver = {timer_park, timer_unparker};
