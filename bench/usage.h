/* usage.h - an echo server's side of the protocol: what it has used so far.
 *
 * A thread of its own answers each line of the standard input, and ends the
 * process at the end of the input. See README.md. */
#ifndef BENCH_USAGE_H
#define BENCH_USAGE_H

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static inline long usage_micros(struct timeval time)
{
    return time.tv_sec * 1000000 + time.tv_usec;
}

static inline void usage_print(void)
{
    struct rusage usage;
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    getrusage(RUSAGE_SELF, &usage);
    if (file == NULL || fscanf(file, "%*d %ld", &pages) != 1)
        exit(1);
    fclose(file);
    printf("user %ld us\n", usage_micros(usage.ru_utime));
    printf("system %ld us\n", usage_micros(usage.ru_stime));
    printf("rss %ld bytes\n", pages * sysconf(_SC_PAGESIZE));
    printf("peak %ld bytes\n", usage.ru_maxrss * 1024);
    fflush(stdout);
}

static inline void *usage_thread(void *nothing)
{
    char line[64];

    for (;;) {
        if (fgets(line, sizeof line, stdin) != NULL)
            usage_print();
        else if (ferror(stdin) && errno == EINTR)
            clearerr(stdin); /* a signal is no end */
        else
            break;
    }
    _exit(0);
    return nothing;
}

static inline void answer_usage(void)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, usage_thread, NULL) != 0)
        exit(1);
}

#endif
