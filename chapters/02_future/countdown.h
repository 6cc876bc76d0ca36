/* countdown.h - futures that are pending once, or a number of times.
 *
 *   C1  A pending_once is pending on its first poll and ready on its
 *       second, with the value that it was made with.
 *   C2  A countdown from n is pending on n polls and ready on the next,
 *       with the value that it was made with. From 0 it is ready at once.
 *   C3  Each pending poll wakes the waker of its own context, exactly once
 *       (P2, P3); the ready poll wakes nobody.
 *
 * They wait for nothing in the world, so each asks for its next poll
 * itself. They own nothing: drop has nothing to do.
 *
 * Rust: tokio::task::yield_now is pending once (yield.h in chapter 04 tells
 * what it does with the task meanwhile). */
#ifndef CHAPTERS_FUTURE_COUNTDOWN_H
#define CHAPTERS_FUTURE_COUNTDOWN_H

#include "chapters/02_future/future.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pending_once {
    struct int_future base;
    int value;
    bool was_polled;
};

struct countdown {
    struct int_future base;
    int value;
    int left; /* pending polls to come */
};

void pending_once_init(struct pending_once *once, int value);

/* `count` >= 0. */
void countdown_init(struct countdown *countdown, int count, int value);

#ifdef __cplusplus
}
#endif

#endif
