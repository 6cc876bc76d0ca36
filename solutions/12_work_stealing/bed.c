/* bed.c - four states on a futex, and a driver that only one can have. */
#include "chapters/12_work_stealing/bed.h"

#include "chapters/common/todo.h"

#include <errno.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    BED_AWAKE,
    BED_ON_FUTEX,
    BED_IN_DRIVER,
    BED_NOTIFIED,
};

/* False: time is up. NULL stands for no limit. */
static bool futex_wait(_Atomic(uint32_t) *word, uint32_t value,
                       const struct timespec *limit)
{
    return syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, limit, NULL,
                   0) == 0 ||
           errno != ETIMEDOUT;
}

static void futex_wake_one(_Atomic(uint32_t) *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

void driver_slot_init(struct driver_slot *slot, struct driver *driver)
{
    slot->driver = driver;
    slot->doze = (struct timespec){.tv_nsec = DOZE_NS};
    slot->unparker = (struct waker){NULL, NULL};
    if (driver != NULL)
        slot->unparker = driver_unparker(driver);
    atomic_init(&slot->is_taken, false);
}

void driver_slot_end(struct driver_slot *slot)
{
    waker_drop(&slot->unparker);
}

bool driver_slot_is_free(const struct driver_slot *slot)
{
    /* Relaxed: who asks has given it back, and sees that, or what came later.
     */
    return slot->driver != NULL &&
           !atomic_load_explicit(&slot->is_taken, memory_order_relaxed);
}

bool driver_slot_take(struct driver_slot *slot)
{
    /* begin 12.7: one exchange; a look before it, to leave others' caches alone
     * when it is taken */
    if (!driver_slot_is_free(slot))
        return false;
    /* Acquire: what the last one did in the driver. */
    return !atomic_exchange_explicit(&slot->is_taken, true,
                                     memory_order_acquire);
    /* end 12.7: (void)slot;
    return false; */
}

void driver_slot_release(struct driver_slot *slot)
{
    /* begin 12.7: pairs with the acquire above */
    atomic_store_explicit(&slot->is_taken, false, memory_order_release);
    /* end 12.7: (void)slot; */
}

void driver_slot_look(struct driver_slot *slot)
{
    /* begin 12.7: park for no time, if it can be had */
    if (!driver_slot_take(slot))
        return;
    driver_park(slot->driver, 0);
    driver_slot_release(slot);
    /* end 12.7: (void)slot; */
}

void bed_init(struct bed *bed, struct driver_slot *slot)
{
    atomic_init(&bed->state, BED_AWAKE);
    bed->slot = slot;
}

/* Goes to bed; false if it was notified already. Relaxed: it tells the other
 * side nothing but itself. */
static bool lie_down(struct bed *bed, uint32_t where)
{
    uint32_t awake = BED_AWAKE;

    return atomic_compare_exchange_strong_explicit(
        &bed->state, &awake, where, memory_order_relaxed, memory_order_relaxed);
}

/* Takes the notification, if there is one. Acquire: pairs with the release in
 * bed_wake() (B4). An exchange, for two may have woken us: what both did is to
 * be seen, and a plain store would read neither. */
static void get_up(struct bed *bed)
{
    atomic_exchange_explicit(&bed->state, BED_AWAKE, memory_order_acquire);
}

/* begin 12.6 */
static void sleep_on_futex(struct bed *bed, const struct timespec *limit)
{
    if (lie_down(bed, BED_ON_FUTEX))
        /* Relaxed: get_up() acquires. */
        while (atomic_load_explicit(&bed->state, memory_order_relaxed) ==
                   BED_ON_FUTEX &&
               futex_wait(&bed->state, BED_ON_FUTEX, limit))
            continue;
    get_up(bed);
}
/* end 12.6 */

/* begin 12.7 */
static void sleep_in_driver(struct bed *bed)
{
    if (lie_down(bed, BED_IN_DRIVER))
        driver_park(bed->slot->driver, -1);
    get_up(bed); /* whether notified or not */
}
/* end 12.7 */

void bed_sleep(struct bed *bed)
{
    /* begin 12.7: in the driver, if it can be had; then it is free again */
    if (driver_slot_take(bed->slot)) {
        sleep_in_driver(bed);
        driver_slot_release(bed->slot);
        return;
    }
    /* end 12.7 */
    trace(TRACE_PARK, bed, NULL, NULL);
    /* begin 12.6: lie down on the futex, sleep until notified, get up */
    sleep_on_futex(bed, NULL);
    /* end 12.6: (void)bed, (void)lie_down, (void)get_up, (void)futex_wait; */
    trace(TRACE_UNPARK, bed, NULL, NULL);
}

void bed_doze(struct bed *bed)
{
    trace(TRACE_PARK, bed, NULL, NULL);
    /* begin 12.6: the same, for bed->slot->doze at most */
    sleep_on_futex(bed, &bed->slot->doze);
    /* end 12.6: (void)bed; */
    trace(TRACE_UNPARK, bed, NULL, NULL);
}

void bed_wake(struct bed *bed)
{
    uint32_t old = BED_AWAKE;

    /* begin 12.6: leave a notification; wake the worker if it sleeps on the
     * futex */
    /* Release: pairs with the acquire in get_up() (B4). */
    old = atomic_exchange_explicit(&bed->state, BED_NOTIFIED,
                                   memory_order_release);
    if (old == BED_ON_FUTEX)
        futex_wake_one(&bed->state);
    /* end 12.6: (void)bed, (void)futex_wake_one; */
    /* begin 12.7: or if it sleeps in the driver */
    if (old == BED_IN_DRIVER)
        waker_wake_by_ref(&bed->slot->unparker);
    /* end 12.7: (void)old; */
}
