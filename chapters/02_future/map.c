/* map.c - the smallest combinator: a future around a future. */
#include "chapters/02_future/map.h"

#include "chapters/02_future/child.h"
#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

static enum poll map_poll(struct future *self, struct context *cx)
{
    /* TODO(2.6): Poll the child; when it is ready, put its result through
     * the function, once. */
    TODO(2.6);
    return POLL_PENDING;
}

static void map_drop(struct future *self)
{
    /* TODO(2.6): Drop the child, if it is still there. */
    TODO(2.6);
}

static const struct future_ops map_ops = {map_poll, map_drop};

void map_init(struct map *map, struct int_future *child,
              int (*function)(void *data, int result), void *data)
{
    map->base.base.ops = &map_ops;
    map->child = child;
    map->function = function;
    map->data = data;
}
