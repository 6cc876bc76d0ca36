/* spawn.c - malloc, a queue, an indirect call, free. With kind=locked, what
 * several threads need as well: a lock around the queue, and three atomics. */
#include "bench/floor/floor.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct job {
    struct job *next;
    void (*call)(struct job *self);
    atomic_uint_fast64_t state;
    long result;
    char room[64]; /* as much as a small task has */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct job *first, **last = &first;
static long tasks;
static bool is_locked;
static volatile long sum;

static void call(struct job *self)
{
    sum += self->result;
}

static void push(struct job *job)
{
    if (is_locked)
        pthread_mutex_lock(&lock);
    job->next = NULL;
    *last = job;
    last = &job->next;
    if (is_locked)
        pthread_mutex_unlock(&lock);
}

static struct job *pop(void)
{
    if (is_locked)
        pthread_mutex_lock(&lock);
    struct job *job = first;

    if (job != NULL && (first = job->next) == NULL)
        last = &first;
    if (is_locked)
        pthread_mutex_unlock(&lock);
    return job;
}

static void run(struct job *job)
{
    if (is_locked)
        atomic_fetch_xor_explicit(&job->state, 3, memory_order_acq_rel);
    job->call(job);
    if (is_locked)
        atomic_fetch_xor_explicit(&job->state, 6, memory_order_acq_rel);
    if (!is_locked ||
        atomic_fetch_sub_explicit(&job->state, 1, memory_order_acq_rel) > 0)
        free(job);
}

static void round_of_spawns(void)
{
    struct job *job;

    for (long i = 0; i < tasks; i++) {
        job = malloc(sizeof *job);
        if (job == NULL)
            abort();
        job->call = call;
        job->result = i;
        atomic_init(&job->state, 1);
        push(job);
    }
    while ((job = pop()) != NULL)
        run(job);
}

int spawn_join(void)
{
    tasks = floor_number("tasks", 10000);
    is_locked = strcmp(floor_text("kind", "plain"), "locked") == 0;
    floor_measure(round_of_spawns, floor_number("rounds", 20), tasks);
    return 0;
}
