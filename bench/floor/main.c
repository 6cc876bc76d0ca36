/* main.c - arguments, time, and which workload. */
#include "bench/floor/floor.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static int argument_count;
static char **arguments;

static const struct workload {
    const char *name;
    int (*run)(void);
} workloads[] = {
    {"spawn_join", spawn_join}, {"yield", yield_many}, {"mpsc", mpsc},
    {"mutex", mutex},           {"echo", echo},
};

const char *floor_text(const char *key, const char *otherwise)
{
    size_t length = strlen(key);

    for (int i = 2; i < argument_count; i++)
        if (strncmp(arguments[i], key, length) == 0 &&
            arguments[i][length] == '=')
            return arguments[i] + length + 1;
    return otherwise;
}

long floor_number(const char *key, long otherwise)
{
    const char *text = floor_text(key, NULL);

    return text != NULL ? atol(text) : otherwise;
}

static double wall_now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static double cpu_now(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e9 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e3;
}

void floor_measure(void (*round)(void), long rounds, long operations)
{
    double total = (double)rounds * (double)operations;

    round();
    double cpu = cpu_now(), wall = wall_now();

    for (long i = 0; i < rounds; i++)
        round();
    printf("wall %.2f ns\n", (wall_now() - wall) / total);
    printf("cpu %.2f ns\n", (cpu_now() - cpu) / total);
    printf("ops %.0f count\n", total);
}

static void *sleep_for_ever(void *nothing)
{
    for (;;)
        pause();
    return nothing;
}

int main(int count, char **texts)
{
    pthread_t thread;

    argument_count = count;
    arguments = texts;
    /* With a second thread, malloc and locks cost what they do in programs. */
    if (pthread_create(&thread, NULL, sleep_for_ever, NULL) != 0)
        return 1;
    for (size_t i = 0; i < sizeof workloads / sizeof workloads[0]; i++) {
        if (count < 2 || strcmp(workloads[i].name, texts[1]) != 0)
            continue;
        int status = workloads[i].run();

        fflush(stdout);
        _exit(status);
    }
    return FLOOR_MISSING;
}
