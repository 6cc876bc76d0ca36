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
    /* TODO(6.1): add the bits and one tick, in one step; return the bits
     * that are new */
    TODO(6.1);
    (void)readiness;
    return bits;
}

struct ready_event readiness_look(const struct readiness *readiness,
                                  enum io_direction direction)
{
    struct ready_event ready = {0, 0};

    /* TODO(6.1): the tick, and the bits of that direction */
    TODO(6.1);
    return ready;
}

void readiness_clear(struct readiness *readiness, struct ready_event seen)
{
    /* TODO(6.1): take back what was seen, unless there is newer news (N2) */
    TODO(6.1);
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
    /* TODO(6.1): RC, WC and E: what EPOLLRDHUP, EPOLLHUP and EPOLLERR mean */
    TODO(6.1);
    return bits;
}
