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

/* begin 5.6 */
/* The frame for a branch, or NULL if there is no memory. */
static struct int_future *branch_begin(struct tree_sum *sum,
                                       const struct tree *tree)
{
    sum->branch = malloc(sizeof *sum->branch);
    if (sum->branch == NULL)
        return NULL;
    tree_sum_init(sum->branch, sum->source, tree);
    return &sum->branch->async.base;
}

/* It has returned, or is dropped: by now it is only memory. */
static void branch_end(struct tree_sum *sum)
{
    free(sum->branch);
    sum->branch = NULL;
}

/* Adds what the last await brought. 0, or a negative errno. */
static int add(struct tree_sum *sum)
{
    int number = sum->async.base.result;

    if (number < 0)
        return number;
    if (number > INT_MAX - sum->total)
        return -EOVERFLOW;
    sum->total += number;
    return 0;
}
/* end 5.6 */

static enum poll tree_sum_body(struct async *self, struct context *cx)
{
    struct tree_sum *sum = container_of(self, struct tree_sum, async);

    /* begin 5.6: The value, then the left branch, then the right one, each in
     * a frame that is allocated and freed. */
    int error;

    ASYNC(self);
    if (sum->tree == NULL)
        ASYNC_RETURN(0);
    AWAIT(sum->source->next(sum->source));
    error = add(sum);
    if (error < 0)
        ASYNC_RETURN(error);

    if (sum->tree->left != NULL) {
        if (branch_begin(sum, sum->tree->left) == NULL)
            ASYNC_RETURN(-ENOMEM);
        AWAIT(&sum->branch->async.base);
        branch_end(sum);
        error = add(sum);
        if (error < 0)
            ASYNC_RETURN(error);
    }
    if (sum->tree->right != NULL) {
        if (branch_begin(sum, sum->tree->right) == NULL)
            ASYNC_RETURN(-ENOMEM);
        AWAIT(&sum->branch->async.base);
        branch_end(sum);
        error = add(sum);
        if (error < 0)
            ASYNC_RETURN(error);
    }
    ASYNC_RETURN(sum->total);
    ASYNC_END;
    /* end 5.6: (void)sum;
    return POLL_PENDING; */
}

static void tree_sum_cleanup(struct async *self)
{
    /* begin 5.6: Free the frame inside, if there is one: it is dropped. */
    branch_end(container_of(self, struct tree_sum, async));
    /* end 5.6 */
}

static const struct async_function tree_sum_function = {
    ASYNC_OPS, tree_sum_body, tree_sum_cleanup};

void tree_sum_init(struct tree_sum *sum, struct source *source,
                   const struct tree *tree)
{
    *sum = (struct tree_sum){.source = source, .tree = tree};
    async_init(&sum->async, &tree_sum_function);
}
