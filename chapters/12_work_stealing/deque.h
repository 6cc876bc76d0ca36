/* deque.h - the Chase-Lev deque: the owner at one end, thieves at the other.
 *
 *      top                         bottom
 *       |                             |
 *     [ task  task  task  task  task ] [ free ...
 *       ^ thieves: one at a time       ^ the owner pushes and pops here
 *
 *   D1  The owner pushes and pops at the bottom: last in, first out. Thieves
 *       take the oldest task, from the top.
 *   D2  Only for the last task do the owner and a thief have to agree: a
 *       compare-and-swap on `top` decides. All other pops of the owner
 *       change `bottom` alone.
 *   D3  A steal returns a task, finds nothing, or loses a race: then it may
 *       be tried again.
 *   D4  Full after DEQUE_SLOTS tasks: a push says false.
 *
 * An aside: the scheduler of this chapter uses local_queue.h, which is fair
 * (first in, first out) and steals half at once. Chase and Lev, "Dynamic
 * circular work-stealing deque", 2005; the memory orders: Le, Pop, Cohen and
 * Zappa Nardelli, "Correct and efficient work-stealing for weak memory
 * models", 2013. Rust: crossbeam-deque. */
#ifndef CHAPTERS_WORK_STEALING_DEQUE_H
#define CHAPTERS_WORK_STEALING_DEQUE_H

#include "chapters/common/atomics.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct task;

#ifndef EXPLORED_SLOTS
enum {
    DEQUE_SLOTS = 256
};
#else /* as in local_queue.h */
enum {
    DEQUE_SLOTS = EXPLORED_SLOTS
};
#endif

enum steal {
    STEAL_TASK,
    STEAL_EMPTY,
    STEAL_RETRY,
};

struct deque {
    atomic_member(int64_t) top;
    atomic_member(int64_t) bottom;
    atomic_member(struct task *) slots[DEQUE_SLOTS];
};

void deque_init(struct deque *deque);

/* The owner only. */
bool deque_push(struct deque *deque, struct task *task);
struct task *deque_pop(struct deque *deque);

/* Any thread. `task` is set only with STEAL_TASK. */
enum steal deque_steal(struct deque *deque, struct task **task);

#ifdef __cplusplus
}
#endif

#endif
