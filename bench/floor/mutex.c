/* mutex.c - lock, add, unlock, on one thread: kind=pthread, or kind=cas, which
 * is a lock that can only spin. */
#include "bench/floor/floor.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_int word;
static volatile long number;
static long increments;

static void round_pthread(void)
{
    for (long i = 0; i < increments; i++) {
        pthread_mutex_lock(&lock);
        number++;
        pthread_mutex_unlock(&lock);
    }
}

static void round_cas(void)
{
    for (long i = 0; i < increments; i++) {
        int expected = 0;

        while (!atomic_compare_exchange_weak_explicit(
            &word, &expected, 1, memory_order_acquire, memory_order_relaxed))
            expected = 0;
        number++;
        atomic_store_explicit(&word, 0, memory_order_release);
    }
}

int mutex(void)
{
    increments = floor_number("increments", 1000000);
    if (floor_number("tasks", 1) != 1)
        return FLOOR_MISSING;
    floor_measure(strcmp(floor_text("kind", "pthread"), "cas") == 0
                      ? round_cas
                      : round_pthread,
                  floor_number("rounds", 1), increments);
    return 0;
}
