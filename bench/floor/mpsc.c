/* mpsc.c - words through a ring, in three ways.
 *
 *     kind=one      one thread, in turn a full ring in and out; the lock is
 *                   taken each time, as a channel for any thread needs it
 *     kind=spin     two threads, one on each side, that spin (and give way)
 *     kind=condvar  two threads that sleep in condition variables */
#include "bench/floor/floor.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    SPINS = 200 /* before a thread gives way: about a microsecond */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t has_item = PTHREAD_COND_INITIALIZER;
static pthread_cond_t has_room = PTHREAD_COND_INITIALIZER;
static _Alignas(64) atomic_long head; /* items taken */
static _Alignas(64) atomic_long tail; /* items put */
static _Alignas(64) long *ring;
static long capacity, messages;
static long sum;

/* ---------------------------------------------------------------- one thread
 */

static void one_put(long item)
{
    pthread_mutex_lock(&lock);
    ring[item % capacity] = item;
    pthread_mutex_unlock(&lock);
}

static void one_take(long item)
{
    pthread_mutex_lock(&lock);
    sum += ring[item % capacity];
    pthread_mutex_unlock(&lock);
}

static void round_one(void)
{
    for (long done = 0; done < messages; done += capacity) {
        for (long i = done; i < done + capacity; i++)
            one_put(i);
        for (long i = done; i < done + capacity; i++)
            one_take(i);
    }
}

/* -------------------------------------------------------------- two that spin
 */

/* A virtual machine's other processor may be somebody else's just now. */
static void relax(int *spins)
{
    if (++*spins % SPINS == 0)
        sched_yield();
    else
        __builtin_ia32_pause();
}

static void *spin_receive(void *nothing)
{
    for (long i = 0; i < messages; i++) {
        int spins = 0;

        while (atomic_load_explicit(&tail, memory_order_acquire) <= i)
            relax(&spins);
        sum += ring[i % capacity];
        atomic_store_explicit(&head, i + 1, memory_order_release);
    }
    return nothing;
}

static void spin_send(void)
{
    for (long i = 0; i < messages; i++) {
        int spins = 0;

        while (i - atomic_load_explicit(&head, memory_order_acquire) >=
               capacity)
            relax(&spins);
        ring[i % capacity] = i;
        atomic_store_explicit(&tail, i + 1, memory_order_release);
    }
}

/* ------------------------------------------------------------- two that sleep
 */

static void *condvar_receive(void *nothing)
{
    for (long i = 0; i < messages; i++) {
        pthread_mutex_lock(&lock);
        while (tail == i)
            pthread_cond_wait(&has_item, &lock);
        sum += ring[i % capacity];
        head = i + 1;
        pthread_cond_signal(&has_room);
        pthread_mutex_unlock(&lock);
    }
    return nothing;
}

static void condvar_send(void)
{
    for (long i = 0; i < messages; i++) {
        pthread_mutex_lock(&lock);
        while (i - head == capacity)
            pthread_cond_wait(&has_room, &lock);
        ring[i % capacity] = i;
        tail = i + 1;
        pthread_cond_signal(&has_item);
        pthread_mutex_unlock(&lock);
    }
}

/* ---------------------------------------------------------------- the whole */

static void round_of_two(void (*send)(void), void *(*receive)(void *))
{
    pthread_t receiver;

    head = tail = 0;
    if (pthread_create(&receiver, NULL, receive, NULL) != 0)
        abort();
    send();
    pthread_join(receiver, NULL);
}

static void round_spin(void)
{
    round_of_two(spin_send, spin_receive);
}

static void round_condvar(void)
{
    round_of_two(condvar_send, condvar_receive);
}

int mpsc(void)
{
    const char *kind = floor_text("kind", "one");
    void (*round)(void) = round_one;

    capacity = floor_number("capacity", 100);
    messages = floor_number("messages", 1000000);
    ring = calloc((size_t)capacity, sizeof *ring);
    if (ring == NULL || floor_number("senders", 1) != 1)
        return FLOOR_MISSING;
    if (strcmp(kind, "spin") == 0)
        round = round_spin;
    if (strcmp(kind, "condvar") == 0)
        round = round_condvar;
    floor_measure(round, floor_number("rounds", 1), messages);
    return 0;
}
