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
    /* begin 12.5: the slot, then the bottom */
    int64_t bottom = atomic_load_explicit(&deque->bottom, memory_order_relaxed);
    /* Acquire: a thief that moved the top has read its slot. */
    int64_t top = atomic_load_explicit(&deque->top, memory_order_acquire);

    if (bottom - top >= DEQUE_SLOTS)
        return false;
    atomic_store_explicit(slot_of(deque, bottom), task, memory_order_relaxed);
    /* Release: pairs with the acquire of the bottom in deque_steal(). */
    atomic_store_explicit(&deque->bottom, bottom + 1, memory_order_release);
    return true;
    /* end 12.5: (void)deque, (void)task, (void)slot_of;
    return false; */
}

/* begin 12.5 */
/* Decides who gets the task at `top`. */
static bool take_top(struct deque *deque, int64_t top)
{
    /* Release: pairs with the acquire in deque_push(); the slot is read. And
     * seq_cst, for C17's sake. An owner with two tasks left must not miss a
     * thief that took the first, while another thief, who saw that, takes the
     * second. What C17 says of fences is enough for that only if this is
     * seq_cst, too; to C++20 the fences alone are enough. */
    return atomic_compare_exchange_strong_explicit(
        &deque->top, &top, top + 1, memory_order_seq_cst, memory_order_relaxed);
}
/* end 12.5 */

struct task *deque_pop(struct deque *deque)
{
    /* begin 12.5: say that the bottom one is ours; then look where the top is.
     * For the last one write take_top(deque, top), for both ends: a
     * compare-and-swap to top + 1, seq_cst, and relaxed if it fails */
    int64_t bottom =
        atomic_load_explicit(&deque->bottom, memory_order_relaxed) - 1;
    struct task *task = NULL;
    int64_t top;

    /* Release: a thief that sees this bottom sees what lies under it. (To C17 a
     * store of the same thread belongs to the release sequence of its push, and
     * relaxed would do; not to C++20.) */
    atomic_store_explicit(&deque->bottom, bottom, memory_order_release);
    /* The store above before the load below, for all to see: its partner is
     * the fence in deque_steal(). */
    atomic_thread_fence(memory_order_seq_cst);
    top = atomic_load_explicit(&deque->top, memory_order_relaxed);
    if (top <= bottom)
        task =
            atomic_load_explicit(slot_of(deque, bottom), memory_order_relaxed);
    if (top < bottom)
        return task;
    if (top == bottom && !take_top(deque, top))
        task = NULL; /* a thief was faster */
    /* Relaxed: the top is there already, or will be before a thief has it. */
    atomic_store_explicit(&deque->bottom, bottom + 1, memory_order_relaxed);
    return task;
    /* end 12.5: (void)deque;
    return NULL; */
}

enum steal deque_steal(struct deque *deque, struct task **task)
{
    /* begin 12.5: look at the top, then at the bottom; read, then take */
    /* Relaxed: the fence behind it makes it an acquire, and more. */
    int64_t top = atomic_load_explicit(&deque->top, memory_order_relaxed);
    int64_t bottom;
    struct task *oldest;

    /* The load above before the load below, for all to see: its partner is the
     * fence in deque_pop(). Either the owner sees the top that we saw, or we
     * see the bottom that it took. */
    atomic_thread_fence(memory_order_seq_cst);
    /* Acquire: pairs with deque_push(). */
    bottom = atomic_load_explicit(&deque->bottom, memory_order_acquire);
    if (top >= bottom)
        return STEAL_EMPTY;
    /* Read before it is ours: if somebody else takes it, and the slot is used
     * anew, what we have read is worthless, and take_top() says so. */
    oldest = atomic_load_explicit(slot_of(deque, top), memory_order_relaxed);
    if (!take_top(deque, top))
        return STEAL_RETRY;
    *task = oldest;
    return STEAL_TASK;
    /* end 12.5: (void)deque, (void)task;
    return STEAL_EMPTY; */
}
