/* readiness.h - what a descriptor is ready for, and how old that news is.
 *
 *    31              16 15   6   5    4    3    2    1    0
 *   +------------------+------+----+----+----+----+----+----+
 *   |       tick       |  0   | U  | E  | WC | RC | W  | R  |
 *   +------------------+------+----+----+----+----+----+----+
 *
 *   R   a read may succeed             W   a write may succeed
 *   RC  no more bytes will come        WC  no more bytes will go
 *   E   there is an error to be told
 *   U   there is urgent data: a read may stop before it. Only with R.
 *
 *   N1  readiness_add() adds what the kernel reports, and the tick goes up
 *       by one, round the clock at 65,536. A bit stays until it is cleared.
 *       It returns those of its bits that were not there at that moment.
 *   N2  readiness_clear() takes R, W, E and U back as far as they were seen,
 *       but only if the tick is still what it was then. Otherwise there is
 * newer news, and nothing is cleared: that costs one call in vain, the other
 *       way round a reader would sleep beside its bytes.
 *   N3  RC and WC are for good: nothing clears them.
 *   N4  Each of these changes the word in one atomic step. Any thread.
 *
 * Rust: tokio's runtime/io/scheduled_io.rs. */
#ifndef CHAPTERS_REACTOR_READINESS_H
#define CHAPTERS_REACTOR_READINESS_H

#include "chapters/common/atomics.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    READY_READ = 1,
    READY_WRITE = 2,
    READY_READ_CLOSED = 4,
    READY_WRITE_CLOSED = 8,
    READY_ERROR = 16,
    READY_URGENT = 32,
};

enum io_direction {
    IO_READ,
    IO_WRITE,
};

/* What was seen at one look. No bits: not ready. (ready.h of chapter 02 is
 * something else.) Rust: ReadyEvent. */
struct ready_event {
    uint16_t bits;
    uint16_t tick;
};

struct readiness {
    atomic_member(uint32_t) word;
};

/* Ready for `bits`, at tick 0. */
void readiness_init(struct readiness *readiness, uint16_t bits);

uint16_t readiness_add(struct readiness *readiness, uint16_t bits);

/* The bits that matter to that direction: R, RC, E and U, or W, WC and E. */
struct ready_event readiness_look(const struct readiness *readiness,
                                  enum io_direction direction);

/* The call that `seen` promised has found nothing (N2). */
void readiness_clear(struct readiness *readiness, struct ready_event seen);

/* The bits for what epoll(7) reports, EPOLLIN and the like. */
uint16_t ready_of_events(uint32_t events);

#ifdef __cplusplus
}
#endif

#endif
