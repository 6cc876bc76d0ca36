/* deque.c - two ends, and one task over which they may quarrel. */
#include "chapters/12_work_stealing/deque.h"

#include "chapters/common/todo.h"

#include <stddef.h>

static _Atomic(struct task *) *slot_of(struct deque *deque, int64_t at)
{
    return &deque->slots[at % DEQUE_SLOTS];
}

void deque_init(struct deque *deque)
{
    atomic_init(&deque->top, 0);
    atomic_init(&deque->bottom, 0);
    for (int64_t at = 0; at < DEQUE_SLOTS; at++)
        atomic_init(slot_of(deque, at), NULL);
}

bool deque_push(struct deque *deque, struct task *task)
{
    /* TODO(12.5): the slot, then the bottom */
    TODO(12.5);
    (void)deque, (void)task, (void)slot_of;
    return false;
}

struct task *deque_pop(struct deque *deque)
{
    /* TODO(12.5): say that the bottom one is ours; then look where the top
     * is. For the last one write take_top(deque, top), for both ends: a
     * compare-and-swap to top + 1, seq_cst, and relaxed if it fails */
    TODO(12.5);
    (void)deque;
    return NULL;
}

enum steal deque_steal(struct deque *deque, struct task **task)
{
    /* TODO(12.5): look at the top, then at the bottom; read, then take */
    TODO(12.5);
    (void)deque, (void)task;
    return STEAL_EMPTY;
}
