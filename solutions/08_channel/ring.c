/* ring.c - places that are used again and again. */
#include "chapters/08_channel/ring.h"

#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The place that is `offset` after the oldest item's. */
static unsigned char *place(const struct ring *ring, size_t offset)
{
    size_t index = ring->head + offset;

    if (index >= ring->capacity)
        index -= ring->capacity;
    return ring->places + index * ring->type->size;
}

int ring_init(struct ring *ring, const struct item_type *type, size_t capacity)
{
    *ring = (struct ring){.type = type, .capacity = capacity};
    if (capacity == 0)
        return -EINVAL;
    /* begin 8.4: memory for all of it. Mind what a product can do. */
    /* calloc() refuses a product that is too large; and an item of no bytes
     * needs an address, too. */
    ring->places = calloc(capacity, type->size > 0 ? type->size : 1);
    /* end 8.4 */
    return ring->places != NULL ? 0 : -ENOMEM;
}

void ring_push(struct ring *ring, const void *item)
{
    require(ring->length < ring->capacity, "a push to a ring that is full");
    /* begin 8.4: move the item to the first free place */
    memcpy(place(ring, ring->length), item, ring->type->size);
    ring->length++;
    /* end 8.4: (void)item, (void)place; */
}

void ring_pop(struct ring *ring, void *item)
{
    require(ring->length > 0, "a pop from a ring that is empty");
    /* begin 8.4: move the oldest item out; the next one is the oldest */
    memcpy(item, place(ring, 0), ring->type->size);
    ring->length--;
    if (++ring->head == ring->capacity)
        ring->head = 0;
    /* end 8.4: (void)item; */
}

void ring_clear(struct ring *ring)
{
    /* begin 8.4: drop the items, if they are of a type that has a drop */
    if (ring->type->drop != NULL) {
        for (size_t i = 0; i < ring->length; i++)
            ring->type->drop(place(ring, i));
    }
    /* end 8.4 */
    ring->length = 0;
}

void ring_end(struct ring *ring)
{
    ring_clear(ring);
    free(ring->places);
}
