/* deadline.c - nanoseconds since some moment that never changes. */
#include "chapters/common/deadline.h"

#include <limits.h>

enum {
    NS_A_MS = 1000000,
    NS_A_SECOND = 1000000000
};

static int64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * NS_A_SECOND + time.tv_nsec;
}

int64_t deadline_in(int milliseconds)
{
    if (milliseconds < 0)
        return DEADLINE_NEVER;
    return now() + (int64_t)milliseconds * NS_A_MS;
}

int deadline_left(int64_t deadline)
{
    if (deadline == DEADLINE_NEVER)
        return -1;
    int64_t left = deadline - now();

    if (left <= 0)
        return 0;
    left = (left + NS_A_MS - 1) / NS_A_MS; /* up: a wait of 0 is no wait */
    return left > INT_MAX ? INT_MAX : (int)left;
}

struct timespec deadline_time(int64_t deadline)
{
    return (struct timespec){.tv_sec = deadline / NS_A_SECOND,
                             .tv_nsec = deadline % NS_A_SECOND};
}

void deadline_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}
