/* thread_cost.c - what a thread costs here, as a table and as a picture.
 *
 *     thread_cost [FILE.svg]
 *
 * The picture plots connections against memory: measured points, a thread
 * a connection, on a logarithmic scale. */
#include "chapters/01_blocking_server/thread_cost.h"

#include "chapters/common/chart.h"

#include <stdio.h>
#include <string.h>

static const size_t counts[] = {10, 100, 1000, 5000};

enum {
    POINTS = 4
};

static int draw(const char *path, const struct thread_cost *costs)
{
    struct chart_line line = {"a thread each", "#b3261e", POINTS, {0}, {0}};

    for (int i = 0; i < POINTS; i++) {
        line.x[i] = (double)costs[i].count;
        line.y[i] = (costs[i].resident + costs[i].kernel) * line.x[i];
    }
    return chart_draw(path,
                      "A thread a connection: memory, stacks of the kernel "
                      "included",
                      &line, 1);
}

static void print(const struct thread_cost *cost)
{
    printf("%8zu %14.0f %14.0f %14.0f %12.0f %12.0f\n", cost->count,
           cost->resident, cost->kernel, cost->reserved, cost->create_time,
           cost->switch_time);
}

int main(int count, char **arguments)
{
    struct thread_cost costs[POINTS];

    printf("%8s %14s %14s %14s %12s %12s\n", "threads", "memory B", "kernel B",
           "address B", "create ns", "switch ns");
    for (int i = 0; i < POINTS; i++) {
        int error = thread_cost_measure(counts[i], &costs[i]);

        if (error < 0) {
            fprintf(stderr, "thread_cost: %s\n", strerror(-error));
            return 1;
        }
        print(&costs[i]);
    }
    if (count > 1 && draw(arguments[1], costs) != 0) {
        fprintf(stderr, "thread_cost: cannot write %s\n", arguments[1]);
        return 1;
    }
    return 0;
}
