/* cpus.c - counts the bits of a mask whose size nobody tells. */
#include "chapters/11_threads/cpus.h"

#include "chapters/common/todo.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>

/* How many of the first `limit` processors are ours; -EINVAL if the kernel's
 * mask is larger, or another negative errno. */
static int count_cpus(int limit)
{
    cpu_set_t *mask = CPU_ALLOC(limit);
    size_t size = CPU_ALLOC_SIZE(limit);
    int count;

    if (mask == NULL)
        return -ENOMEM;
    count = sched_getaffinity(0, size, mask) == 0 ? CPU_COUNT_S(size, mask)
                                                  : -errno;
    CPU_FREE(mask);
    return count;
}

unsigned cpus_available(void)
{
    int count = 0;

    /* TODO(11.10): with a mask that is large enough; at least one */
    TODO(11.10);
    (void)count_cpus;
    return count > 0 ? (unsigned)count : 1;
}
