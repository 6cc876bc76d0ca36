/* counted_flag.c - a waker that owns a share of what it wakes.
 *
 * The flag waker before this one needs a flag that outlives it. Nobody can
 * promise that for a task: its wakers lie about in timers, sockets and
 * other threads. So the wakers own the task together, and the last one to
 * let go frees it. */
#include "chapters/03_waker/counted_flag.h"

#include "chapters/common/todo.h"

#include <stdatomic.h>
#include <stdlib.h>

struct counted_flag {
    atomic_size_t references;
    atomic_bool is_set;
};

static struct waker counted_flag_clone(void *data);

struct counted_flag *counted_flag_create(void)
{
    struct counted_flag *flag = malloc(sizeof *flag);

    if (flag == NULL)
        return NULL;
    atomic_init(&flag->references, 1);
    atomic_init(&flag->is_set, false);
    return flag;
}

void counted_flag_unref(struct counted_flag *flag)
{
    /* begin 3.2: Count one owner less; the last one frees the flag. */
    /* Release: what this owner did is done before the flag is freed.
     * Acquire: whoever frees it comes after all of that. */
    if (atomic_fetch_sub_explicit(&flag->references, 1, memory_order_acq_rel) ==
        1)
        free(flag);
    /* end 3.2 */
}

bool counted_flag_take(struct counted_flag *flag)
{
    /* Acquire: pairs with the release of the wake. */
    return atomic_exchange_explicit(&flag->is_set, false, memory_order_acquire);
}

static void counted_flag_wake_by_ref(void *data)
{
    /* begin 3.2: Set the flag. */
    struct counted_flag *flag = data;

    /* Release: pairs with the acquire of counted_flag_take(). An exchange
     * for the reason given in flag_waker.c. */
    (void)atomic_exchange_explicit(&flag->is_set, true, memory_order_release);
    /* end 3.2 */
}

static void counted_flag_wake(void *data)
{
    /* begin 3.2: Set the flag and give up the reference. */
    counted_flag_wake_by_ref(data);
    counted_flag_unref(data);
    /* end 3.2 */
}

static void counted_flag_drop(void *data)
{
    counted_flag_unref(data);
}

static const struct waker_ops counted_flag_ops = {
    .clone = counted_flag_clone,
    .wake = counted_flag_wake,
    .wake_by_ref = counted_flag_wake_by_ref,
    .drop = counted_flag_drop,
};

static struct waker counted_flag_clone(void *data)
{
    /* begin 3.2: Count one owner more. */
    struct counted_flag *flag = data;

    /* Relaxed is enough: whoever clones owns a share, so the flag cannot
     * go away, and nothing is told to anybody by this. */
    atomic_fetch_add_explicit(&flag->references, 1, memory_order_relaxed);
    /* end 3.2 */
    return (struct waker){&counted_flag_ops, data};
}

struct waker counted_flag_waker(struct counted_flag *flag)
{
    return counted_flag_clone(flag);
}
