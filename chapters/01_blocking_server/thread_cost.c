/* thread_cost.c - look at /proc, start threads, look again. */
#include "chapters/01_blocking_server/thread_cost.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
    SWITCHES = 2000
};

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* The process's address space and resident memory, in bytes. */
static int read_memory(double *reserved, double *resident)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long pages[2];

    if (file == NULL)
        return -errno;
    int fields = fscanf(file, "%ld %ld", &pages[0], &pages[1]);

    fclose(file);
    if (fields != 2)
        return -EIO;
    *reserved = (double)pages[0] * (double)sysconf(_SC_PAGESIZE);
    *resident = (double)pages[1] * (double)sysconf(_SC_PAGESIZE);
    return 0;
}

struct sleepers {
    sem_t started;
    sem_t finish;
};

static void *sleeper_run(void *data)
{
    struct sleepers *sleepers = data;

    sem_post(&sleepers->started);
    while (sem_wait(&sleepers->finish) != 0)
        continue; /* EINTR */
    return NULL;
}

/* Starts up to `count` threads; how many there are. */
static size_t start(struct sleepers *sleepers, pthread_t *threads, size_t count)
{
    size_t started = 0;

    while (started < count &&
           pthread_create(&threads[started], NULL, sleeper_run, sleepers) == 0)
        started++;
    for (size_t i = 0; i < started; i++)
        while (sem_wait(&sleepers->started) != 0)
            continue;
    return started;
}

static void finish(struct sleepers *sleepers, pthread_t *threads, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sem_post(&sleepers->finish);
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}

static void *echo_turns(void *data)
{
    struct sleepers *pair = data;

    for (int i = 0; i < SWITCHES; i++) {
        while (sem_wait(&pair->started) != 0)
            continue;
        sem_post(&pair->finish);
    }
    return NULL;
}

/* Two threads hand a turn to one another; there and back is two switches. */
static double measure_switch(void)
{
    struct sleepers pair;
    pthread_t thread;

    sem_init(&pair.started, 0, 0);
    sem_init(&pair.finish, 0, 0);
    if (pthread_create(&thread, NULL, echo_turns, &pair) != 0)
        return 0;
    double begin = now();

    for (int i = 0; i < SWITCHES; i++) {
        sem_post(&pair.started);
        while (sem_wait(&pair.finish) != 0)
            continue;
    }
    double end = now();

    pthread_join(thread, NULL);
    sem_destroy(&pair.started);
    sem_destroy(&pair.finish);
    return (end - begin) / (2.0 * SWITCHES);
}

/* The kernel's stack of a thread, which statm does not count. */
static double kernel_stack(void)
{
    return 16384; /* x86-64 and arm64: THREAD_SIZE in the kernel's source */
}

static int measure(size_t count, pthread_t *threads, struct thread_cost *cost)
{
    struct sleepers sleepers;
    double reserved[2], resident[2];

    sem_init(&sleepers.started, 0, 0);
    sem_init(&sleepers.finish, 0, 0);
    int error = read_memory(&reserved[0], &resident[0]);
    double begin = now();
    size_t started = start(&sleepers, threads, count);
    double end = now();

    if (error == 0)
        error = read_memory(&reserved[1], &resident[1]);
    finish(&sleepers, threads, started);
    sem_destroy(&sleepers.started);
    sem_destroy(&sleepers.finish);
    if (error < 0 || started == 0)
        return error < 0 ? error : -EAGAIN;
    double each = (double)started;

    *cost = (struct thread_cost){
        .count = started,
        .resident = (resident[1] - resident[0]) / each,
        .reserved = (reserved[1] - reserved[0]) / each,
        .kernel = kernel_stack(),
        .create_time = (end - begin) / each,
    };
    return 0;
}

int thread_cost_measure(size_t count, struct thread_cost *cost)
{
    pthread_t *threads = calloc(count, sizeof *threads);

    if (threads == NULL)
        return -ENOMEM;
    int error = measure(count, threads, cost);

    free(threads);
    if (error == 0)
        cost->switch_time = measure_switch();
    return error;
}
