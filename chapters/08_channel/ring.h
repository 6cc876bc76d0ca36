/* ring.h - a queue of at most so many items, in memory that is taken once.
 *
 *             head          head + length
 *              v              v
 *      +---+---+---+---+---+---+---+
 *      |   |   | a | b | c |   |   |       round the end it goes on in front
 *      +---+---+---+---+---+---+---+
 *
 *   Q1  First in, first out; items are moved by their bytes.
 *   Q2  All memory is taken by ring_init(); a push cannot fail for want of it.
 *
 * It has no lock of its own. */
#ifndef CHAPTERS_CHANNEL_RING_H
#define CHAPTERS_CHANNEL_RING_H

#include "chapters/08_channel/item.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ring {
    const struct item_type *type;
    size_t capacity;
    size_t head;   /* the place of the oldest item; < capacity */
    size_t length; /* <= capacity */
    unsigned char *places;
};

/* 0, -EINVAL for a capacity of 0, or -ENOMEM, also if so much memory cannot
 * even be counted. Counterpart: ring_end(). */
int ring_init(struct ring *ring, const struct item_type *type, size_t capacity);

/* Drops the items that are left, and frees the memory. */
void ring_end(struct ring *ring);

/* There is room, or it panics. */
void ring_push(struct ring *ring, const void *item);

/* There is an item, or it panics. */
void ring_pop(struct ring *ring, void *item);

/* Drops all items. */
void ring_clear(struct ring *ring);

#ifdef __cplusplus
}
#endif

#endif
