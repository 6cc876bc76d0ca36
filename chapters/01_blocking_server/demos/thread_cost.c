/* thread_cost.c - what a thread costs here, as a table and as a picture.
 *
 *     thread_cost [FILE.svg]
 *
 * The picture plots connections against memory: measured points, a thread
 * a connection, on a logarithmic scale. */
#include "chapters/01_blocking_server/thread_cost.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const size_t counts[] = {10, 100, 1000, 5000};

enum {
    POINTS = 4,
    LEFT = 130,
    TOP = 70,
    WIDTH = 760,
    HEIGHT = 360,
    DECADES_X = 4, /* 1 to 10,000 connections */
    DECADES_Y = 6, /* 1 KiB to 1 GiB; a factor of ten each */
};

static double total_memory(const struct thread_cost *cost)
{
    return (cost->resident + cost->kernel) * (double)cost->count;
}

static double x_of(double connections)
{
    return LEFT + log10(connections) / DECADES_X * WIDTH;
}

static double y_of(double bytes)
{
    return TOP + HEIGHT - log10(bytes / 1024) / DECADES_Y * HEIGHT;
}

static void draw_axes(FILE *file)
{
    for (int decade = 0; decade <= DECADES_X; decade++)
        fprintf(file,
                "<text x='%.0f' y='%d' text-anchor='middle'>%.0f</text>\n",
                x_of(pow(10, decade)), TOP + HEIGHT + 30, pow(10, decade));
    for (int decade = 0; decade <= DECADES_Y; decade++) {
        double y = y_of(1024 * pow(10, decade));

        fprintf(file,
                "<line x1='%d' y1='%.0f' x2='%d' y2='%.0f' stroke='#ddd'/>\n"
                "<text x='%d' y='%.0f' text-anchor='end'>%.0f KiB</text>\n",
                LEFT, y, LEFT + WIDTH, y, LEFT - 12, y + 7, pow(10, decade));
    }
}

static void draw_points(FILE *file, const struct thread_cost *costs)
{
    fprintf(file, "<polyline fill='none' stroke='#b3261e' stroke-width='3' "
                  "points='");
    for (int i = 0; i < POINTS; i++)
        fprintf(file, "%.1f,%.1f ", x_of((double)costs[i].count),
                y_of(total_memory(&costs[i])));
    fprintf(file, "'/>\n");
    for (int i = 0; i < POINTS; i++)
        fprintf(file, "<circle cx='%.1f' cy='%.1f' r='6' fill='#b3261e'/>\n",
                x_of((double)costs[i].count), y_of(total_memory(&costs[i])));
}

static int draw(const char *path, const struct thread_cost *costs)
{
    FILE *file = fopen(path, "w");

    if (file == NULL)
        return -1;
    fprintf(file,
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 960 520' "
            "font-family='sans-serif' font-size='20'>\n"
            "<rect width='960' height='520' fill='white'/>\n"
            "<text x='%d' y='40' font-size='24'>A thread a connection: memory, "
            "stacks of the kernel included</text>\n"
            "<text x='%d' y='%d' text-anchor='middle'>connections</text>\n",
            LEFT, LEFT + WIDTH / 2, TOP + HEIGHT + 65);
    draw_axes(file);
    draw_points(file, costs);
    fprintf(file, "</svg>\n");
    return fclose(file);
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
