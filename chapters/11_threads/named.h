/* named.h - a future whose name stands in the message when it panics.
 *
 *   N1  While it is polled or dropped, a panic on its thread says "in
 *       <name>". Around that, the name is what it was before: names nest.
 *   N2  Otherwise it is its child: the same polls, the same result. The child
 *       is dropped once: with it, or as soon as it is ready.
 *
 * With many tasks on many threads a stack trace says which worker it was, and
 * that is no help. Rust: tokio's task::Builder::name, tracing's Instrument. */
#ifndef CHAPTERS_THREADS_NAMED_H
#define CHAPTERS_THREADS_NAMED_H

#include "chapters/02_future/future.h"

#ifdef __cplusplus
extern "C" {
#endif

struct named {
    struct int_future base;
    struct int_future *child; /* dropped by this; its memory is the maker's */
    const char *name;         /* borrowed */
};

void named_init(struct named *named, const char *name,
                struct int_future *child);

#ifdef __cplusplus
}
#endif

#endif
