/* ready.h - the two simplest futures: ready at once, and never.
 *
 *   R1  A ready future is ready on its first poll, with the result that it
 *       was made with. It asks for no other poll.
 *   R2  A pending future is never ready and never wakes anybody: another
 *       poll is never worth while (P2 asks for no more).
 *
 * They own nothing: drop has nothing to do.
 *
 * Rust: std::future::ready, std::future::pending. */
#ifndef CHAPTERS_FUTURE_READY_H
#define CHAPTERS_FUTURE_READY_H

#include "chapters/02_future/future.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ready {
    struct int_future base;
    int value; /* what the result will be */
};

struct pending {
    struct int_future base;
};

void ready_init(struct ready *ready, int value);
void pending_init(struct pending *pending);

#ifdef __cplusplus
}
#endif

#endif
