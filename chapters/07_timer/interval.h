/* interval.h - a tick every so often.
 *
 *     period 10      0    10   20   30   40   50   60
 *     tick at        |    |    |    |    |    |    |
 *     the task is    t    t    ######### busy until 43
 *
 *     BURST          .    .              20 30 40  50   60
 *     DELAY          .    .              20           53 (43 + 10) ...
 *     SKIP           .    .              20        50   60
 *
 *   V1  The first tick is due at once, the next ones a period apart.
 *   V2  A tick that comes more than INTERVAL_GRACE late has missed something.
 *       What is next then? INTERVAL_BURST: what was missed, at once, until it
 *       has caught up. INTERVAL_DELAY: a period from now. INTERVAL_SKIP: the
 *       first that is after now of those that are whole periods after `due`.
 *   V3  A tick's `due` is the time that it was due; its result is 0.
 *   V4  A tick that is dropped before it was ready is not lost: the next one
 *       waits for the same time.
 *   V5  The period is at least one nanosecond, or it panics.
 *
 * An interval belongs to one task, with one tick at a time.
 * Rust: tokio::time::Interval and MissedTickBehavior. */
#ifndef CHAPTERS_TIMER_INTERVAL_H
#define CHAPTERS_TIMER_INTERVAL_H

#include "chapters/07_timer/sleep.h"

#ifdef __cplusplus
extern "C" {
#endif

/* No tick is exactly in time. Within so much of it, nothing was missed: else
 * every tick of a DELAY would push the others back a little. Tokio has five
 * milliseconds, too. */
#define INTERVAL_GRACE MILLISECONDS(5)

enum interval_missed {
    INTERVAL_BURST,
    INTERVAL_DELAY,
    INTERVAL_SKIP,
};

struct interval {
    struct timer *timer;
    int64_t period;
    int64_t due; /* when the next tick is */
    enum interval_missed missed;
};

void interval_init(struct interval *interval, struct timer *timer,
                   int64_t period, enum interval_missed missed);

struct interval_tick {
    struct int_future base;
    struct interval *interval;
    int64_t due;
    struct sleep sleep;
};

void interval_tick_init(struct interval_tick *tick, struct interval *interval);

#ifdef __cplusplus
}
#endif

#endif
