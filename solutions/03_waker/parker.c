/* parker.c - three states on a futex.
 *
 * The state remembers an unpark that came while nobody slept, and futex(2)
 * goes to sleep only if the state is still PARKED when the kernel looks:
 * between our look and our sleep there is no gap to lose an unpark in. */
#include "chapters/03_waker/parker.h"

#include "chapters/common/todo.h"
#include "chapters/common/trace.h"

#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    PARKER_EMPTY,
    PARKER_PARKED,
    PARKER_NOTIFIED,
};

/* Sleeps while *word is `value`; may return for no reason. Its errors all
 * mean "look again": EAGAIN (it had changed), EINTR. */
static void futex_wait(_Atomic(uint32_t) *word, uint32_t value)
{
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void futex_wake_one(_Atomic(uint32_t) *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

void parker_init(struct parker *parker)
{
    atomic_init(&parker->state, PARKER_EMPTY);
}

/* Takes a notification that is there. Acquire: pairs with the release in
 * parker_unpark(), which is what K3 promises. */
static bool parker_take_notification(struct parker *parker)
{
    uint32_t notified = PARKER_NOTIFIED;

    return atomic_compare_exchange_strong_explicit(
        &parker->state, &notified, PARKER_EMPTY, memory_order_acquire,
        memory_order_relaxed);
}

/* Announces the sleep; false if a notification was faster. Relaxed: it
 * tells the other side nothing but itself. */
static bool parker_announce(struct parker *parker)
{
    uint32_t empty = PARKER_EMPTY;

    return atomic_compare_exchange_strong_explicit(
        &parker->state, &empty, PARKER_PARKED, memory_order_relaxed,
        memory_order_relaxed);
}

void parker_park(struct parker *parker)
{
    trace(TRACE_PARK, parker, NULL, NULL);
    /* begin 3.4: Sleep until there is a notification, and take it. Use
     * parker_announce(), futex_wait() and parker_take_notification(). */
    if (parker_announce(parker)) {
        do
            futex_wait(&parker->state, PARKER_PARKED);
        while (!parker_take_notification(parker));
    } else {
        parker_take_notification(parker);
    }
    /* end 3.4: (void)parker_announce, (void)parker_take_notification;
    (void)futex_wait; */
    trace(TRACE_UNPARK, parker, NULL, NULL);
}

void parker_unpark(struct parker *parker)
{
    /* begin 3.4: Leave a notification; wake the thread if it sleeps. */
    /* Release: pairs with the acquire when the notification is taken. */
    uint32_t old = atomic_exchange_explicit(&parker->state, PARKER_NOTIFIED,
                                            memory_order_release);

    if (old == PARKER_PARKED)
        futex_wake_one(&parker->state);
    /* end 3.4: (void)futex_wake_one; */
}
