/* sleep.h - ready when its time has come.
 *
 *   S1  sleep_init() counts from now, from when it is made, not from its first
 *       poll. Its deadline is all that it keeps; the timer hears of it at
 *       the first poll (P1).
 *   S2  It is ready if the deadline is not after the clock, and never before
 *       that. A duration of 0 or less, or a deadline in the past, is ready at
 *       the first poll. One that is too long for the clock lasts for ever.
 *       (Seen with Tokio 1.54.1: a sleep of 0 is pending at its first poll with
 *       the real clock, and ready with a paused one; the longest one ends after
 *       30 years.)
 *   S3  sleep_reset() gives it another deadline, earlier or later, at any time
 *       before its drop, also when it was ready. What was due before does
 *       not matter any more. Whoever polls it next waits for the new one.
 *   S4  Its result is 0.
 *   S5  One that is ready counts against the turn's budget (budget_poll.h). A
 *       new deadline is a new one there, too.
 *
 * A sleep belongs to its task, on whatever thread that is polled, and so do
 * timeouts and intervals. Rust: tokio::time::Sleep, with sleep(), sleep_until()
 * and reset(). */
#ifndef CHAPTERS_TIMER_SLEEP_H
#define CHAPTERS_TIMER_SLEEP_H

#include "chapters/02_future/future.h"
#include "chapters/07_timer/timer.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sleep {
    struct int_future base;
    struct timer *timer;
    int64_t deadline; /* of the timer's clock */
    struct timer_entry entry;
    bool was_refused; /* B6 of budget_poll.h */
};

void sleep_init(struct sleep *sleep, struct timer *timer, int64_t duration);
void sleep_until_init(struct sleep *sleep, struct timer *timer,
                      int64_t deadline);
void sleep_reset(struct sleep *sleep, int64_t deadline);

#ifdef __cplusplus
}
#endif

#endif
