/* model.h - what the events of a run mean: lanes with boxes on them, wakes
 * between lanes, marks.
 *
 * A thread has a lane from its first event. A task has one from its spawn;
 * a future that is polled by hand, with no poll around it and never spawned,
 * has one from its first poll. Polls inside a poll are boxes in the rows
 * below it, as in a flame graph. All moments are indices of events.
 *
 * What is missing is made up for: boxes that never end are unfinished, ends
 * that never began are counted and ignored. */
#ifndef TIMELINE_MODEL_H
#define TIMELINE_MODEL_H

#include "tools/timeline/recording.h"

#include <stdint.h>

#define NOWHERE SIZE_MAX

enum box_kind {
    BOX_PENDING,
    BOX_READY,
    BOX_UNFINISHED, /* a poll or span that has not ended */
    BOX_SPAN,       /* a call that may block, on a thread's lane */
    BOX_PARK,       /* the thread sleeps, in the call `label` if it has one */
    BOX_RUN,        /* the thread polls a task: `label` is that task */
};

struct lane {
    bool is_thread;
    bool is_spawned;
    bool is_dropped;
    unsigned thread;      /* its number, if it is a thread's lane */
    unsigned long task;   /* what wakers of it carry; 0: not known */
    unsigned long future; /* its root */
    size_t first, last;   /* events: its life */
    int rows;
    char name[NAME_SIZE];
};

struct box {
    enum box_kind kind;
    size_t lane;
    size_t polled; /* BOX_RUN: the lane of the task */
    int row;
    size_t begin, end;
    unsigned long subject;
    char label[NAME_SIZE];
};

struct wake {
    size_t event;
    size_t from; /* lane */
    int row;
    size_t to;     /* lane, or NOWHERE */
    size_t answer; /* the event at which the task is polled, or NOWHERE */
};

struct mark {
    enum trace_kind kind; /* TRACE_SPAWN or TRACE_DROP */
    size_t event;
    size_t lane;
    int row;
    size_t from; /* TRACE_SPAWN: the lane of the spawner */
};

struct model {
    const struct event *events;
    size_t count;
    struct lane *lanes; /* threads and tasks, by their first event */
    size_t lane_count;
    struct box *boxes;
    size_t box_count;
    struct wake *wakes;
    size_t wake_count;
    struct mark *marks;
    size_t mark_count;
    size_t unmatched; /* ends that never began */
};

/* Makes the model of the first `count` events of the recording, which must
 * outlive it. Returns 0 or -ENOMEM. Counterpart: model_free(). */
int model_make(struct model *model, const struct recording *recording,
               size_t count);
void model_free(struct model *model);

/* Does the arrow of this wake lie on the box? */
bool wake_crosses(const struct model *model, const struct wake *wake,
                  const struct box *box);

#endif
