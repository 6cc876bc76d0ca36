/* model.c - one pass over the events, with a stack of open polls and one of
 * open spans for every thread. Counts of all kinds are bounded by the number
 * of events, so every array is made once. */
#include "tools/timeline/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEPTH_LIMIT = 64 /* deeper polls and spans are counted, not drawn */
};

struct stack {
    size_t boxes[DEPTH_LIMIT];
    int depth; /* may exceed DEPTH_LIMIT */
};

struct thread {
    unsigned number;
    size_t lane;
    struct stack polls, spans;
    size_t run;  /* its open BOX_RUN */
    size_t park; /* its open BOX_PARK */
};

struct name {
    unsigned long subject;
    const char *text;
};

struct maker {
    struct model *model;
    struct thread *threads;
    size_t thread_count;
    struct name *names;
    size_t name_count;
    size_t now; /* the event at hand */
};

static struct lane *lane_add(struct maker *maker)
{
    struct lane *lane = &maker->model->lanes[maker->model->lane_count++];

    lane->first = lane->last = maker->now;
    lane->rows = 1;
    return lane;
}

static struct box *box_add(struct maker *maker, enum box_kind kind, size_t lane,
                           int row)
{
    struct model *model = maker->model;
    struct box *box = &model->boxes[model->box_count++];

    box->kind = kind;
    box->lane = lane;
    box->polled = NOWHERE;
    box->row = row;
    box->begin = maker->now;
    box->end = NOWHERE;
    if (model->lanes[lane].rows <= row)
        model->lanes[lane].rows = row + 1;
    return box;
}

static const char *name_of(struct maker *maker, unsigned long subject)
{
    for (size_t i = maker->name_count; i-- > 0;)
        if (maker->names[i].subject == subject)
            return maker->names[i].text;
    return "";
}

static struct thread *thread_of(struct maker *maker, unsigned number)
{
    for (size_t i = 0; i < maker->thread_count; i++)
        if (maker->threads[i].number == number)
            return &maker->threads[i];
    struct thread *more = realloc(maker->threads, (maker->thread_count + 1) *
                                                      sizeof *maker->threads);

    if (more == NULL)
        return NULL;
    maker->threads = more;
    struct thread *thread = &more[maker->thread_count++];
    struct lane *lane = lane_add(maker);

    memset(thread, 0, sizeof *thread);
    thread->number = lane->thread = number;
    thread->run = thread->park = NOWHERE;
    thread->lane = (size_t)(lane - maker->model->lanes);
    lane->is_thread = true;
    snprintf(lane->name, NAME_SIZE, number == 1 ? "main" : "thread %u", number);
    return thread;
}

/* The task lane, newest first, whose future or waker data this is. */
static size_t lane_of(const struct maker *maker, unsigned long subject,
                      bool is_future)
{
    for (size_t i = maker->model->lane_count; i-- > 0;) {
        const struct lane *lane = &maker->model->lanes[i];

        if (lane->is_thread || subject == 0)
            continue;
        if (is_future ? lane->future == subject && !lane->is_dropped
                      : lane->task == subject)
            return i;
    }
    return NOWHERE;
}

static void name_lane(struct maker *maker, size_t lane, const char *name)
{
    if (lane != NOWHERE && name[0] != '\0')
        snprintf(maker->model->lanes[lane].name, NAME_SIZE, "%s", name);
}

static size_t add_task_lane(struct maker *maker, unsigned long task,
                            unsigned long future)
{
    struct lane *lane = lane_add(maker);
    size_t index = (size_t)(lane - maker->model->lanes);

    lane->task = task;
    lane->future = future;
    lane->is_spawned = task != 0;
    name_lane(maker, index, name_of(maker, task));
    name_lane(maker, index, name_of(maker, future));
    return index;
}

/* The open poll at the top of the thread's stack, or NULL. */
static struct box *open_poll(struct maker *maker, const struct thread *thread)
{
    int depth = thread->polls.depth;

    if (depth == 0)
        return NULL;
    depth = depth < DEPTH_LIMIT ? depth : DEPTH_LIMIT;
    return &maker->model->boxes[thread->polls.boxes[depth - 1]];
}

static size_t place_of(struct maker *maker, const struct thread *thread,
                       int *row)
{
    const struct box *poll = open_poll(maker, thread);

    *row = poll != NULL ? poll->row : 0;
    return poll != NULL ? poll->lane : thread->lane;
}

static void take_name(struct maker *maker, struct thread *thread,
                      const struct event *event)
{
    if (event->subject == 0) {
        name_lane(maker, thread->lane, event->name);
        return;
    }
    maker->names[maker->name_count++] =
        (struct name){event->subject, event->name};
    name_lane(maker, lane_of(maker, event->subject, true), event->name);
    name_lane(maker, lane_of(maker, event->subject, false), event->name);
}

static void take_spawn(struct maker *maker, struct thread *thread,
                       const struct event *event)
{
    struct mark *mark = &maker->model->marks[maker->model->mark_count++];
    int row;

    mark->from = place_of(maker, thread, &row);
    mark->kind = TRACE_SPAWN;
    mark->event = maker->now;
    mark->lane = add_task_lane(maker, event->subject, event->other);
}

/* The wakes that this poll answers. */
static void answer_wakes(struct maker *maker, size_t lane)
{
    struct model *model = maker->model;

    for (size_t i = model->wake_count; i-- > 0;) {
        if (model->wakes[i].to != lane)
            continue;
        if (model->wakes[i].answer != NOWHERE)
            break;
        model->wakes[i].answer = maker->now;
    }
}

static void run_begin(struct maker *maker, struct thread *thread, size_t lane)
{
    struct box *run = box_add(
        maker, BOX_RUN, thread->lane,
        thread->spans.depth < DEPTH_LIMIT ? thread->spans.depth : DEPTH_LIMIT);

    run->polled = lane;
    thread->run = (size_t)(run - maker->model->boxes);
}

static void take_poll(struct maker *maker, struct thread *thread,
                      const struct event *event)
{
    struct box *outer = open_poll(maker, thread);
    size_t lane = lane_of(maker, event->subject, true);
    int depth = thread->polls.depth++;
    int row = 0;

    if (depth >= DEPTH_LIMIT)
        return;
    if (outer != NULL && (lane == NOWHERE || lane == outer->lane)) {
        lane = outer->lane;
        row = outer->row + 1;
    } else if (lane == NOWHERE) {
        lane = add_task_lane(maker, 0, event->subject);
    }
    if (depth == 0)
        run_begin(maker, thread, lane);
    if (row == 0)
        answer_wakes(maker, lane);
    struct box *box = box_add(maker, BOX_UNFINISHED, lane, row);
    box->subject = event->subject;
    thread->polls.boxes[depth] = (size_t)(box - maker->model->boxes);
}

static void take_poll_end(struct maker *maker, struct thread *thread,
                          const struct event *event)
{
    struct box *box = open_poll(maker, thread);

    if (box == NULL) {
        maker->model->unmatched++;
        return;
    }
    if (thread->polls.depth-- > DEPTH_LIMIT)
        return;
    box->kind = event->kind == TRACE_POLL_READY ? BOX_READY : BOX_PENDING;
    box->end = maker->model->lanes[box->lane].last = maker->now;
    snprintf(box->label, NAME_SIZE, "%s", name_of(maker, box->subject));
    if (thread->polls.depth == 0 && thread->run != NOWHERE)
        maker->model->boxes[thread->run].end = maker->now;
}

/* Futures polled by hand have wakers that no spawn has told of: a wake
 * inside a poll is meant for the task that is polled; one from outside for
 * the only such future, if there is just one. */
static size_t guess_target(struct maker *maker, struct thread *thread,
                           unsigned long task)
{
    const struct box *poll = open_poll(maker, thread);
    struct model *model = maker->model;
    size_t guess = NOWHERE, candidates = 0;

    if (poll != NULL)
        guess = poll->lane;
    for (size_t i = 0; i < model->lane_count && poll == NULL; i++)
        if (!model->lanes[i].is_thread && !model->lanes[i].is_spawned &&
            model->lanes[i].task == 0)
            guess = i, candidates++;
    if (guess == NOWHERE || candidates > 1)
        return NOWHERE;
    if (model->lanes[guess].task == 0)
        model->lanes[guess].task = task;
    return guess;
}

static void take_wake(struct maker *maker, struct thread *thread,
                      const struct event *event)
{
    struct wake *wake = &maker->model->wakes[maker->model->wake_count++];

    wake->event = maker->now;
    wake->from = place_of(maker, thread, &wake->row);
    wake->to = lane_of(maker, event->subject, false);
    wake->answer = NOWHERE;
    if (wake->to == NOWHERE)
        wake->to = guess_target(maker, thread, event->subject);
    if (wake->to != NOWHERE)
        maker->model->lanes[wake->to].last = maker->now;
}

static void take_park(struct maker *maker, struct thread *thread,
                      const struct event *event)
{
    struct box *box = box_add(
        maker, BOX_PARK, thread->lane,
        thread->spans.depth < DEPTH_LIMIT ? thread->spans.depth : DEPTH_LIMIT);

    snprintf(box->label, NAME_SIZE, "%s", event->name);
    thread->park = (size_t)(box - maker->model->boxes);
}

static void take_unpark(struct maker *maker, struct thread *thread)
{
    if (thread->park == NOWHERE) {
        maker->model->unmatched++;
        return;
    }
    maker->model->boxes[thread->park].end = maker->now;
    thread->park = NOWHERE;
}

static void take_begin(struct maker *maker, struct thread *thread,
                       const struct event *event)
{
    int depth = thread->spans.depth++;

    if (depth >= DEPTH_LIMIT)
        return;
    struct box *box = box_add(maker, BOX_UNFINISHED, thread->lane,
                              depth + (thread->polls.depth > 0));
    snprintf(box->label, NAME_SIZE, "%s", event->name);
    thread->spans.boxes[depth] = (size_t)(box - maker->model->boxes);
}

static void take_end(struct maker *maker, struct thread *thread)
{
    if (thread->spans.depth == 0) {
        maker->model->unmatched++;
        return;
    }
    if (thread->spans.depth-- > DEPTH_LIMIT)
        return;
    struct box *box =
        &maker->model->boxes[thread->spans.boxes[thread->spans.depth]];
    box->kind = BOX_SPAN;
    box->end = maker->now;
}

/* The last box of a future that is not a root, to put its drop beside. */
static const struct box *last_poll(const struct model *model,
                                   unsigned long subject)
{
    for (size_t i = model->box_count; i-- > 0;)
        if (model->boxes[i].subject == subject)
            return &model->boxes[i];
    return NULL;
}

static void take_drop(struct maker *maker, const struct event *event)
{
    struct model *model = maker->model;
    size_t lane = lane_of(maker, event->subject, true);
    const struct box *box =
        lane == NOWHERE ? last_poll(model, event->subject) : NULL;

    if (lane == NOWHERE && box == NULL)
        return; /* never polled, and in nobody's lane */
    struct mark *mark = &model->marks[model->mark_count++];
    mark->kind = TRACE_DROP;
    mark->event = maker->now;
    mark->from = NOWHERE;
    mark->lane = lane != NOWHERE ? lane : box->lane;
    mark->row = lane != NOWHERE ? 0 : box->row;
    model->lanes[mark->lane].last = maker->now;
    if (lane != NOWHERE)
        model->lanes[lane].is_dropped = true;
}

static void take_event(struct maker *maker, struct thread *thread,
                       const struct event *event)
{
    maker->model->lanes[thread->lane].last = maker->now;
    switch (event->kind) {
    case TRACE_NAME:
        take_name(maker, thread, event);
        break;
    case TRACE_SPAWN:
        take_spawn(maker, thread, event);
        break;
    case TRACE_POLL:
        take_poll(maker, thread, event);
        break;
    case TRACE_POLL_PENDING:
    case TRACE_POLL_READY:
        take_poll_end(maker, thread, event);
        break;
    case TRACE_WAKE:
        take_wake(maker, thread, event);
        break;
    case TRACE_PARK:
        take_park(maker, thread, event);
        break;
    case TRACE_UNPARK:
        take_unpark(maker, thread);
        break;
    case TRACE_DROP:
        take_drop(maker, event);
        break;
    case TRACE_BEGIN:
        take_begin(maker, thread, event);
        break;
    case TRACE_END:
        take_end(maker, thread);
        break;
    }
}

static void name_the_rest(struct model *model)
{
    size_t tasks = 0, futures = 0;

    for (size_t i = 0; i < model->lane_count; i++) {
        struct lane *lane = &model->lanes[i];

        if (lane->is_thread)
            continue;
        size_t number = lane->is_spawned ? ++tasks : ++futures;
        if (lane->name[0] == '\0')
            snprintf(lane->name, NAME_SIZE, "%s %zu",
                     lane->is_spawned ? "task" : "future", number);
    }
    for (size_t i = 0; i < model->box_count; i++) {
        struct box *box = &model->boxes[i];

        if (box->polled != NOWHERE)
            memcpy(box->label, model->lanes[box->polled].name, NAME_SIZE);
        if (box->end == NOWHERE)
            box->end = model->lanes[box->lane].last = model->count - 1;
    }
}

static int allocate(struct maker *maker, size_t count)
{
    struct model *model = maker->model;

    model->lanes = calloc(2 * count + 1, sizeof *model->lanes);
    model->boxes = calloc(2 * count + 1, sizeof *model->boxes);
    model->wakes = calloc(count + 1, sizeof *model->wakes);
    model->marks = calloc(count + 1, sizeof *model->marks);
    maker->names = calloc(count + 1, sizeof *maker->names);
    return model->lanes != NULL && model->boxes != NULL &&
                   model->wakes != NULL && model->marks != NULL &&
                   maker->names != NULL
               ? 0
               : -ENOMEM;
}

int model_make(struct model *model, const struct recording *recording,
               size_t count)
{
    struct maker maker = {.model = model};

    memset(model, 0, sizeof *model);
    model->events = recording->events;
    model->count = count;
    int result = allocate(&maker, count);

    for (; result == 0 && maker.now < count; maker.now++) {
        const struct event *event = &model->events[maker.now];
        struct thread *thread = thread_of(&maker, event->thread);

        if (thread == NULL)
            result = -ENOMEM;
        else
            take_event(&maker, thread, event);
    }
    free(maker.names);
    free(maker.threads);
    if (result == 0)
        name_the_rest(model);
    else
        model_free(model);
    return result;
}

/* Threads above tasks, as they are drawn. */
static size_t height_of(const struct model *model, size_t lane)
{
    return lane + (model->lanes[lane].is_thread ? 0 : model->lane_count);
}

bool wake_crosses(const struct model *model, const struct wake *wake,
                  const struct box *box)
{
    if (wake->event <= box->begin || wake->event >= box->end)
        return false;
    if (wake->to == wake->from) /* leaves upwards from its row */
        return box->lane == wake->from && box->row < wake->row;
    size_t at = height_of(model, box->lane);
    size_t from = height_of(model, wake->from);
    size_t to = wake->to != NOWHERE ? height_of(model, wake->to) : from;

    if (at == from)
        return to < from ? box->row <= wake->row : box->row >= wake->row;
    if (at == to)
        return to < from || box->row == 0;
    return (at > from) == (at < to);
}

void model_free(struct model *model)
{
    free(model->lanes);
    free(model->boxes);
    free(model->wakes);
    free(model->marks);
    memset(model, 0, sizeof *model);
}
