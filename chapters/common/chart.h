/* chart.h - measured points as a picture, both axes logarithmic.
 *
 * For demos that compare: a line for each contender, a dot for each
 * measurement. Writes SVG. Not for two threads at a time. */
#ifndef COMMON_CHART_H
#define COMMON_CHART_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    CHART_POINTS = 8
};

struct chart_line {
    const char *name;  /* written beside its last point */
    const char *color; /* as SVG has it: "#b3261e" */
    size_t count;
    double x[CHART_POINTS]; /* from 1 to 100,000 */
    double y[CHART_POINTS]; /* bytes, from 1 KiB to 1 GiB */
};

/* Memory against connections. 0, or -1 with errno set. */
int chart_draw(const char *path, const char *title,
               const struct chart_line *lines, size_t count);

#ifdef __cplusplus
}
#endif

#endif
