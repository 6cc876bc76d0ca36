/* timeout.h - a future that has only so much time.
 *
 *   O1  Ready as soon as the inner future is, with its result. It is polled
 *       first: a result that is there counts, also if the time is up.
 *   O2  Ready with -ETIMEDOUT when the time is up before that. The inner
 *       future is then dropped at once, in the same poll.
 *   O3  The inner future is dropped exactly once, and nothing is left in
 *       the timer, whatever comes first.
 *   O4  The time counts from when the timeout is made (S1).
 *   O5  It is over in time, or a turn later, also if the inner future is ready
 *       work without end that spends the budget of each turn (B6 of
 *       budget_poll.h).
 *
 * It owns the inner future. Rust: tokio::time::timeout. There, seen with Tokio
 * 1.54.1, the inner future lives as long as the Timeout, also when the time is
 * up: timeout(mutex.lock()) that is over, and pinned still, is handed the mutex
 * later and locks everybody out. */
#ifndef CHAPTERS_TIMER_TIMEOUT_H
#define CHAPTERS_TIMER_TIMEOUT_H

#include "chapters/07_timer/sleep.h"

#ifdef __cplusplus
extern "C" {
#endif

struct timeout {
    struct int_future base;
    struct int_future *inner; /* NULL: dropped */
    struct sleep sleep;
};

void timeout_init(struct timeout *timeout, struct timer *timer,
                  struct int_future *inner, int64_t duration);

#ifdef __cplusplus
}
#endif

#endif
