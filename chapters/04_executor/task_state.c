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

/* The task that has its turn on this thread. Written so that a wake between any
 * two steps is seen: `is_woken` counts only while `task` is set. */
static _Thread_local struct turn {
    struct task *volatile task;
    volatile bool is_woken;
} turn;

static void turn_begin(struct task *task)
{
    turn.is_woken = false;
    turn.task = task;
}

/* Has the task woken itself? */
static bool turn_end(void)
{
    turn.task = NULL;
    return turn.is_woken;
}

bool task_state_wake_self(const struct task *task)
{
    if (turn.task != task)
        return false;
    turn.is_woken = true;
    return true;
}

_Static_assert(TASK_JOINED < TASK_REFERENCE, "flags stay below the count");

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
    /* R without S: it has woken itself, and nobody else has since. Otherwise S
     * is set, and nobody else clears it or changes R just now: flipping S is
     * clearing it, and flipping R, unless the task stayed R, is setting it.
     * From here on a wake sets S again. Acquire: pairs with the release in
     * wake. */
    uint64_t look = atomic_load_explicit(&task->state, memory_order_relaxed);
    uint64_t flip =
        look & TASK_RUNNING ? TASK_SCHEDULED : TASK_SCHEDULED | TASK_RUNNING;

    turn_begin(task);
    if ((look & (TASK_SCHEDULED | TASK_RUNNING | TASK_COMPLETE)) ==
        TASK_RUNNING)
        return TASK_POLL;
    uint64_t old =
        atomic_fetch_xor_explicit(&task->state, flip, memory_order_acquire);

    require((old & (TASK_SCHEDULED | TASK_COMPLETE)) == TASK_SCHEDULED,
            "a task left a queue that it was not in (state %#x)",
            (unsigned)(old & 255));
    return old & TASK_CANCELLED ? TASK_CANCEL : TASK_POLL;
}

enum task_duty task_state_pend(struct task *task)
{
    uint64_t old = atomic_load_explicit(&task->state, memory_order_relaxed);

    require(old & TASK_RUNNING, "a task is pending that was not running");
    if (turn_end())
        return TASK_SCHEDULE;
    /* TODO(4.4): woken already: schedule it, as it is. Otherwise clear R;
     * and was it woken just before that? */
    TODO(4.4);
    atomic_fetch_and(&task->state, ~(uint64_t)TASK_RUNNING);
    return TASK_NOTHING;
}

void task_state_seize(struct task *task)
{
    atomic_fetch_or_explicit(&task->state, TASK_RUNNING | TASK_CANCELLED,
                             memory_order_acq_rel);
}

bool task_state_finish(struct task *task)
{
    turn_end();
    /* R was set and X clear. Release: pairs with the acquire of whoever sees
     * X. Acquire: the joiner's waker, if J is set. */
    uint64_t old = atomic_fetch_xor_explicit(
        &task->state, TASK_RUNNING | TASK_COMPLETE, memory_order_acq_rel);

    require((old & (TASK_RUNNING | TASK_COMPLETE)) == TASK_RUNNING,
            "a task is finished that was not seized (state %#x)",
            (unsigned)(old & 255));
    return old & TASK_JOINED;
}

bool task_state_join(struct task *task)
{
    /* Of this step and finish one comes first, and the other sees it. Release:
     * the waker, for finish. Acquire: the output, if it is complete. */
    uint64_t old = atomic_fetch_or_explicit(&task->state, TASK_JOINED,
                                            memory_order_acq_rel);

    return !(old & TASK_COMPLETE);
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
