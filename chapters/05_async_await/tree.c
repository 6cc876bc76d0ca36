/* tree.c - each call inside a call has a frame of its own, on the heap.
 *
 * The compiler of a plain language puts such frames on the stack, where the
 * call that returns last was made last. A frame that waits cannot be there. */
#include "chapters/05_async_await/tree.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <async_macros.h>

static enum poll tree_sum_body(struct async *self, struct context *cx)
{
    struct tree_sum *sum = container_of(self, struct tree_sum, async);

    /* TODO(5.6): The value, then the left branch, then the right one, each
     * in a frame that is allocated and freed. */
    TODO(5.6);
    (void)sum;
    return POLL_PENDING;
}

static void tree_sum_cleanup(struct async *self)
{
    /* TODO(5.6): Free the frame inside, if there is one: it is dropped. */
    TODO(5.6);
}

static const struct async_function tree_sum_function = {
    ASYNC_OPS, tree_sum_body, tree_sum_cleanup};

void tree_sum_init(struct tree_sum *sum, struct source *source,
                   const struct tree *tree)
{
    *sum = (struct tree_sum){.source = source, .tree = tree};
    async_init(&sum->async, &tree_sum_function);
}
