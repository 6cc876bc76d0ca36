/* yield.h - a future that lets the others have a turn.
 *
 * Its first poll wakes the task and is pending, so that the task goes to
 * the end of the queue; its second is ready, with result 0. Whoever was in
 * the queue has had one turn in between.
 *
 * Rust: tokio::task::yield_now, which puts the task aside instead: it is
 * woken when the runtime next looks for events, at the latest after 61 turns
 * of others (Tokio 1.54.1). */
#ifndef CHAPTERS_EXECUTOR_YIELD_H
#define CHAPTERS_EXECUTOR_YIELD_H

#include "chapters/02_future/future.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct yield {
    struct int_future base;
    bool has_yielded;
};

void yield_init(struct yield *yield);

#ifdef __cplusplus
}
#endif

#endif
