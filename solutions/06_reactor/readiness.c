/* readiness.c - one word, changed in one step.
 *
 * Orders: the reactor releases what it learned from the kernel, and a task
 * that sees the bits acquires it. Clearing neither acquires nor releases: it
 * says only that the task has looked. */
#include "chapters/06_reactor/readiness.h"

#include "chapters/common/todo.h"

#include <sys/epoll.h>

enum {
    ONE_TICK = 1 << 16,
    FINAL = READY_READ_CLOSED | READY_WRITE_CLOSED,
};

void readiness_init(struct readiness *readiness, uint16_t bits)
{
    atomic_init(&readiness->word, bits);
}

uint16_t readiness_add(struct readiness *readiness, uint16_t bits)
{
    /* begin 6.1: add the bits and one tick, in one step; return the bits that
     * are new */
    uint32_t old = atomic_load_explicit(&readiness->word, memory_order_relaxed);

    /* Release: pairs with the acquire in readiness_look(). */
    while (!atomic_compare_exchange_weak_explicit(
        &readiness->word, &old, (old | bits) + ONE_TICK, memory_order_release,
        memory_order_relaxed))
        continue;
    return bits & (uint16_t)~old;
    /* end 6.1: (void)readiness;
    return bits; */
}

struct ready_event readiness_look(const struct readiness *readiness,
                                  enum io_direction direction)
{
    struct ready_event ready = {0, 0};

    /* begin 6.1: the tick, and the bits of that direction */
    uint32_t word =
        atomic_load_explicit(&readiness->word, memory_order_acquire);
    uint16_t mask = READY_WRITE | READY_WRITE_CLOSED | READY_ERROR;

    if (direction == IO_READ)
        mask = READY_READ | READY_READ_CLOSED | READY_ERROR | READY_URGENT;
    ready.bits = (uint16_t)word & mask;
    ready.tick = (uint16_t)(word / ONE_TICK);
    /* end 6.1 */
    return ready;
}

void readiness_clear(struct readiness *readiness, struct ready_event seen)
{
    /* begin 6.1: take back what was seen, unless there is newer news (N2) */
    uint32_t old = atomic_load_explicit(&readiness->word, memory_order_relaxed);
    uint32_t bits = seen.bits & ~FINAL;

    while (old / ONE_TICK == seen.tick)
        if (atomic_compare_exchange_weak_explicit(
                &readiness->word, &old, old & ~bits, memory_order_relaxed,
                memory_order_relaxed))
            return;
    /* end 6.1 */
}

uint16_t ready_of_events(uint32_t events)
{
    uint16_t bits = 0;

    if (events & (EPOLLIN | EPOLLPRI))
        bits |= READY_READ;
    if (events & EPOLLPRI)
        bits |= READY_URGENT;
    if (events & EPOLLOUT)
        bits |= READY_WRITE;
    /* begin 6.1: RC, WC and E: what EPOLLRDHUP, EPOLLHUP and EPOLLERR mean */
    if (events & (EPOLLRDHUP | EPOLLHUP))
        bits |= READY_READ_CLOSED;
    if (events & EPOLLHUP) /* both directions: see epoll_ctl(2) */
        bits |= READY_WRITE_CLOSED;
    if (events & EPOLLERR)
        bits |= READY_ERROR;
    /* end 6.1 */
    return bits;
}
