/* main.c - which workload, on which runtime. See bench/README.md. */
#include "bench/ours/bench.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct bench_runtime *bench;

static int argument_count;
static char **arguments;

/* One line a flavor. */
static const struct bench_runtime *const runtimes[] = {&runtime_current,
                                                       &runtime_stealing};

static const struct workload {
    const char *name;
    int (*run)(void);
} workloads[] = {
    {"spawn_join", spawn_join},
    {"spawn_many_local", spawn_many_local},
    {"spawn_many_remote", spawn_many_remote},
    {"yield", yield_many},
    {"ping_pong", ping_pong},
    {"chained_spawn", chained_spawn},
    {"mpsc", mpsc},
    {"mutex", mutex_free},
    {"mutex_yield", mutex_yield},
    {"timer_cancel", cancel_timers},
    {"timer_fire", fire_timers},
    {"parked", parked},
    {"echo", echo},
};

const char *bench_text(const char *key, const char *otherwise)
{
    size_t length = strlen(key);

    for (int i = 2; i < argument_count; i++)
        if (strncmp(arguments[i], key, length) == 0 &&
            arguments[i][length] == '=')
            return arguments[i] + length + 1;
    return otherwise;
}

long bench_number(const char *key, long otherwise)
{
    const char *text = bench_text(key, NULL);

    return text != NULL ? atol(text) : otherwise;
}

static void *sleep_for_ever(void *nothing)
{
    for (;;)
        pause();
    return nothing;
}

/* With a second thread, malloc and locks cost what they do in real programs. */
static void start_second_thread(void)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, sleep_for_ever, NULL) != 0)
        exit(1);
}

static const struct bench_runtime *find_runtime(const char *flavor)
{
    for (size_t i = 0; i < array_length(runtimes); i++)
        if (strcmp(runtimes[i]->flavor, flavor) == 0)
            return runtimes[i];
    return NULL;
}

static int run(const char *name)
{
    for (size_t i = 0; i < array_length(workloads); i++)
        if (strcmp(workloads[i].name, name) == 0)
            return workloads[i].run();
    return BENCH_MISSING;
}

int main(int count, char **texts)
{
    argument_count = count;
    arguments = texts;
    bench = find_runtime(bench_text("flavor", "current"));
    if (count < 2 || bench == NULL)
        return BENCH_MISSING;
    start_second_thread();
    if (bench->begin(bench_number("workers", 2)) < 0)
        return 1;
    int status = run(texts[1]);

    fflush(stdout);
    _exit(status); /* as a server ends: without taking everything apart */
}
