/* buffered.c - a few places; an item goes in, and a result comes out. */
#include "chapters/10_stream/buffered.h"

#include "chapters/02_future/child.h"
#include "chapters/10_stream/fold.h"
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

/* A free place; there is one. In order the places are a ring: the free ones
 * begin behind those in use. */
static size_t free_place(const struct stream_buffered *buffered)
{
    size_t limit = buffered->options.limit;
    size_t index = (buffered->head + buffered->used) % limit;

    /* TODO(10.9): the next that is free, from there on */
    TODO(10.9);
    (void)place_at;
    return index;
}

/* The item in the room becomes a future. It is new, so it has to be polled. */
static void start(struct stream_buffered *buffered)
{
    struct buffered_options *options = &buffered->options;
    size_t index = free_place(buffered);
    struct buffered_place *place = place_at(buffered, index);

    /* TODO(10.9): make the future in place->bytes, mark the place as busy
     * and used, and set the slot's flag */
    TODO(10.9);
    (void)options, (void)place;
}

/* Asks for items as long as there are places for them. */
static void fill(struct stream_buffered *buffered, struct context *cx)
{
    /* TODO(10.9): as long as there is a stream and a place: ask; start an
     * item; drop the stream at its end (stream_end_as), which leaves its
     * result in buffered->base */
    TODO(10.9);
    (void)buffered, (void)start;
}

/* Polls one that was woken, with a waker of its own. */
static void run(struct stream_buffered *buffered, size_t index)
{
    struct buffered_place *place = place_at(buffered, index);
    struct waker waker = slot_wakers_lend(buffered->wakers, index);
    struct context cx = {&waker};

    /* TODO(10.9): if it is ready: keep the result, drop the future, done */
    TODO(10.9);
    (void)place, (void)cx;
}

/* Polls those that were woken, and no other (B4). */
static void run_woken(struct stream_buffered *buffered)
{
    /* TODO(10.9): those that are busy and whose flag is set */
    TODO(10.9);
    (void)buffered, (void)run;
}

/* The place whose result is given next, or NULL if there is none now. In order
 * it is that of the oldest. */
static struct buffered_place *next_done(struct stream_buffered *buffered)
{
    size_t limit = buffered->options.limit;
    size_t count = buffered->is_ordered ? 1 : limit;

    /* TODO(10.9): the first that is done, from `head` on, of `count`
     * places; the head is then the place behind it */
    TODO(10.9);
    (void)count;
    return NULL;
}

static enum stream_poll buffered_poll_next(struct stream *self,
                                           struct context *cx, void *item)
{
    struct stream_buffered *buffered = buffered_of(self);

    /* TODO(10.9): register; fill; run those that were woken; then give a
     * result, or end if nothing is in use and nothing will come */
    TODO(10.9);
    (void)buffered, (void)item, (void)fill;
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
