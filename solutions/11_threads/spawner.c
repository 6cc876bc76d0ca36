/* spawner.c - a pool behind the interface that an executor has, too. */
#include "chapters/11_threads/pool.h"
#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>

static int pool_spawner_spawn(struct spawner *self,
                              const struct int_future *future, size_t size,
                              struct join_handle *handle)
{
    /* begin 11.11: the pool's spawn */
    struct pool *pool = container_of(self, struct pool, spawner);

    return pool_spawn(pool, future, size, handle);
    /* end 11.11: (void)self, (void)future, (void)size, (void)handle;
    return -ENOSYS; */
}

const struct spawner_ops pool_spawner_ops = {pool_spawner_spawn};
