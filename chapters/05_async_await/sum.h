/* sum.h - sum_by_hand.h again, as an async function: M1 to M3 hold.
 *
 * The source is an argument, the total a local that lives across an await:
 * both are in the frame. */
#ifndef CHAPTERS_ASYNC_AWAIT_SUM_H
#define CHAPTERS_ASYNC_AWAIT_SUM_H

#include "chapters/05_async_await/async.h"
#include "chapters/05_async_await/source.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sum {
    struct async async;
    struct source *source;
    int total;
};

void sum_init(struct sum *sum, struct source *source);

#ifdef __cplusplus
}
#endif

#endif
