/* clock.c - the kernel's clock, or a number. */
#include "chapters/07_timer/clock.h"

#include "chapters/common/panic.h"

#include <time.h>

void clock_init(struct clock *clock)
{
    *clock = (struct clock){.is_paused = false};
}

void clock_init_paused(struct clock *clock, int64_t time)
{
    require(time >= 0, "K1: a clock begins at 0 or later");
    *clock = (struct clock){true, true, time};
}

int64_t clock_now(const struct clock *clock)
{
    struct timespec time;

    if (clock->is_paused)
        return clock->time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * SECONDS(1) + time.tv_nsec;
}

void clock_advance(struct clock *clock, int64_t duration)
{
    require(clock->is_paused, "K3: only a paused clock can be advanced");
    require(duration >= 0, "K1: a clock never goes backwards");
    clock->time = time_add(clock->time, duration);
}

int64_t time_add(int64_t time, int64_t duration)
{
    int64_t sum;

    if (!__builtin_add_overflow(time, duration, &sum))
        return sum;
    return duration > 0 ? INT64_MAX : INT64_MIN;
}
