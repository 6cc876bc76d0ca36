/* wakeup.c - the parker's three states, on an eventfd.
 *
 * Only the wake that finds a sleeper pays for a system call. The descriptor is
 * watched edge-triggered: each write to it is an event, read or not, so
 * nobody reads it. (Its counter is full after 2^64 - 2 sleeps.) */
#include "chapters/06_reactor/wakeup.h"

#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    WAKEUP_EMPTY,
    WAKEUP_SLEEPS,
    WAKEUP_NOTIFIED,
};

struct wakeup {
    _Atomic uint32_t state;
    _Atomic size_t references;
    int descriptor;
};

int wakeup_create(struct wakeup **wakeup)
{
    struct wakeup *created = malloc(sizeof *created);

    if (created == NULL)
        return -ENOMEM;
    atomic_init(&created->state, WAKEUP_EMPTY);
    atomic_init(&created->references, 1);
    created->descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (created->descriptor < 0) {
        int error = -errno;

        free(created);
        return error;
    }
    *wakeup = created;
    return 0;
}

void wakeup_unref(struct wakeup *wakeup)
{
    /* As in chapter 04's task_unref(): all uses come before the free. */
    if (atomic_fetch_sub_explicit(&wakeup->references, 1,
                                  memory_order_acq_rel) > 1)
        return;
    close(wakeup->descriptor);
    free(wakeup);
}

int wakeup_descriptor(const struct wakeup *wakeup)
{
    return wakeup->descriptor;
}

bool wakeup_prepare(struct wakeup *wakeup)
{
    /* begin 6.5: From EMPTY to SLEEPS; false if a wake was faster. */
    uint32_t empty = WAKEUP_EMPTY;

    /* Relaxed: it tells nothing but itself. What came before a wake, also one
     * that was faster, wakeup_finish() acquires (U3). */
    return atomic_compare_exchange_strong_explicit(
        &wakeup->state, &empty, WAKEUP_SLEEPS, memory_order_relaxed,
        memory_order_relaxed);
    /* end 6.5: return false; */
}

void wakeup_finish(struct wakeup *wakeup)
{
    /* begin 6.5: Whatever came, it has done its work. */
    /* Acquire: pairs with the release in wakeup_wake(): U3. */
    atomic_exchange_explicit(&wakeup->state, WAKEUP_EMPTY,
                             memory_order_acquire);
    /* end 6.5 */
}

bool wakeup_is_notified(const struct wakeup *wakeup)
{
    return atomic_load_explicit(&wakeup->state, memory_order_acquire) ==
           WAKEUP_NOTIFIED;
}

static void wakeup_write(struct wakeup *wakeup)
{
    uint64_t one = 1;

    while (write(wakeup->descriptor, &one, sizeof one) < 0)
        require(errno == EINTR, "eventfd: %d", errno);
}

static void wakeup_wake_by_ref(void *data)
{
    struct wakeup *wakeup = data;

    /* begin 6.5: Leave a notification; write to the descriptor if somebody
     * sleeps. */
    uint32_t old = atomic_exchange_explicit(&wakeup->state, WAKEUP_NOTIFIED,
                                            memory_order_release);

    if (old == WAKEUP_SLEEPS)
        wakeup_write(wakeup);
    /* end 6.5: (void)wakeup, (void)wakeup_write; */
}

static void wakeup_drop(void *data)
{
    wakeup_unref(data);
}

static void wakeup_wake(void *data)
{
    wakeup_wake_by_ref(data);
    wakeup_unref(data);
}

static struct waker wakeup_clone(void *data)
{
    return wakeup_waker(data);
}

struct waker wakeup_waker(struct wakeup *wakeup)
{
    static const struct waker_ops ops = {wakeup_clone, wakeup_wake,
                                         wakeup_wake_by_ref, wakeup_drop};

    atomic_fetch_add_explicit(&wakeup->references, 1, memory_order_relaxed);
    return (struct waker){&ops, wakeup};
}
