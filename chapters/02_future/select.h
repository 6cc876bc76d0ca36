/* select.h - several futures at once, until the first is ready.
 *
 *   T1  Each poll polls the children in order, up to the first that is
 *       ready. The result is the index of that winner.
 *   T2  If several would be ready, the earliest in the array wins: the
 *       select is biased, and a child that is always ready starves those
 *       behind it.
 *   T3  The children are owned (O1 to O3). In the poll that finds a winner
 *       all are dropped, winner and losers, each exactly once; a loser is
 *       not polled any more. The winner's own result stays in it.
 *   T4  At least one child: a select of none could never be ready. The
 *       array is the caller's, as in join.h.
 *
 * Rust: tokio::select! with `biased;` (without it, and in futures::select!,
 * the order is random at each poll); futures::future::select gives the
 * loser back instead of dropping it. */
#ifndef CHAPTERS_FUTURE_SELECT_H
#define CHAPTERS_FUTURE_SELECT_H

#include "chapters/02_future/future.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct select {
    struct int_future base;       /* result: the winner's index */
    struct int_future **children; /* count of them; NULL: dropped */
    size_t count;
};

void select_init(struct select *select, struct int_future **children,
                 size_t count);

#ifdef __cplusplus
}
#endif

#endif
