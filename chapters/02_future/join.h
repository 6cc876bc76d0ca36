/* join.h - several futures at once, until all are ready.
 *
 *   J1  Each poll polls every child that is still pending, in order, and no
 *       other (P4).
 *   J2  Ready in the poll in which the last child is; with no children, at
 *       once. The results stay in the children.
 *   J3  The children are owned (O1 to O3): each is dropped as soon as it is
 *       ready. The array is the caller's, outlives the join, and is where
 *       the join keeps its pointers: an entry becomes NULL when its child
 *       is dropped.
 *
 * A wake of one child polls all that are pending: simple, and right for a
 * few. With thousands, each child needs a waker of its own.
 *
 * Rust: futures::join! and join_all (short lists); FuturesUnordered has a
 * waker for each child. tokio::join! (1.54.1) begins each poll with the next
 * child, unless it is told `biased;`: a b c, b c a, c a b. */
#ifndef CHAPTERS_FUTURE_JOIN_H
#define CHAPTERS_FUTURE_JOIN_H

#include "chapters/02_future/future.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct join {
    struct future base;
    struct int_future **children; /* count of them; NULL: done */
    size_t count;
};

void join_init(struct join *join, struct int_future **children, size_t count);

#ifdef __cplusplus
}
#endif

#endif
