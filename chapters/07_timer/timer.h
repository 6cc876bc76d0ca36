/* timer.h - a clock, a wheel, and who sleeps until the next deadline.
 *
 *     executor --park(-1)--> timer --park(9 ms)--> reactor --> epoll_wait()
 *
 *   T1  A timer is a driver (driver.h) around another one: it sleeps where
 *       that one sleeps, but no longer than until its next deadline.
 *   T2  A deadline is rounded up to a millisecond. It is never early; a
 *       busy executor may be late, and says so by the clock.
 *   T3  Whoever is due is woken in order of the ticks, with nothing held.
 *       A wake may start, stop and reset timers, also those that are due in
 *       the same moment and were not woken yet.
 *   T4  With a paused clock that may advance by itself, a park that may sleep
 *       looks at the other driver first. Only if there is no news, it
 *       goes on to the next deadline instead of sleeping.
 *   T5  A timer that is started, stopped or reset costs no allocation and no
 *       system call; but for T7.
 *   T6  One thread at a time parks; not always the same one. Meanwhile any
 *       thread may start, renew and stop entries; one entry is used by one
 *       thread at a time. When it is not started any more, because it fired or
 *       was stopped, the timer has done with it: it may be freed. The wake of
 *       one that has fired may then still be under way.
 *   T7  A start ends the sleep of a parked thread if that would sleep beyond
 *       the deadline, and only then; one wake a sleep.
 *
 * With a paused clock everything is on one thread. Rust: tokio's time driver,
 * which wraps its I/O driver in the same way. */
#ifndef CHAPTERS_TIMER_TIMER_H
#define CHAPTERS_TIMER_TIMER_H

#include "chapters/03_waker/waker.h"
#include "chapters/04_executor/driver.h"
#include "chapters/07_timer/clock.h"
#include "chapters/07_timer/wheel.h"
#include "chapters/common/atomics.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A tick in nanoseconds. epoll_wait() counts milliseconds, too; and a finer
 * wheel would sort deadlines more exactly than a scheduler can keep them.
 * A coarser one would make short timeouts long. */
#define TIMER_TICK MILLISECONDS(1)

struct timer {
    struct driver driver; /* first: a timer is a driver */
    struct clock *clock;
    struct driver *inner;

    pthread_mutex_t lock; /* protects the rest, and all that is in entries */
    struct wheel wheel;
    int64_t asleep_until; /* the parked thread; 0: nobody is asleep */
    size_t live;          /* timers that are started and not due yet */
    unsigned long fired;  /* since init; for you to read */
};

/* One deadline that somebody waits for. */
struct timer_entry {
    struct wheel_entry wheel;
    struct waker waker;             /* empty unless it is started */
    atomic_member(bool) is_started; /* changes with the lock held */
};

/* `clock` and `inner` outlive the timer. */
void timer_init(struct timer *timer, struct clock *clock, struct driver *inner);

/* All timers are stopped before, or it panics. */
void timer_end(struct timer *timer);

/* Nanoseconds, by its clock. */
int64_t timer_now(const struct timer *timer);

void timer_entry_init(struct timer_entry *entry);

/* False if it never was, was stopped, or its deadline has come. For its owner,
 * as only it starts the entry again. */
bool timer_is_started(const struct timer_entry *entry);

/* Wakes `waker`, of which it keeps a clone, when `deadline` has come. False if
 * it has come already: nothing is started. The entry is not started before. */
bool timer_start(struct timer *timer, struct timer_entry *entry,
                 int64_t deadline, const struct waker *waker);

/* Keeps the newest waker (P3), which costs a clone only if it is another one.
 * False if the entry is not started, or not any more. */
bool timer_renew(struct timer *timer, struct timer_entry *entry,
                 const struct waker *waker);

/* The deadline does not matter any more, and no wake comes of it. The waker is
 * the caller's; it is empty if the entry is not started. */
struct waker timer_cancel(struct timer *timer, struct timer_entry *entry);

/* The same, and the waker is given back. */
void timer_stop(struct timer *timer, struct timer_entry *entry);

#ifdef __cplusplus
}
#endif

#endif
