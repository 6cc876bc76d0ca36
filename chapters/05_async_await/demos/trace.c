/* trace.c - a tree summed by a function that awaits itself, for the figure.
 *
 *     COURSE_TRACE=run.trace trace
 *
 * The values come from another thread, one by one; the main thread waits in
 * block_on(), and each poll goes down through the frames that are alive. */
#include "chapters/03_waker/block_on.h"
#include "chapters/03_waker/completion.h"
#include "chapters/05_async_await/tree.h"
#include "chapters/common/container_of.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

enum {
    NODES = 4
};

struct values {
    struct source source;
    struct completion given[NODES];
    struct completion_wait waits[NODES];
    int asked;
};

static struct int_future *next_value(struct source *source)
{
    struct values *values = container_of(source, struct values, source);
    static const char *const names[NODES] = {"root", "left", "leaf", "right"};
    int i = values->asked++;

    completion_wait_init(&values->waits[i], &values->given[i]);
    trace(TRACE_NAME, &values->waits[i], NULL, names[i]);
    return &values->waits[i].base;
}

static void *give_values(void *data)
{
    struct values *values = data;
    struct timespec pause = {0, 3000000};

    trace(TRACE_NAME, NULL, NULL, "giver");
    for (int i = 0; i < NODES; i++) {
        trace(TRACE_BEGIN, NULL, NULL, "works");
        nanosleep(&pause, NULL);
        trace(TRACE_END, NULL, NULL, NULL);
        completion_set(&values->given[i], 1 << i);
    }
    return NULL;
}

int main(void)
{
    static const struct tree leaf, left = {&leaf, NULL}, right,
                                   root = {&left, &right};
    struct values values = {.source = {next_value}};
    struct tree_sum sum;
    pthread_t giver;

    for (int i = 0; i < NODES; i++)
        completion_init(&values.given[i]);
    trace(TRACE_NAME, NULL, NULL, "main");
    tree_sum_init(&sum, &values.source, &root);
    trace(TRACE_NAME, &sum, NULL, "tree_sum");
    if (pthread_create(&giver, NULL, give_values, &values) != 0) {
        fprintf(stderr, "trace: no thread\n");
        return 1;
    }
    int result = block_on(&sum.async.base);

    pthread_join(giver, NULL);
    for (int i = 0; i < NODES; i++)
        completion_end(&values.given[i]);
    printf("the sum is %d\n", result);
    return result < 0;
}
