/* map.c - the smallest combinator: a future around a future. */
#include "chapters/02_future/map.h"

#include "chapters/02_future/child.h"
#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

static enum poll map_poll(struct future *self, struct context *cx)
{
    /* begin 2.6 */
    struct map *map = container_of(self, struct map, base.base);

    if (future_poll(&map->child->base, cx) == POLL_PENDING)
        return POLL_PENDING; /* the child has arranged for the wake */
    map->base.result = map->function(map->data, map->child->result);
    child_drop(&map->child);
    return POLL_READY;
    /* end 2.6: return POLL_PENDING; */
}

static void map_drop(struct future *self)
{
    /* begin 2.6: Drop the child, if it is still there. */
    struct map *map = container_of(self, struct map, base.base);

    child_drop(&map->child);
    /* end 2.6 */
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
