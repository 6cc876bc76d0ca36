/* spawner.h - where to spawn, whatever gives the turns.
 *
 * Code that only spawns does not care if one thread runs its tasks (this
 * chapter's executor), or many (chapters 11 and 12). It is given a spawner, and
 * runs on each of them unchanged.
 *
 *   N1  spawner_spawn() does what executor_spawn() says. On which threads it
 *       may be called is a matter of whose spawner it is.
 *
 * Rust has no such trait in its standard library; that is what people mean by
 * being locked in to a runtime. futures::task::Spawn is an attempt at one. */
#ifndef CHAPTERS_EXECUTOR_SPAWNER_H
#define CHAPTERS_EXECUTOR_SPAWNER_H

#include "chapters/02_future/future.h"

#include <stddef.h>

struct join_handle;

struct spawner {
    const struct spawner_ops *ops;
};

struct spawner_ops {
    int (*spawn)(struct spawner *self, const struct int_future *future,
                 size_t size, struct join_handle *handle);
};

static inline int spawner_spawn(struct spawner *spawner,
                                const struct int_future *future, size_t size,
                                struct join_handle *handle)
{
    return spawner->ops->spawn(spawner, future, size, handle);
}

#endif
