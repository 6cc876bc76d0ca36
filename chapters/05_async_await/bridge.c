/* bridge.c - a frame on the stack of a thread that waits. */
#include "chapters/05_async_await/bridge.h"

#include "chapters/03_waker/block_on.h"
#include "chapters/05_async_await/sum.h"
#include "chapters/common/todo.h"

#include <errno.h>

int sum_now(struct source *source)
{
    /* TODO(5.8): Run a sum to its end on this thread, and return its
     * result. */
    TODO(5.8);
    return -ENOSYS;
}
