/* scale.h - where on the picture an event is.
 *
 * A run has polls of a microsecond and sleeps of a second. The scale keeps
 * the order of events and gives every one of them room to be seen; time in
 * between counts by its logarithm. Long gaps are listed, to be marked with
 * their real length: nobody should read off lengths by eye.
 *
 *   S1  x never decreases; events of different times are MIN_STEP apart.
 *   S2  A box that asks for room (a label in it) gets it, beside the
 *       arrows that lie on the box.
 *   S3  If all fits into `width`, the scale fills it exactly; otherwise the
 *       picture has to become as wide as the last x. */
#ifndef TIMELINE_SCALE_H
#define TIMELINE_SCALE_H

#include "tools/timeline/model.h"

enum {
    GAPS_LIMIT = 6,
    GAP_ROOM = 94 /* pixels for "123 ms" at 20 px, and some air */
};

struct gap {
    size_t event; /* from this event to the next */
    unsigned long duration;
};

struct scale {
    double *x; /* one an event, from 0 */
    double width;
    struct gap gaps[GAPS_LIMIT];
    int gap_count;
};

/* How many pixels wide a text at 20 px is, roughly, and not too little. */
double text_width(const char *text);

/* "850 ns", "12.3 µs": three digits. Returns `text`. */
char *print_time(char *text, size_t size, unsigned long nanoseconds);

/* What is written into a box. */
const char *box_text(const struct box *box);

/* A stretch of time, from one event to another. */
struct part {
    size_t from, to;
};

/* The widest part of the box that no arrow lies on: there its text goes.
 * `x` has a place for every event of the box. */
struct part widest_part(const struct model *model, const struct box *box,
                        const double *x);

/* Returns 0 or -ENOMEM. Counterpart: scale_free(). */
int scale_make(struct scale *scale, const struct model *model, double width);
void scale_free(struct scale *scale);

#endif
