/* bridge.c - a frame on the stack of a thread that waits. */
#include "chapters/05_async_await/bridge.h"

#include "chapters/03_waker/block_on.h"
#include "chapters/05_async_await/sum.h"
#include "chapters/common/todo.h"

#include <errno.h>

int sum_now(struct source *source)
{
    /* begin 5.8 */
    struct sum sum;

    sum_init(&sum, source);
    return block_on(&sum.async.base);
    /* end 5.8: return -ENOSYS; */
}
