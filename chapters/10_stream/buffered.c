/* buffered.c - a few places; an item goes in, and a result comes out. */
#include "chapters/10_stream/buffered.h"

#include "chapters/02_future/child.h"
#include "chapters/10_stream/fold.h"
#include "chapters/common/budget.h"
#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct stream_buffered *buffered_of(struct stream *self)
{
    return container_of(self, struct stream_buffered, base);
}

static struct buffered_place *place_at(const struct stream_buffered *buffered,
                                       size_t index)
{
    return (void *)(buffered->places + index * buffered->stride);
}

/* The place is next but for those in line before it. */
static void line_push(struct stream_buffered *buffered,
                      struct buffered_place *place)
{
    place->next = NULL;
    if (buffered->first == NULL)
        buffered->first = place;
    else
        buffered->last->next = place;
    buffered->last = place;
}

/* The item in the room becomes a future. It is new, so it has to be polled. */
static void start(struct stream_buffered *buffered)
{
    struct buffered_options *options = &buffered->options;
    struct buffered_place *place = buffered->free;

    buffered->free = place->next;
    /* TODO(10.9): make the future in place->bytes, mark the place as busy
     * and used; its slot is due. Where order counts it gets in line now */
    TODO(10.9);
    (void)options, (void)line_push;
}

/* Asks for items as long as there are places for them. */
static void fill(struct stream_buffered *buffered, struct context *cx)
{
    /* TODO(10.9): as long as there is a stream, a place, and something left
     * of the budget: ask; start an item; drop the stream at its end
     * (stream_end_as), which leaves its result in buffered->base */
    TODO(10.9);
    (void)buffered, (void)start;
}

/* Polls one that was woken, with a waker of its own. */
static void run(struct stream_buffered *buffered, struct buffered_place *place)
{
    struct waker waker = slot_wakers_lend(buffered->wakers, place->slot);
    struct context cx = {&waker};

    /* TODO(10.9): if it is ready: keep the result, drop the future, done.
     * Where order does not count it gets in line now */
    TODO(10.9);
    (void)place, (void)cx;
}

/* Polls those that were woken, and no other (B4). */
static void run_woken(struct stream_buffered *buffered)
{
    /* TODO(10.9): as long as something is left of the budget: take one, and
     * run it if its place is busy */
    TODO(10.9);
    (void)place_at, (void)run;
}

/* The place whose result is given next, or NULL if there is none now. */
static struct buffered_place *next_done(struct stream_buffered *buffered)
{
    struct buffered_place *place = buffered->first;

    /* TODO(10.9): the first in line, if it is done; out of the line */
    TODO(10.9);
    (void)place;
    return NULL;
}

/* The caller has the result of that place, which is free now. */
static enum stream_poll give(struct stream_buffered *buffered,
                             struct buffered_place *place, void *item)
{
    memcpy(item, &place->result, sizeof place->result);
    place->state = PLACE_FREE;
    place->next = buffered->free;
    buffered->free = place;
    buffered->used--;
    return STREAM_ITEM;
}

static enum stream_poll buffered_poll_next(struct stream *self,
                                           struct context *cx, void *item)
{
    struct stream_buffered *buffered = buffered_of(self);

    /* TODO(10.9): register; gather; fill; run those that were woken; then
     * give a result, or end if nothing is in use and nothing will come.
     * Pending, and the budget is spent: who was left out? (B9) */
    TODO(10.9);
    (void)buffered, (void)item, (void)fill, (void)give;
    (void)run_woken, (void)next_done;
    return STREAM_PENDING;
}

static void buffered_drop(struct stream *self)
{
    struct stream_buffered *buffered = buffered_of(self);

    /* TODO(10.9): the futures that are left, the stream inside, the wakers,
     * the memory */
    TODO(10.9);
    (void)buffered;
}

/* From one place to the next: the bytes keep their alignment. */
static size_t stride_of(size_t size)
{
    size_t most = sizeof(max_align_t);

    return sizeof(struct buffered_place) + (size + most - 1) / most * most;
}

/* All are free, the first one first. */
static void places_init(struct stream_buffered *buffered)
{
    for (size_t slot = buffered->options.limit; slot-- > 0;) {
        struct buffered_place *place = place_at(buffered, slot);

        place->slot = slot;
        place->next = buffered->free;
        buffered->free = place;
    }
}

static int buffered_init(struct stream_buffered *buffered, struct stream *inner,
                         const struct buffered_options *options,
                         bool is_ordered)
{
    static const struct stream_ops ops = {buffered_poll_next, buffered_drop};
    static const struct item_type type = {sizeof(int), NULL};
    size_t stride = stride_of(options->size);

    if (options->limit == 0)
        return -EINVAL;
    unsigned char *places = calloc(options->limit, stride);

    if (places == NULL)
        return -ENOMEM;
    struct slot_wakers *wakers = slot_wakers_create(options->limit);

    if (wakers == NULL) {
        free(places);
        return -ENOMEM;
    }
    *buffered = (struct stream_buffered){.base = {&ops, &type, 0},
                                         .inner = inner,
                                         .options = *options,
                                         .is_ordered = is_ordered,
                                         .wakers = wakers,
                                         .places = places,
                                         .stride = stride};
    places_init(buffered);
    return 0;
}

int stream_buffered_init(struct stream_buffered *buffered, struct stream *inner,
                         const struct buffered_options *options)
{
    return buffered_init(buffered, inner, options, true);
}

int stream_buffer_unordered_init(struct stream_buffered *buffered,
                                 struct stream *inner,
                                 const struct buffered_options *options)
{
    return buffered_init(buffered, inner, options, false);
}

/* ---------------------------------------------------------- concurrently */

static void concurrently_drop(struct future *self)
{
    struct stream_concurrently *all =
        container_of(self, struct stream_concurrently, base.base);

    if (!all->is_over)
        stream_drop(&all->buffered.base);
    all->is_over = true;
}

static enum poll concurrently_poll(struct future *self, struct context *cx)
{
    struct stream_concurrently *all =
        container_of(self, struct stream_concurrently, base.base);
    struct stream *stream = &all->buffered.base;
    int result = 0;
    enum stream_poll poll = STREAM_PENDING;

    /* TODO(10.9): ask for results, FOLD_STREAK times at most, as long as
     * they are not negative. After that, give up the turn */
    TODO(10.9);
    (void)cx;
    if (poll == STREAM_PENDING)
        return POLL_PENDING;
    all->base.result = poll == STREAM_ITEM ? result : stream->result;
    concurrently_drop(self);
    return POLL_READY;
}

int stream_concurrently_init(struct stream_concurrently *concurrently,
                             struct stream *inner,
                             const struct buffered_options *options)
{
    static const struct future_ops ops = {concurrently_poll, concurrently_drop};

    *concurrently = (struct stream_concurrently){.base = {{&ops}, 0}};
    return buffered_init(&concurrently->buffered, inner, options, false);
}
