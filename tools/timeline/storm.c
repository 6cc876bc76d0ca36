/* storm.c - many threads record at once, for the test of the recorder:
 * storm THREADS EVENTS [abort]. Every second event of a thread is a BEGIN with
 * the event's number as subject, every other an END; all come from main's
 * children, and main names itself first. */
#include "chapters/common/trace.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    THREADS_LIMIT = 64
};

static long events;

static void *record(void *unused)
{
    for (long i = 1; i <= events; i++)
        trace(i % 2 != 0 ? TRACE_BEGIN : TRACE_END, (void *)(intptr_t)i, unused,
              "a storm\nof events with a name that is far too long for a slot");
    return NULL;
}

int main(int count, char **arguments)
{
    pthread_t threads[THREADS_LIMIT];
    long wanted = count >= 3 ? atol(arguments[1]) : 0;

    if (wanted < 1 || wanted > THREADS_LIMIT)
        return 2;
    events = atol(arguments[2]);
    trace(TRACE_NAME, NULL, NULL, "main");
    for (long i = 0; i < wanted; i++)
        if (pthread_create(&threads[i], NULL, record, NULL) != 0)
            return 1;
    for (long i = 0; i < wanted; i++)
        pthread_join(threads[i], NULL);
    if (count > 3)
        abort();
    puts(trace_is_on ? "on" : "off");
    return 0;
}
