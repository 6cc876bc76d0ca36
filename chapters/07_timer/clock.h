/* clock.h - what time it is, or what a test says it is.
 *
 *   K1  A clock never goes backwards. It counts nanoseconds from a moment of
 *       its own choice; it is no date, and nobody sets it.
 *   K2  A real clock is CLOCK_MONOTONIC.
 *   K3  A paused clock stands still, until clock_advance(). If it may
 *       `advance_by_itself`, the timer that has it goes on to its next
 *       deadline as soon as everybody waits: an hour's sleep takes no time.
 *
 * Any thread may ask a real clock; a paused one belongs to one thread. Rust:
 * tokio::time::pause() and advance(). */
#ifndef CHAPTERS_TIMER_CLOCK_H
#define CHAPTERS_TIMER_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MICROSECONDS(count) ((int64_t)(count)*1000)
#define MILLISECONDS(count) ((int64_t)(count)*1000000)
#define SECONDS(count)      ((int64_t)(count)*1000000000)

struct clock {
    bool is_paused;
    bool advances_by_itself; /* if it is paused */
    int64_t time;            /* if it is paused */
};

void clock_init(struct clock *clock);

/* Paused at `time`, which is at least 0, and may advance by itself. */
void clock_init_paused(struct clock *clock, int64_t time);

/* Nanoseconds; at least 0. */
int64_t clock_now(const struct clock *clock);

/* A paused clock goes on by `duration` nanoseconds, at least 0. */
void clock_advance(struct clock *clock, int64_t duration);

/* `time` plus `duration`, whatever its sign; INT64_MAX, which is some 292
 * years, if that is too much, and INT64_MIN if it is too little. */
int64_t time_add(int64_t time, int64_t duration);

#ifdef __cplusplus
}
#endif

#endif
