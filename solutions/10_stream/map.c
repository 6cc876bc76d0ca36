/* map.c - ask the stream inside, and do something with what it gives. */
#include "chapters/10_stream/map.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <string.h>

/* ---------------------------------------------------------------- map */

static enum stream_poll map_poll_next(struct stream *self, struct context *cx,
                                      void *item)
{
    struct stream_map *map = container_of(self, struct stream_map, base);
    enum stream_poll poll = STREAM_PENDING;

    /* begin 10.3: an item into the room; through the function; or the end
     * (stream_end_as) */
    poll = stream_poll_next(map->inner, cx, map->room);
    if (poll == STREAM_ITEM)
        map->function(map->data, map->room, item);
    if (poll == STREAM_END)
        return stream_end_as(self, &map->inner);
    /* end 10.3: (void)map, (void)item; */
    return poll;
}

static void map_drop(struct stream *self)
{
    /* begin 10.3: the stream inside, if it is there still */
    stream_child_drop(&container_of(self, struct stream_map, base)->inner);
    /* end 10.3 */
}

void stream_map_init(struct stream_map *map, struct stream *inner,
                     const struct item_type *type,
                     void (*function)(void *data, void *in, void *out),
                     void *data, void *room)
{
    static const struct stream_ops ops = {map_poll_next, map_drop};

    *map = (struct stream_map){{&ops, type, 0}, inner, function, data, room};
}

/* ------------------------------------------------------------- filter */

static enum stream_poll filter_poll_next(struct stream *self,
                                         struct context *cx, void *item)
{
    struct stream_filter *filter =
        container_of(self, struct stream_filter, base);
    enum stream_poll poll = STREAM_PENDING;

    /* begin 10.3: as long as there are items: give the first that the function
     * wants, and drop the others */
    while ((poll = stream_poll_next(filter->inner, cx, item)) == STREAM_ITEM) {
        if (filter->wants(filter->data, item))
            return STREAM_ITEM;
        item_drop(self->type, item);
    }
    if (poll == STREAM_END)
        return stream_end_as(self, &filter->inner);
    /* end 10.3: (void)filter, (void)item; */
    return poll;
}

static void filter_drop(struct stream *self)
{
    /* begin 10.3: the stream inside, if it is there still */
    stream_child_drop(&container_of(self, struct stream_filter, base)->inner);
    /* end 10.3 */
}

void stream_filter_init(struct stream_filter *filter, struct stream *inner,
                        bool (*wants)(void *data, const void *item), void *data)
{
    static const struct stream_ops ops = {filter_poll_next, filter_drop};

    *filter =
        (struct stream_filter){{&ops, inner->type, 0}, inner, wants, data};
}

/* --------------------------------------------------------------- scan */

static enum stream_poll scan_poll_next(struct stream *self, struct context *cx,
                                       void *item)
{
    struct stream_scan *scan = container_of(self, struct stream_scan, base);
    enum stream_poll poll = STREAM_PENDING;

    /* begin 10.3: as a map; if the function says that this is the end, the
     * stream inside is dropped */
    poll = stream_poll_next(scan->inner, cx, scan->room);
    if (poll == STREAM_ITEM && !scan->function(scan->state, scan->room, item)) {
        stream_child_drop(&scan->inner);
        return stream_end(self, 0);
    }
    if (poll == STREAM_END)
        return stream_end_as(self, &scan->inner);
    /* end 10.3: (void)scan, (void)item; */
    return poll;
}

static void scan_drop(struct stream *self)
{
    /* begin 10.3: the stream inside, if it is there still */
    stream_child_drop(&container_of(self, struct stream_scan, base)->inner);
    /* end 10.3 */
}

void stream_scan_init(struct stream_scan *scan, struct stream *inner,
                      const struct item_type *type,
                      bool (*function)(void *state, void *in, void *out),
                      void *state, void *room)
{
    static const struct stream_ops ops = {scan_poll_next, scan_drop};

    *scan = (struct stream_scan){{&ops, type, 0}, inner, function, state, room};
}

/* ---------------------------------------------------------- enumerate */

static enum stream_poll enumerate_poll_next(struct stream *self,
                                            struct context *cx, void *item)
{
    struct stream_enumerate *enumerate =
        container_of(self, struct stream_enumerate, base);
    enum stream_poll poll = STREAM_PENDING;

    /* begin 10.3: the item goes behind a size_t; and that is its number */
    poll = stream_poll_next(enumerate->inner, cx,
                            (unsigned char *)item + sizeof enumerate->next);
    if (poll == STREAM_ITEM) {
        memcpy(item, &enumerate->next, sizeof enumerate->next);
        enumerate->next++;
    }
    if (poll == STREAM_END)
        return stream_end_as(self, &enumerate->inner);
    /* end 10.3: (void)enumerate, (void)item; */
    return poll;
}

static void enumerate_drop(struct stream *self)
{
    /* begin 10.3: the stream inside, if it is there still */
    stream_child_drop(
        &container_of(self, struct stream_enumerate, base)->inner);
    /* end 10.3 */
}

void stream_enumerate_init(struct stream_enumerate *enumerate,
                           struct stream *inner, const struct item_type *type)
{
    static const struct stream_ops ops = {enumerate_poll_next, enumerate_drop};

    *enumerate = (struct stream_enumerate){{&ops, type, 0}, inner, 0};
}
