/* wheel.c - digits, slots and bits.
 *
 * Why it works: an entry at level L agrees with the wheel's time in all digits
 * above L, and its digit at L is greater. So everything at a level is
 * earlier than everything at the level above, and within a level the slots
 * are in order. That stays true as time goes on, until the time reaches the
 * slot; then its entries go down. (At the highest level there is no digit
 * above: the slots up to that of the time itself belong to the next round.) */
#include "chapters/07_timer/wheel.h"

#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

enum {
    TOP = WHEEL_LEVELS - 1
};

void wheel_init(struct wheel *wheel, uint64_t now)
{
    wheel->now = now;
    for (int level = 0; level < WHEEL_LEVELS; level++) {
        wheel->occupied[level] = 0;
        for (int slot = 0; slot < WHEEL_SLOTS; slot++)
            list_init(&wheel->slots[level][slot]);
    }
}

void wheel_entry_init(struct wheel_entry *entry)
{
    /* No list_init(): that points to the entry itself, and one that was not
     * inserted yet may still move, with the future around it (P6). */
    *entry = (struct wheel_entry){.deadline = 0};
}

/* In a slot, or in a list of what is due. */
static bool is_inside(const struct wheel_entry *entry)
{
    return entry->link.next != NULL && list_is_linked(&entry->link);
}

/* The digit of a tick at that level. */
static unsigned digit(uint64_t tick, unsigned level)
{
    return (unsigned)(tick >> (level * WHEEL_DIGIT)) % WHEEL_SLOTS;
}

/* W1. The two differ. */
static unsigned level_of(uint64_t now, uint64_t deadline)
{
    unsigned level = TOP;

    /* TODO(7.1): in which digit is the highest bit in which they differ?
     * Not more than TOP */
    TODO(7.1);
    return level;
}

/* Puts an entry, whose deadline is after the wheel's time, where it belongs. */
static void wheel_put(struct wheel *wheel, struct wheel_entry *entry)
{
    /* TODO(7.1): note level and slot in the entry; link it in; set the bit */
    TODO(7.1);
    (void)wheel, (void)entry, (void)digit, (void)level_of;
}

bool wheel_insert(struct wheel *wheel, struct wheel_entry *entry,
                  uint64_t deadline)
{
    require(!is_inside(entry), "an entry was inserted twice");
    if (deadline <= wheel->now)
        return false;
    entry->deadline = deadline;
    wheel_put(wheel, entry);
    return true;
}

void wheel_remove(struct wheel *wheel, struct wheel_entry *entry)
{
    if (!is_inside(entry))
        return;
    /* TODO(7.2): unlink it; if its slot is empty now, the bit is clear */
    TODO(7.2);
}

/* The first slot of that level that the time will come to. There is one. */
static unsigned next_slot(const struct wheel *wheel, unsigned level)
{
    uint64_t occupied = wheel->occupied[level];
    unsigned slot = 0;

    /* TODO(7.3): the lowest bit after the time's own digit; at TOP, if
     * there is none, the lowest of all, in the next round */
    TODO(7.3);
    (void)occupied;
    return slot;
}

/* When the time comes to that slot. */
static uint64_t slot_start(const struct wheel *wheel, unsigned level,
                           unsigned slot)
{
    unsigned shift = level * WHEEL_DIGIT;
    uint64_t round = (uint64_t)1 << (shift + WHEEL_DIGIT);
    uint64_t start = (wheel->now & ~(round - 1)) + ((uint64_t)slot << shift);

    return start > wheel->now ? start : start + round;
}

/* The level of the slot that the time will come to first, or WHEEL_LEVELS. */
static unsigned next_level(const struct wheel *wheel)
{
    unsigned level = WHEEL_LEVELS;

    /* TODO(7.3): the lowest level that is not empty */
    TODO(7.3);
    return level;
}

bool wheel_next(const struct wheel *wheel, uint64_t *tick)
{
    unsigned level = next_level(wheel);

    if (level == WHEEL_LEVELS)
        return false;
    *tick = slot_start(wheel, level, next_slot(wheel, level));
    return true;
}

/* The time has come to that slot: what is due goes to `expired`, the rest to
 * where it belongs now. */
static void wheel_open(struct wheel *wheel, unsigned level, unsigned slot,
                       struct list *expired)
{
    struct list entries, *link;

    /* TODO(7.3): empty the slot, into `entries`, and clear its bit; then
     * each entry is due, or is put() again (W4) */
    TODO(7.3);
    (void)entries, (void)link;
}

void wheel_advance(struct wheel *wheel, uint64_t now, struct list *expired)
{
    /* TODO(7.3): slot after slot, as long as the next one is not after
     * `now`; then the time is `now` */
    TODO(7.3);
    (void)wheel_open;
}
