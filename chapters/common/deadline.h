/* deadline.h - a moment by which something is over, however often it was
 * interrupted on the way.
 *
 * A time limit that is given anew to each call of a loop is no limit of the
 * loop. So the moment is fixed once, and each wait is told what is left of it.
 * The clock is CLOCK_MONOTONIC: nobody sets that one back by an hour.
 *
 *      int64_t deadline = deadline_in(5000);
 *
 *      while (!is_done() && poll(&descriptor, 1, deadline_left(deadline)) > 0)
 *          go_on();
 *
 * Rust: std::time::Instant. */
#ifndef COMMON_DEADLINE_H
#define COMMON_DEADLINE_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DEADLINE_NEVER INT64_MAX

/* So many milliseconds from now; of a negative number DEADLINE_NEVER. */
int64_t deadline_in(int milliseconds);

/* What is left, in milliseconds and as poll(2) takes it: 0 when it is over, at
 * least 1 before, -1 for DEADLINE_NEVER. */
int deadline_left(int64_t deadline);

/* The same moment for pthread_cond_timedwait(), on a condition from
 * deadline_condition_init(): that of pthread_cond_init() would take it for a
 * time of day. Not for DEADLINE_NEVER. */
struct timespec deadline_time(int64_t deadline);
void deadline_condition_init(pthread_cond_t *condition);

#ifdef __cplusplus
}
#endif

#endif
