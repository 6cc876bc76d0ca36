/* stream_cost.c - what an item costs on its way through a few adapters.
 *
 * An array of a million numbers, folded: by itself, through a map, through a
 * map and a filter; in chunks of a hundred; merged with another; and through
 * buffer_unordered with a future that is ready at once. The best of TRIES. */
#include "chapters/03_waker/block_on.h"
#include "chapters/10_stream/array_stream.h"
#include "chapters/10_stream/buffered.h"
#include "chapters/10_stream/chunks.h"
#include "chapters/10_stream/fold.h"
#include "chapters/10_stream/map.h"
#include "chapters/10_stream/merge.h"

#include "chapters/02_future/ready.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    ITEMS = 1000000,
    TRIES = 9,
};

static const struct item_type number = {sizeof(int), NULL};
static int numbers[ITEMS];
static struct array_stream array, other;
static int room, room_for_map;

static void add_one(void *data, void *in, void *out)
{
    (void)data;
    *(int *)out = *(int *)in + 1;
}

static bool is_any(void *data, const void *item)
{
    (void)data;
    return *(const int *)item >= 0;
}

static int add_up(void *state, void *item)
{
    *(long *)state += *(int *)item;
    return 0;
}

static int add_chunk(void *state, void *item)
{
    *(long *)state += (long)((struct chunk *)item)->count;
    return 0;
}

static struct int_future *make_ready(void *data, void *item, void *place)
{
    (void)data;
    ready_init(place, *(int *)item);
    return &((struct ready *)place)->base;
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static double fold(struct stream *stream,
                   int (*function)(void *state, void *item))
{
    struct stream_fold fold;
    struct chunk chunk_room;
    long sum = 0;
    double start = now();

    stream_fold_init(&fold, stream, function, &sum,
                     function == add_chunk ? (void *)&chunk_room : &room);
    if (block_on(&fold.base) < 0)
        exit(1);
    return (now() - start) / ITEMS;
}

/* Makes the stream and folds it, a few times. */
static void measure(const char *what, struct stream *(*make)(void),
                    int (*function)(void *state, void *item))
{
    double best = fold(make(), function);

    for (int i = 1; i < TRIES; i++) {
        double time = fold(make(), function);

        best = time < best ? time : best;
    }
    printf("%-28s %5.1f ns\n", what, best);
}

static struct stream *fresh(struct array_stream *stream, size_t count)
{
    array_stream_init(stream, &number, numbers, count);
    return &stream->base;
}

static struct stream *make_array(void)
{
    return fresh(&array, ITEMS);
}

static struct stream *make_map(void)
{
    static struct stream_map map;

    stream_map_init(&map, make_array(), &number, add_one, NULL, &room_for_map);
    return &map.base;
}

static struct stream *make_filter(void)
{
    static struct stream_filter filter;

    stream_filter_init(&filter, make_map(), is_any, NULL);
    return &filter.base;
}

static struct stream *make_chunks(void)
{
    static struct stream_chunks chunks;

    if (stream_chunks_init(&chunks, make_array(), 100) < 0)
        exit(1);
    return &chunks.base;
}

static struct stream *make_merge(void)
{
    static struct stream_merge merge;

    stream_merge_init(&merge, fresh(&array, ITEMS / 2),
                      fresh(&other, ITEMS / 2));
    return &merge.base;
}

static struct stream *make_buffered(void)
{
    static struct stream_buffered buffered;
    struct buffered_options options = {8, sizeof(struct ready), make_ready,
                                       NULL, &room_for_map};

    if (stream_buffer_unordered_init(&buffered, make_array(), &options) < 0)
        exit(1);
    return &buffered.base;
}

int main(void)
{
    measure("an array", make_array, add_up);
    measure("and a map", make_map, add_up);
    measure("and a filter", make_filter, add_up);
    measure("in chunks of 100", make_chunks, add_chunk);
    measure("two halves, merged", make_merge, add_up);
    measure("a future each, 8 at once", make_buffered, add_up);
    return 0;
}
