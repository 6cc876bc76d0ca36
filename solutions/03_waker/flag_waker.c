/* flag_waker.c - a vtable in its plainest form.
 *
 * The data pointer is the flag. A clone is the same two words again. */
#include "chapters/03_waker/flag_waker.h"

#include "chapters/common/todo.h"

static struct waker flag_waker_clone(void *data);

/* Both kinds of wake. Release, so that whoever takes the flag sees what
 * was done before. An exchange and no store: when two wakes count as one,
 * the take must see the news of both, and a second store would start
 * anew where a read-modify-write goes on with the first one's. */
static void flag_waker_wake(void *data)
{
    /* begin 3.1 */
    struct flag *flag = data;

    (void)atomic_exchange_explicit(&flag->is_set, 1, memory_order_release);
    /* end 3.1 */
}

static void ignore(void *data)
{
    (void)data; /* there is nothing to count */
}

static const struct waker_ops flag_waker_ops = {
    .clone = flag_waker_clone,
    .wake = flag_waker_wake,
    .wake_by_ref = flag_waker_wake,
    .drop = ignore,
};

static struct waker flag_waker_clone(void *data)
{
    return (struct waker){&flag_waker_ops, data};
}

void flag_init(struct flag *flag)
{
    atomic_init(&flag->is_set, 0);
}

bool flag_take(struct flag *flag)
{
    /* begin 3.1: Say whether the flag was set, and clear it, in one step. */
    /* Acquire: pairs with the release in flag_waker_wake(). */
    return atomic_exchange_explicit(&flag->is_set, 0, memory_order_acquire);
    /* end 3.1: return false; */
}

struct waker flag_waker(struct flag *flag)
{
    return flag_waker_clone(flag);
}

static struct waker noop_clone(void *data)
{
    (void)data;
    return noop_waker();
}

struct waker noop_waker(void)
{
    static const struct waker_ops ops = {noop_clone, ignore, ignore, ignore};

    return (struct waker){&ops, NULL};
}
