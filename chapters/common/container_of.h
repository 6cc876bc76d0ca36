/* container_of.h - from a member back to the struct that holds it.
 *
 * A future embeds `struct future base`; poll is handed a pointer to that
 * member and steps back to the whole. The expression has the type
 * `type *`; it is undefined if `pointer` does not point at `member` of a
 * `type`. The Linux kernel made the name common. */
#ifndef COMMON_CONTAINER_OF_H
#define COMMON_CONTAINER_OF_H

#include <stddef.h>

#define container_of(pointer, type, member) \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#define array_length(array) (sizeof(array) / sizeof((array)[0]))

#endif
