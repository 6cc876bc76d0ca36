/* item.h - what kind of thing goes through a channel.
 *
 * An item moves as a value does in Rust: its bytes are copied, and from then
 * on the copy owns whatever the item owned. Nobody touches the original any
 * more. If a send fails, nothing was moved: the item is the sender's still.
 * An item that moved into a channel and that nobody will ever take is dropped
 * there, by its type's function. */
#ifndef CHAPTERS_CHANNEL_ITEM_H
#define CHAPTERS_CHANNEL_ITEM_H

#include <stddef.h>

struct item_type {
    size_t size;              /* bytes; 0: an item says only that it came */
    void (*drop)(void *item); /* NULL: it owns nothing */
};

#endif
