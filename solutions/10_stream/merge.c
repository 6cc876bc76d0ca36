/* merge.c - ask one after the other, and begin with another one each time. */
#include "chapters/10_stream/merge.h"

#include "chapters/common/budget.h"
#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- merge */

static void merge_drop(struct stream *self)
{
    struct stream_merge *merge = container_of(self, struct stream_merge, base);

    /* begin 10.7: both, if they are there still */
    stream_child_drop(&merge->streams[0]);
    stream_child_drop(&merge->streams[1]);
    /* end 10.7: (void)merge; */
}

/* Asks one of the two. Its end is the end of both only if it is an error, or
 * the other one has ended before. */
static enum stream_poll merge_ask(struct stream_merge *merge, unsigned index,
                                  struct context *cx, void *item)
{
    enum stream_poll poll = STREAM_PENDING;

    /* begin 10.7: nothing to ask: pending. An item: the other one is next. An
     * end: drop it */
    struct stream **asked = &merge->streams[index];

    if (*asked == NULL)
        return STREAM_PENDING;
    poll = stream_poll_next(*asked, cx, item);
    if (poll == STREAM_ITEM)
        merge->next = 1 - index;
    if (poll == STREAM_END)
        stream_end_as(&merge->base, asked);
    /* end 10.7: (void)merge, (void)index, (void)item; */
    return poll;
}

static enum stream_poll merge_poll_next(struct stream *self, struct context *cx,
                                        void *item)
{
    struct stream_merge *merge = container_of(self, struct stream_merge, base);

    /* begin 10.7: ask `next` and then the other one; whoever has an item gives
     * it. An error, or two ends, are the end */
    for (unsigned i = 0, first = merge->next; i < 2; i++) {
        enum stream_poll poll = merge_ask(merge, (first + i) % 2, cx, item);

        if (poll == STREAM_ITEM)
            return poll;
        if (poll == STREAM_END && self->result < 0) {
            merge_drop(self);
            return poll;
        }
    }
    if (merge->streams[0] == NULL && merge->streams[1] == NULL)
        return stream_end(self, 0);
    return STREAM_PENDING;
    /* end 10.7: (void)merge, (void)item, (void)merge_ask;
    return STREAM_PENDING; */
}

void stream_merge_init(struct stream_merge *merge, struct stream *left,
                       struct stream *right)
{
    static const struct stream_ops ops = {merge_poll_next, merge_drop};

    *merge = (struct stream_merge){{&ops, left->type, 0}, {left, right}, 0};
}

/* ------------------------------------------------------------------ set */

static struct stream_set *set_of(struct stream *self)
{
    return container_of(self, struct stream_set, base);
}

/* The index of the key, or `count`. */
static size_t find(const struct stream_set *set, int64_t key)
{
    size_t index = 0;

    while (index < set->count && set->entries[index].key != key)
        index++;
    return index;
}

/* Drops that stream; those behind it move up. */
static void take_out(struct stream_set *set, size_t index)
{
    /* begin 10.7: who is next stays next */
    stream_child_drop(&set->entries[index].stream);
    set->count--;
    memmove(&set->entries[index], &set->entries[index + 1],
            (set->count - index) * sizeof set->entries[0]);
    if (index < set->next)
        set->next--;
    /* end 10.7: (void)set, (void)index; */
}

/* A stream has ended: it leaves, and somebody may want to know. */
static void leave(struct stream_set *set, size_t index)
{
    int64_t key = set->entries[index].key;
    int result = set->entries[index].stream->result;

    take_out(set, index);
    if (set->ended != NULL)
        set->ended(set->data, key, result);
}

static enum stream_poll set_poll_next(struct stream *self, struct context *cx,
                                      void *item)
{
    struct stream_set *set = set_of(self);

    /* begin 10.7: ask each once, from `next` on, round the end; an item is
     * given at once, and the one behind it is next. Who ends leaves. If the
     * budget is spent before all are asked: G7 */
    for (size_t left = set->count; left > 0; left--) {
        if (budget_is_spent()) {
            context_wake(cx);
            return STREAM_PENDING;
        }
        if (set->next >= set->count)
            set->next = 0;
        struct set_entry *entry = &set->entries[set->next];
        enum stream_poll poll = stream_poll_next(entry->stream, cx, item);

        if (poll == STREAM_END) {
            leave(set, set->next);
            continue;
        }
        set->next++;
        if (poll == STREAM_ITEM) {
            set->key = entry->key;
            return STREAM_ITEM;
        }
    }
    return set->count == 0 ? stream_end(self, 0) : STREAM_PENDING;
    /* end 10.7: (void)set, (void)item, (void)leave;
    return STREAM_PENDING; */
}

static void set_drop(struct stream *self)
{
    struct stream_set *set = set_of(self);

    /* begin 10.7: every stream that is left, and the memory */
    for (size_t i = 0; i < set->count; i++)
        stream_child_drop(&set->entries[i].stream);
    free(set->entries);
    /* end 10.7: (void)set; */
}

int stream_set_init(struct stream_set *set, const struct item_type *type,
                    size_t capacity)
{
    static const struct stream_ops ops = {set_poll_next, set_drop};
    struct set_entry *entries =
        capacity > 0 ? calloc(capacity, sizeof *entries) : NULL;

    if (entries == NULL)
        return capacity > 0 ? -ENOMEM : -EINVAL;
    *set = (struct stream_set){
        .base = {&ops, type, 0}, .entries = entries, .capacity = capacity};
    return 0;
}

int stream_set_add(struct stream_set *set, int64_t key, struct stream *stream)
{
    if (find(set, key) < set->count)
        return -EEXIST;
    if (set->count == set->capacity)
        return -ENOSPC;
    set->entries[set->count++] = (struct set_entry){key, stream};
    return 0;
}

int stream_set_remove(struct stream_set *set, int64_t key)
{
    size_t index = find(set, key);

    if (index == set->count)
        return -ENOENT;
    take_out(set, index);
    return 0;
}
