/* await_cost.c - what an await costs, counted and timed.
 *
 *     await_cost [COUNT]
 *
 * Sums COUNT numbers in four ways and prints, for each, polls of the whole,
 * bytes allocated and nanoseconds, an await. */
#include "chapters/02_future/countdown.h"
#include "chapters/05_async_await/sum.h"
#include "chapters/05_async_await/sum_by_hand.h"
#include "chapters/common/container_of.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Ones, and at the end a nought. */
struct ones {
    struct source source;
    long left;
    int pending; /* how many polls of each are in vain */
    struct countdown number;
    struct countdown *boxed; /* if not NULL: a box for each */
    long allocated;          /* bytes */
};

static struct int_future *next_one(struct source *source)
{
    struct ones *ones = container_of(source, struct ones, source);

    countdown_init(&ones->number, ones->pending, ones->left-- > 0);
    return &ones->number.base;
}

/* As behind a table of operations, where nobody knows how large the future
 * is: it has to be allocated. The box before is free by now (see source.h). */
static struct int_future *next_boxed_one(struct source *source)
{
    struct ones *ones = container_of(source, struct ones, source);

    free(ones->boxed);
    ones->boxed = malloc(sizeof *ones->boxed);
    if (ones->boxed == NULL)
        abort();
    ones->allocated += (long)malloc_usable_size(ones->boxed);
    countdown_init(ones->boxed, ones->pending, ones->left-- > 0);
    return &ones->boxed->base;
}

static void count_wake(void *data)
{
    ++*(long *)data;
}

static void forget(void *data)
{
}

static struct waker count_clone(void *data);
static const struct waker_ops count_ops = {count_clone, count_wake, count_wake,
                                           forget};

static struct waker count_clone(void *data)
{
    return (struct waker){&count_ops, data};
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Polls to the end; returns how many polls it took, or 0 if nobody woke. */
static long drive(struct future *future)
{
    long polls = 0, wakes = 1;
    struct waker waker = count_clone(&wakes);
    struct context cx = {&waker};

    for (enum poll poll = POLL_PENDING; poll == POLL_PENDING; polls++) {
        if (wakes == 0)
            return 0;
        wakes = 0;
        poll = future_poll(future, &cx);
    }
    return polls;
}

static void measure(const char *what, struct future *future, struct ones *ones)
{
    long count = ones->left;
    double begin = seconds();
    long polls = drive(future);
    double each = (seconds() - begin) / (double)count * 1e9;

    future_drop(future);
    free(ones->boxed);
    ones->boxed = NULL;
    printf("%-28s %10.6f polls %6.1f bytes %8.1f ns\n", what,
           (double)polls / (double)count,
           (double)ones->allocated / (double)count, each);
}

int main(int argument_count, char **arguments)
{
    long count = argument_count > 1 ? atol(arguments[1]) : 1000000;
    struct ones ready = {.source = {next_one}, .left = count};
    struct ones again = ready, boxed = ready, pending = ready;
    struct sum_by_hand by_hand;
    struct sum sum;

    if (count < 1 || count > 1000000000)
        return 2;
    boxed.source.next = next_boxed_one;
    pending.pending = 1;
    printf("%ld awaits; for each:\n", count);
    sum_by_hand_init(&by_hand, &ready.source);
    measure("by hand, ready at once", &by_hand.base.base, &ready);
    sum_init(&sum, &again.source);
    measure("AWAIT, ready at once", &sum.async.base.base, &again);
    sum_init(&sum, &boxed.source);
    measure("AWAIT of a boxed future", &sum.async.base.base, &boxed);
    sum_init(&sum, &pending.source);
    measure("AWAIT, pending once", &sum.async.base.base, &pending);
    printf("a frame has %zu bytes, of which %zu are struct async\n", sizeof sum,
           sizeof sum.async);
    return 0;
}
