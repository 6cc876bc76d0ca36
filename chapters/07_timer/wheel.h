/* wheel.h - a million deadlines, in order, for a handful of instructions each.
 *
 *     a deadline in ticks, in digits of six bits:
 *
 *       35    30 29    24 23    18 17    12 11     6 5      0
 *      +--------+--------+--------+--------+--------+--------+
 *      | level 5| level 4| level 3| level 2| level 1| level 0|
 *      +--------+--------+--------+--------+--------+--------+
 *
 *   W1  The level of an entry is that of the highest digit in which its
 *       deadline and the wheel's time differ; its slot there is the
 *       deadline's digit. So what is near is at level 0, a slot a tick, and
 *       what is far is in a slot with others, to be sorted out later.
 *   W2  Insert and remove take the same few instructions, however many
 *       entries there are. Nothing allocates, nothing fails.
 *   W3  wheel_advance() hands out all entries that are due, the earliest
 *       first; within one tick in any order. An entry comes out once.
 *   W4  When the time comes to the slot of a higher level, its entries are
 *       inserted again (a cascade): nearer now, so at a lower level. That
 *       happens at most once a level to an entry, and so does not change W2.
 *   W5  A deadline further away than WHEEL_HORIZON is kept at level 5, and
 *       looked at again each time its slot comes round.
 *   W6  An entry that was handed out may be removed like any other, as long
 *       as it is in the list. Removing one that is nowhere does nothing.
 *
 * No clock and no waker: a tick is what its owner says. No lock, either: its
 * owner has one. Varghese and Lauck, "Hashed and Hierarchical Timing Wheels",
 * 1987, scheme 7. Rust: tokio's runtime/time/wheel. */
#ifndef CHAPTERS_TIMER_WHEEL_H
#define CHAPTERS_TIMER_WHEEL_H

#include "chapters/common/list.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    /* Six levels of 64: a level's slots are one machine word of bits, in
     * which the next one that is not empty is found by one instruction. Ticks
     * of a millisecond reach 2.2 years; a seventh level would cost every
     * program a kilobyte for deadlines that nobody has. */
    WHEEL_LEVELS = 6,
    WHEEL_SLOTS = 64,
    WHEEL_DIGIT = 6, /* bits */
};

#define WHEEL_HORIZON ((uint64_t)1 << (WHEEL_LEVELS * WHEEL_DIGIT))

struct wheel_entry {
    struct list link;  /* in a slot, or in a list of what is due */
    uint64_t deadline; /* a tick */
    uint8_t level;     /* where it was put */
    uint8_t slot;
};

struct wheel {
    uint64_t now;                    /* a tick */
    uint64_t occupied[WHEEL_LEVELS]; /* bit s: slot s is not empty */
    struct list slots[WHEEL_LEVELS][WHEEL_SLOTS];
};

void wheel_init(struct wheel *wheel, uint64_t now);

/* An entry that is nowhere. */
void wheel_entry_init(struct wheel_entry *entry);

/* True if it was inserted; false if `deadline` is not after the wheel's time:
 * then it is due, and stays outside. The entry is nowhere before. */
bool wheel_insert(struct wheel *wheel, struct wheel_entry *entry,
                  uint64_t deadline);

/* Takes an entry out of wherever it is (W6). */
void wheel_remove(struct wheel *wheel, struct wheel_entry *entry);

/* True if there is an entry; then *tick is when the wheel wants to be advanced
 * next: a deadline, or a cascade before it. Never later than the earliest
 * deadline, and after the wheel's time. */
bool wheel_next(const struct wheel *wheel, uint64_t *tick);

/* The time is `now`, which is not before the wheel's. Moves all entries whose
 * deadline is not after it to the end of `expired`, a list of links. */
void wheel_advance(struct wheel *wheel, uint64_t now, struct list *expired);

#ifdef __cplusplus
}
#endif

#endif
