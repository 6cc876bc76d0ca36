/* task_state.c - each transition is one atomic operation whose old value
 * says what the caller has to do. No loop, no second look: between a look
 * and a change somebody else could have changed the word.
 *
 * Orders: whoever wakes releases what it did before the wake; whoever
 * starts a poll acquires it. That must hold for a wake that changes
 * nothing as well, hence an operation that writes (fetch_or) where a load
 * might seem to do: the poll that follows has to see this waker's news,
 * too. finish releases the output to those who see COMPLETE. */
#include "chapters/04_executor/task_state.h"

#include "chapters/04_executor/task.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

_Static_assert(TASK_CANCELLED < TASK_REFERENCE, "flags stay below the count");

enum task_duty task_state_wake(struct task *task)
{
    /* TODO(4.3): set S; was the task idle before? */
    TODO(4.3);
    return TASK_NOTHING;
}

enum task_duty task_state_abort(struct task *task)
{
    /* TODO(4.6): as for a wake, and set C as well */
    TODO(4.6);
    return TASK_NOTHING;
}

enum task_duty task_state_start(struct task *task)
{
    /* S was set and R clear, and nobody else changes those two just now:
     * flipping both is setting one and clearing the other. From here on a
     * wake sets S again. Acquire: pairs with the release in wake. */
    uint64_t old = atomic_fetch_xor_explicit(
        &task->state, TASK_SCHEDULED | TASK_RUNNING, memory_order_acq_rel);

    require((old & (TASK_SCHEDULED | TASK_RUNNING | TASK_COMPLETE)) ==
                TASK_SCHEDULED,
            "a task left a queue that it was not in (state %#x)",
            (unsigned)(old & 255));
    return old & TASK_CANCELLED ? TASK_CANCEL : TASK_POLL;
}

enum task_duty task_state_pend(struct task *task)
{
    /* Acquire: the wake that set S leaves its news to the next poll. */
    uint64_t old = atomic_fetch_and_explicit(
        &task->state, ~(uint64_t)TASK_RUNNING, memory_order_acq_rel);

    require(old & TASK_RUNNING, "a task is pending that was not running");
    /* TODO(4.4): R is clear; `old` is the word as it was just before */
    TODO(4.4);
    return TASK_NOTHING;
}

void task_state_seize(struct task *task)
{
    atomic_fetch_or_explicit(&task->state, TASK_RUNNING | TASK_CANCELLED,
                             memory_order_acq_rel);
}

void task_state_finish(struct task *task)
{
    /* R was set and X clear. Release: pairs with task_state_is_complete. */
    uint64_t old = atomic_fetch_xor_explicit(
        &task->state, TASK_RUNNING | TASK_COMPLETE, memory_order_acq_rel);

    require((old & (TASK_RUNNING | TASK_COMPLETE)) == TASK_RUNNING,
            "a task is finished that was not seized (state %#x)",
            (unsigned)(old & 255));
}

bool task_state_is_complete(const struct task *task)
{
    return atomic_load_explicit(&task->state, memory_order_acquire) &
           TASK_COMPLETE;
}

uint64_t task_state_references(const struct task *task)
{
    return atomic_load_explicit(&task->state, memory_order_relaxed) /
           TASK_REFERENCE;
}
