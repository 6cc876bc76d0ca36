/* scale.c - steps between neighbouring events, widened where needed, then
 * summed up. */
#include "tools/timeline/scale.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MIN_STEP = 7,   /* pixels; an arrow is 3 wide */
    MARK_STEP = 18, /* before a diamond or a cross, which are 16 wide */
    DECADE = 5,     /* pixels more for ten times the time */
    LABEL_AIR = 10, /* beside the text in a box */
    BARE_BOX = 14   /* width of a box without its label */
};

double text_width(const char *text)
{
    double width = 0;

    for (; *text != '\0'; text++)
        if (((unsigned char)*text & 0xc0) != 0x80) /* a character begins */
            width += strchr("iljtfr .,:'|()", *text) != NULL ? 7.2 : 11.4;
    return width;
}

char *print_time(char *text, size_t size, unsigned long nanoseconds)
{
    static const char *const units[] = {"ns", "µs", "ms", "s"};
    double value = (double)nanoseconds;
    int unit = 0;

    while (unit < 3 && value >= 999.5) {
        value /= 1000;
        unit++;
    }
    int digits = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    snprintf(text, size, "%.*f %s", digits, value, units[unit]);
    return text;
}

const char *box_text(const struct box *box)
{
    if (box->kind == BOX_PARK)
        return box->label[0] != '\0' ? box->label : "parked";
    if (box->kind == BOX_SPAN || box->kind == BOX_RUN ||
        (box->row > 0 && box->label[0] != '\0'))
        return box->label;
    if (box->kind == BOX_UNFINISHED)
        return box->label[0] != '\0' ? box->label : "unfinished";
    return box->kind == BOX_READY ? "ready" : "pending";
}

struct part widest_part(const struct model *model, const struct box *box,
                        const double *x)
{
    struct part best = {box->begin, box->begin};
    size_t from = box->begin;

    for (size_t i = 0; i <= model->wake_count; i++) {
        const struct wake *wake =
            i < model->wake_count ? &model->wakes[i] : NULL;
        size_t to = wake != NULL ? wake->event : box->end;

        if (wake != NULL && !wake_crosses(model, wake, box))
            continue;
        if (x[to] - x[from] > x[best.to] - x[best.from])
            best = (struct part){from, to};
        from = to;
    }
    return best;
}

static unsigned long time_between(const struct model *model, size_t event)
{
    return model->events[event + 1].time - model->events[event].time;
}

/* Keeps the longest gaps, the longest first. */
static void gap_insert(struct scale *scale, struct gap gap)
{
    int at = scale->gap_count;

    while (at > 0 && scale->gaps[at - 1].duration < gap.duration)
        at--;
    if (at == GAPS_LIMIT)
        return;
    if (scale->gap_count < GAPS_LIMIT)
        scale->gap_count++;
    memmove(&scale->gaps[at + 1], &scale->gaps[at],
            (size_t)(scale->gap_count - 1 - at) * sizeof gap);
    scale->gaps[at] = gap;
}

/* Where something happens for the first time: giving names is nothing. */
static size_t first_deed(const struct model *model)
{
    size_t event = 0;

    while (event + 1 < model->count && model->events[event].kind == TRACE_NAME)
        event++;
    return event;
}

/* A gap is worth a mark if it is a good part of the whole run. */
static void find_gaps(struct scale *scale, const struct model *model)
{
    unsigned long whole =
        model->events[model->count - 1].time - model->events[0].time;

    for (size_t i = first_deed(model); i + 1 < model->count; i++) {
        unsigned long duration = time_between(model, i);

        if (duration > 0 && duration >= whole / 20)
            gap_insert(scale, (struct gap){i, duration});
    }
}

static double first_step(const struct model *model, size_t event)
{
    enum trace_kind next = model->events[event + 1].kind;
    double time = (double)time_between(model, event);
    double step = MIN_STEP + DECADE * log10(1 + time / 100);

    if (next == TRACE_NAME)
        return 0;
    if ((next == TRACE_DROP || next == TRACE_SPAWN) && step < MARK_STEP)
        return MARK_STEP;
    return step;
}

static void first_steps(double *steps, const struct model *model)
{
    for (size_t i = 0; i + 1 < model->count; i++)
        steps[i] = first_step(model, i);
}

static double sum(const double *steps, size_t from, size_t to)
{
    double result = 0;

    for (size_t i = from; i < to; i++)
        result += steps[i];
    return result;
}

/* S2: where a box is too narrow, all of its steps grow alike. */
static void widen(double *steps, size_t from, size_t to, double room)
{
    double has = sum(steps, from, to);

    if (to <= from || has >= room)
        return;
    for (size_t i = from; i < to; i++)
        steps[i] = has > 0 ? steps[i] * room / has : room / (double)(to - from);
}

/* As place() does, for the events of one box, from 0. */
static void place_part(double *x, const double *steps, const struct box *box)
{
    x[box->begin] = 0;
    for (size_t i = box->begin; i < box->end; i++)
        x[i + 1] = x[i] + steps[i];
}

static void widen_for_text(double *steps, double *x, const struct model *model,
                           const struct box *box)
{
    place_part(x, steps, box);
    struct part part = widest_part(model, box, x);

    widen(steps, part.from, part.to, text_width(box_text(box)) + LABEL_AIR);
}

/* Inner boxes first, that is, from the last begun to the first. */
static void widen_boxes(double *steps, double *x, const struct model *model,
                        bool has_labels)
{
    for (size_t i = model->box_count; i-- > 0;) {
        const struct box *box = &model->boxes[i];

        widen(steps, box->begin, box->end, BARE_BOX);
        if (has_labels)
            widen_for_text(steps, x, model, box);
    }
}

static double make_steps(double *steps, const struct scale *scale,
                         const struct model *model, bool has_labels)
{
    first_steps(steps, model);
    for (int i = 0; i < scale->gap_count; i++)
        widen(steps, scale->gaps[i].event, scale->gaps[i].event + 1, GAP_ROOM);
    widen_boxes(steps, scale->x, model, has_labels);
    return sum(steps, 0, model->count - 1);
}

static void place(struct scale *scale, const double *steps, size_t count,
                  double factor)
{
    double x = 0;

    for (size_t i = 0; i < count; i++) {
        scale->x[i] = x;
        if (i + 1 < count)
            x += steps[i] * factor;
    }
    scale->width = x;
}

int scale_make(struct scale *scale, const struct model *model, double width)
{
    double *steps = calloc(model->count + 1, sizeof *steps);

    memset(scale, 0, sizeof *scale);
    scale->x = calloc(model->count + 1, sizeof *scale->x);
    if (steps == NULL || scale->x == NULL) {
        free(steps);
        scale_free(scale);
        return -ENOMEM;
    }
    find_gaps(scale, model);
    double total = make_steps(steps, scale, model, true);
    while (total > width && scale->gap_count > 1) {
        scale->gap_count--; /* the shortest of them: its mark takes room */
        total = make_steps(steps, scale, model, true);
    }
    if (total > 2 * width) /* labels would not help any more */
        total = make_steps(steps, scale, model, false);
    place(scale, steps, model->count,
          total > 0 && total < width ? width / total : 1);
    if (scale->width < width)
        scale->width = width;
    free(steps);
    return 0;
}

void scale_free(struct scale *scale)
{
    free(scale->x);
    scale->x = NULL;
}
