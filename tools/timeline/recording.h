/* recording.h - the events of a run, read from the file that
 * chapters/common/trace.c wrote.
 *
 *   D1  Events are sorted by time; those of one moment, and so those of one
 *       thread, keep their order in the file.
 *   D2  Lines that are no events are counted and skipped. Names hold
 *       printable characters only and are valid UTF-8.
 *   D3  A file without the `lost` line at its end was cut off. */
#ifndef TIMELINE_RECORDING_H
#define TIMELINE_RECORDING_H

#include "chapters/common/trace.h"

#include <stddef.h>
#include <stdio.h>

enum {
    NAME_SIZE = 32,
    EVENTS_LIMIT = 1000000 /* more than a recorder writes; bounds memory */
};

struct event {
    unsigned long time; /* nanoseconds since the program started */
    unsigned long subject;
    unsigned long other;
    size_t line;
    unsigned thread;
    enum trace_kind kind;
    char name[NAME_SIZE]; /* "" for none */
};

struct recording {
    struct event *events;
    size_t count;
    unsigned long lost;
    size_t bad_lines;
    size_t first_bad; /* its line number, from 1 */
    bool is_whole;    /* D3 */
};

/* Returns 0 or -ENOMEM. Counterpart: recording_free(). */
int recording_read(struct recording *recording, FILE *file);
void recording_free(struct recording *recording);

#endif
