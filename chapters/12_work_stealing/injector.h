/* injector.h - where tasks come from that no worker has.
 *
 *   J1  Spawns and wakes from outside, and what does not fit into a local
 *       queue. First in, first out, of any length.
 *   J2  A batch takes the lock once. It stays in order, and in one piece.
 *   J3  injector_length() takes no lock; it may be a moment old. A worker asks
 *       at every second turn, and locks only if there is something.
 *
 * Any thread. Rust: tokio's inject queue; crossbeam-deque's Injector. */
#ifndef CHAPTERS_WORK_STEALING_INJECTOR_H
#define CHAPTERS_WORK_STEALING_INJECTOR_H

#include "chapters/04_executor/run_queue.h"
#include "chapters/common/atomics.h"

#include <pthread.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct injector {
    pthread_mutex_t lock;
    struct run_queue tasks;
    atomic_member(size_t) length; /* written with the lock held */
};

void injector_init(struct injector *injector);
void injector_end(struct injector *injector);

void injector_push(struct injector *injector, struct task *task);

/* All of `tasks`, which are `count`, in their order; `tasks` is empty then. If
 * `count` is 0 nothing happens, whatever `tasks->last` is. */
void injector_push_batch(struct injector *injector, struct run_queue *tasks,
                         size_t count);

/* The oldest, or NULL. */
struct task *injector_pop(struct injector *injector);

/* The oldest `limit` tasks, or fewer if there are not so many, to the end of
 * `to`; how many. */
size_t injector_pop_batch(struct injector *injector, struct run_queue *to,
                          size_t limit);

size_t injector_length(const struct injector *injector);

#ifdef __cplusplus
}
#endif

#endif
