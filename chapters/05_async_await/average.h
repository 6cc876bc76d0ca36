/* average.h - the average of so many numbers, rounded down.
 *
 *   V1  The first number says how many follow. Then so many are awaited,
 *       one after the other, and no more.
 *   V2  The result is their average, or the first error; -EDOM if the first
 *       number is 0, and -EOVERFLOW if the sum is too large for an int.
 *   V3  Averages that run at the same time do not disturb one another. */
#ifndef CHAPTERS_ASYNC_AWAIT_AVERAGE_H
#define CHAPTERS_ASYNC_AWAIT_AVERAGE_H

#include "chapters/05_async_await/async.h"
#include "chapters/05_async_await/source.h"

#ifdef __cplusplus
extern "C" {
#endif

struct average {
    struct async async;
    struct source *source;
    int count; /* how many there are to be */
    int left;  /* how many are still to come */
    int total;
};

void average_init(struct average *average, struct source *source);

#ifdef __cplusplus
}
#endif

#endif
