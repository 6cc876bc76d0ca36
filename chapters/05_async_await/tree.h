/* tree.h - a function that awaits itself.
 *
 * The sum over a tree whose values come from a source. A frame cannot have
 * itself as a member, so the frame of each call inside a call is allocated
 * (in Rust: Box::pin).
 *
 *   R1  tree_sum asks for the value of the node, then sums the left branch,
 *       then the right one: one at a time.
 *   R2  The result is the sum, or the first error; -ENOMEM if a frame
 *       cannot be allocated, -EOVERFLOW if the sum is no int.
 *   R3  At any time there is one frame for each node on the way from the
 *       root to the one awaited. Each is freed as soon as it has returned,
 *       and by the drop of the frame that made it. */
#ifndef CHAPTERS_ASYNC_AWAIT_TREE_H
#define CHAPTERS_ASYNC_AWAIT_TREE_H

#include "chapters/05_async_await/async.h"
#include "chapters/05_async_await/source.h"

#ifdef __cplusplus
extern "C" {
#endif

struct tree {
    const struct tree *left, *right; /* NULL for none */
};

struct tree_sum {
    struct async async;
    struct source *source;
    const struct tree *tree;
    struct tree_sum *branch; /* the frame inside; NULL for none */
    int total;
};

/* `tree` may be NULL: then the sum is 0, and the source is not asked. */
void tree_sum_init(struct tree_sum *sum, struct source *source,
                   const struct tree *tree);

#ifdef __cplusplus
}
#endif

#endif
