/* sum_by_hand.h - adds numbers up to the first 0: a loop, by hand.
 *
 * What a thread would write:
 *
 *     int total = 0;
 *     for (;;) {
 *         int number = wait_for(source->next(source));
 *         if (number < 0)
 *             return number;
 *         if (number == 0)
 *             return total;
 *         total += number;
 *     }
 *
 *   M1  Asks for a number at its first poll, and for the next one in the
 *       poll that finds a number: never earlier, and no later.
 *   M2  The result is the total, or the first error.
 *   M3  At any time at most one number is awaited. It is dropped when it is
 *       ready, or by the sum's drop (O1 to O3).
 *
 * A sum belongs to one task; the source outlives it. */
#ifndef CHAPTERS_ASYNC_AWAIT_SUM_BY_HAND_H
#define CHAPTERS_ASYNC_AWAIT_SUM_BY_HAND_H

#include "chapters/05_async_await/source.h"

#ifdef __cplusplus
extern "C" {
#endif

/* NEW -> WAITING -> DONE */
enum sum_state {
    SUM_NEW,
    SUM_WAITING,
    SUM_DONE,
};

struct sum_by_hand {
    struct int_future base;
    enum sum_state state;
    struct source *source;
    struct int_future *number; /* not NULL in WAITING only */
    int total;
};

void sum_by_hand_init(struct sum_by_hand *sum, struct source *source);

#ifdef __cplusplus
}
#endif

#endif
