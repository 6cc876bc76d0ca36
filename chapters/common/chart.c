/* chart.c - an SVG, line by line. */
#include "chapters/common/chart.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

enum {
    LEFT = 130,
    TOP = 70,
    WIDTH = 760,
    HEIGHT = 360,
    DECADES_X = 5, /* 1 to 100,000 connections */
    DECADES_Y = 6, /* 1 KiB to 1 GiB; a factor of ten each */
};

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

/* Its name stands above the first line, and below the others. */
static void draw_line(FILE *file, const struct chart_line *line, bool is_first)
{
    size_t last = line->count - 1;

    fprintf(file, "<polyline fill='none' stroke='%s' stroke-width='3' points='",
            line->color);
    for (size_t i = 0; i < line->count; i++)
        fprintf(file, "%.1f,%.1f ", x_of(line->x[i]), y_of(line->y[i]));
    fprintf(file, "'/>\n");
    for (size_t i = 0; i < line->count; i++)
        fprintf(file, "<circle cx='%.1f' cy='%.1f' r='6' fill='%s'/>\n",
                x_of(line->x[i]), y_of(line->y[i]), line->color);
    fprintf(file,
            "<text x='%.1f' y='%.1f' text-anchor='end' fill='%s'>%s</text>\n",
            x_of(line->x[last]), y_of(line->y[last]) + (is_first ? -20 : 80),
            line->color, line->name);
}

int chart_draw(const char *path, const char *title,
               const struct chart_line *lines, size_t count)
{
    FILE *file = fopen(path, "w");

    if (file == NULL)
        return -1;
    fprintf(file,
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 960 520' "
            "font-family='sans-serif' font-size='20'>\n"
            "<rect width='960' height='520' fill='white'/>\n"
            "<text x='%d' y='40' font-size='24'>%s</text>\n"
            "<text x='%d' y='%d' text-anchor='middle'>connections</text>\n",
            LEFT, title, LEFT + WIDTH / 2, TOP + HEIGHT + 65);
    draw_axes(file);
    for (size_t i = 0; i < count; i++)
        draw_line(file, &lines[i], i == 0);
    fprintf(file, "</svg>\n");
    return fclose(file);
}
