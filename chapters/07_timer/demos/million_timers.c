/* million_timers.c - a million timers on the wheel, and in a binary heap.
 *
 *     million_timers
 *
 * Twice the same work: all timers are set and all are cancelled, as timeouts
 * usually are; then all are set and all fire. Deadlines are random, within an
 * hour; the random numbers are the same each time. The heap is as a good
 * library has it: an array of pointers, and each timer knows its place in it,
 * so that it can be cancelled. */
#include "chapters/07_timer/wheel.h"
#include "chapters/common/container_of.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    TIMERS = 1000000,
    HOUR = 3600000, /* ticks */
};

struct item {
    struct wheel_entry entry; /* for the wheel */
    uint64_t deadline;        /* for the heap */
    size_t place;
};

struct heap {
    struct item **items;
    size_t count;
};

static struct item *items;
static uint32_t *order; /* in which they are cancelled */
static struct wheel wheel;
static struct heap heap;

static double nanoseconds(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* xorshift64: the same numbers in every run. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* ---------------------------------------------------------------- the heap */

static void heap_put(size_t place, struct item *item)
{
    heap.items[place] = item;
    item->place = place;
}

static void heap_up(size_t place, struct item *item)
{
    while (place > 0) {
        struct item *parent = heap.items[(place - 1) / 2];

        if (parent->deadline <= item->deadline)
            break;
        heap_put(place, parent);
        place = (place - 1) / 2;
    }
    heap_put(place, item);
}

static void heap_down(size_t place, struct item *item)
{
    for (;;) {
        size_t child = 2 * place + 1;

        if (child >= heap.count)
            break;
        if (child + 1 < heap.count &&
            heap.items[child + 1]->deadline < heap.items[child]->deadline)
            child++;
        if (item->deadline <= heap.items[child]->deadline)
            break;
        heap_put(place, heap.items[child]);
        place = child;
    }
    heap_put(place, item);
}

static void heap_insert(struct item *item)
{
    heap_up(heap.count++, item);
}

static void heap_remove(struct item *item)
{
    struct item *last = heap.items[--heap.count];

    if (last == item)
        return;
    if (last->deadline < item->deadline)
        heap_up(item->place, last);
    else
        heap_down(item->place, last);
}

/* ---------------------------------------------------------------- the work */

static void wheel_set_all(void)
{
    wheel_init(&wheel, 0);
    for (size_t i = 0; i < TIMERS; i++) {
        wheel_entry_init(&items[i].entry);
        wheel_insert(&wheel, &items[i].entry, items[i].deadline);
    }
}

static void wheel_cancel_all(void)
{
    for (size_t i = 0; i < TIMERS; i++)
        wheel_remove(&wheel, &items[order[i]].entry);
}

/* How many have fired, tick after tick as they would. */
static size_t wheel_fire_all(void)
{
    size_t fired = 0;
    uint64_t tick;

    while (wheel_next(&wheel, &tick)) {
        struct list expired;

        list_init(&expired);
        wheel_advance(&wheel, tick, &expired);
        while (list_pop_front(&expired) != NULL)
            fired++;
    }
    return fired;
}

static void heap_set_all(void)
{
    heap.count = 0;
    for (size_t i = 0; i < TIMERS; i++)
        heap_insert(&items[i]);
}

static void heap_cancel_all(void)
{
    for (size_t i = 0; i < TIMERS; i++)
        heap_remove(&items[order[i]]);
}

static size_t heap_fire_all(void)
{
    size_t fired = 0;

    for (; heap.count > 0; fired++)
        heap_remove(heap.items[0]);
    return fired;
}

/* What a timer costs, set and then cancelled or fired. */
static int measure(const char *name, void (*set)(void), void (*cancel)(void),
                   size_t (*fire)(void))
{
    double start = nanoseconds(), set_time, cancel_time, fire_time;

    set();
    set_time = nanoseconds() - start;
    start = nanoseconds();
    cancel();
    cancel_time = nanoseconds() - start;
    set();
    start = nanoseconds();
    if (fire() != TIMERS) {
        fprintf(stderr, "%s: not all timers have fired\n", name);
        return -1;
    }
    fire_time = nanoseconds() - start;
    printf("%-12s %8.1f ns %8.1f ns %8.1f ns\n", name, set_time / TIMERS,
           cancel_time / TIMERS, fire_time / TIMERS);
    return 0;
}

static void prepare(void)
{
    uint64_t state = 88172645463325252u;

    for (uint32_t i = 0; i < TIMERS; i++) {
        items[i].deadline = 1 + next_random(&state) % HOUR;
        order[i] = i;
    }
    for (uint32_t i = TIMERS - 1; i > 0; i--) {
        uint32_t other = (uint32_t)(next_random(&state) % (i + 1));
        uint32_t taken = order[i];

        order[i] = order[other];
        order[other] = taken;
    }
}

int main(void)
{
    items = calloc(TIMERS, sizeof *items);
    order = calloc(TIMERS, sizeof *order);
    heap.items = calloc(TIMERS, sizeof *heap.items);
    if (items == NULL || order == NULL || heap.items == NULL) {
        fprintf(stderr, "million_timers: no memory\n");
        return 1;
    }
    prepare();
    printf("%d timers; for each:\n", TIMERS);
    printf("%-12s %11s %11s %11s\n", "", "set", "cancel", "fire");
    int status =
        measure("wheel", wheel_set_all, wheel_cancel_all, wheel_fire_all) |
        measure("binary heap", heap_set_all, heap_cancel_all, heap_fire_all);

    free(items);
    free(order);
    free(heap.items);
    return status != 0;
}
