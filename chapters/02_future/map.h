/* map.h - a future whose result is a function of another's.
 *
 *   M1  Pending while the child is, with the child's own wake-up.
 *   M2  When the child is ready, the function is called once, with the
 *       child's result (an error too), and what it returns is the result.
 *   M3  The child is owned (O1 to O3). If the map is dropped while the child
 *       is pending, the function is never called.
 *
 * Rust: futures::FutureExt::map. */
#ifndef CHAPTERS_FUTURE_MAP_H
#define CHAPTERS_FUTURE_MAP_H

#include "chapters/02_future/future.h"

#ifdef __cplusplus
extern "C" {
#endif

struct map {
    struct int_future base;
    struct int_future *child;
    int (*function)(void *data, int result);
    void *data; /* handed to the function */
};

void map_init(struct map *map, struct int_future *child,
              int (*function)(void *data, int result), void *data);

#ifdef __cplusplus
}
#endif

#endif
