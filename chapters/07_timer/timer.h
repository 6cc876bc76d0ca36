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
 *       system call.
 *
 * Belongs to its executor's thread. Rust: tokio's time driver, which wraps
 * its I/O driver in the same way. */
#ifndef CHAPTERS_TIMER_TIMER_H
#define CHAPTERS_TIMER_TIMER_H

#include "chapters/03_waker/waker.h"
#include "chapters/04_executor/driver.h"
#include "chapters/07_timer/clock.h"
#include "chapters/07_timer/wheel.h"

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
    struct wheel wheel;
    size_t live;         /* timers that are started and not due yet */
    unsigned long fired; /* since init; for you to read */
};

/* One deadline that somebody waits for. */
struct timer_entry {
    struct wheel_entry wheel;
    struct waker waker; /* empty unless it is started */
    bool is_started;
};

/* `clock` and `inner` outlive the timer. */
void timer_init(struct timer *timer, struct clock *clock, struct driver *inner);

/* All timers are stopped before, or it panics. */
void timer_end(struct timer *timer);

/* Nanoseconds, by its clock. */
int64_t timer_now(const struct timer *timer);

void timer_entry_init(struct timer_entry *entry);

/* Wakes `waker`, of which it keeps a clone, when `deadline` has come. False if
 * it has come already: nothing is started. The entry is not started before. */
bool timer_start(struct timer *timer, struct timer_entry *entry,
                 int64_t deadline, const struct waker *waker);

/* The deadline does not matter any more; no wake comes of it, and the waker
 * is given back. Does nothing for an entry that is not started. */
void timer_stop(struct timer *timer, struct timer_entry *entry);

#ifdef __cplusplus
}
#endif

#endif
