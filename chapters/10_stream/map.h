/* map.h - one item in; one out, or none.
 *
 *   M1  stream_map: each item goes through a function, which makes another
 *       one of it. The item moves into the function, and is not dropped here.
 *   M2  stream_filter: only those are given that the function wants. The
 *       others are dropped, and the next one is asked for in the same poll:
 *       an item that was left out wakes nobody.
 *   M3  stream_scan: as a map, with a state; and when the function returns
 *       false, the stream ends there, with 0: nothing was made, and the item
 *       moved into the function all the same. The stream inside is dropped
 *       in that poll.
 *   M4  stream_enumerate: each item behind its number, from 0.
 *   M5  The function is called once for each item, in order, and only when
 *       somebody asks (S1).
 *
 * Rust: StreamExt::map, filter, scan, enumerate. */
#ifndef CHAPTERS_STREAM_MAP_H
#define CHAPTERS_STREAM_MAP_H

#include "chapters/10_stream/stream.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct stream_map {
    struct stream base;
    struct stream *inner;
    /* The item at `in` moves into the function, what it makes to `out`. */
    void (*function)(void *data, void *in, void *out);
    void *data;
    void *room; /* for an item of the stream inside */
};

struct stream_filter {
    struct stream base;
    struct stream *inner;
    bool (*wants)(void *data, const void *item);
    void *data;
};

struct stream_scan {
    struct stream base;
    struct stream *inner;
    /* As in a map; `false`: nothing was made, and this is the end (M3). */
    bool (*function)(void *state, void *in, void *out);
    void *state;
    void *room;
};

struct stream_enumerate {
    struct stream base;
    struct stream *inner;
    size_t next;
};

/* `type` is that of the items that the function makes. The room is for one
 * item of `inner`, and outlives the stream. */
void stream_map_init(struct stream_map *map, struct stream *inner,
                     const struct item_type *type,
                     void (*function)(void *data, void *in, void *out),
                     void *data, void *room);
void stream_filter_init(struct stream_filter *filter, struct stream *inner,
                        bool (*wants)(void *data, const void *item),
                        void *data);
void stream_scan_init(struct stream_scan *scan, struct stream *inner,
                      const struct item_type *type,
                      bool (*function)(void *state, void *in, void *out),
                      void *state, void *room);

/* `type` is that of a struct whose first member is a size_t, and whose second
 * is an item of `inner`, with nothing between them. */
void stream_enumerate_init(struct stream_enumerate *enumerate,
                           struct stream *inner, const struct item_type *type);

#ifdef __cplusplus
}
#endif

#endif
