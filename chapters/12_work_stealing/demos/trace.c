/* trace.c - a task spawns six others, and another worker steals half.
 *
 *     COURSE_TRACE=run.trace trace
 *
 * mother spawns six children and goes on with her own work. The last child is
 * in the slot, the five before it in her worker's ring, where the other worker
 * finds them: it steals three. Recorded, a run becomes the figure in the
 * lesson. */
#include "chapters/03_waker/block_on.h"
#include "chapters/12_work_stealing/work_stealing.h"

#include "chapters/common/container_of.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <async_macros.h>

enum {
    CHILDREN = 6
};

static const char *const names[CHILDREN] = {"ann", "bob", "cat",
                                            "dan", "eve", "fay"};

struct child {
    struct async async;
    const char *name;
};

struct mother {
    struct async async;
    struct work_stealing *scheduler;
    struct join_handle children[CHILDREN];
    int next;
};

/* Milliseconds of work, to make the polls visible in the figure. */
static void work(long milliseconds)
{
    struct timespec time = {0, milliseconds * 1000000};

    nanosleep(&time, NULL);
}

static enum poll child_body(struct async *self, struct context *cx)
{
    struct child *child = container_of(self, struct child, async);

    ASYNC(self);
    trace(TRACE_NAME, cx->waker->data, NULL, child->name);
    work(1);
    ASYNC_RETURN(0);
    ASYNC_END;
}

static void spawn_children(struct mother *mother)
{
    static const struct async_function function = {ASYNC_OPS, child_body, NULL};
    struct child child;

    async_init(&child.async, &function);
    for (int i = 0; i < CHILDREN; i++) {
        child.name = names[i];
        if (work_stealing_spawn(mother->scheduler, &child.async.base,
                                sizeof child, &mother->children[i]) < 0)
            return;
    }
}

static enum poll mother_body(struct async *self, struct context *cx)
{
    struct mother *mother = container_of(self, struct mother, async);

    ASYNC(self);
    trace(TRACE_NAME, cx->waker->data, NULL, "mother");
    spawn_children(mother);
    work(2);
    for (mother->next = 0; mother->next < CHILDREN; mother->next++)
        AWAIT(&mother->children[mother->next].base);
    ASYNC_RETURN(0);
    ASYNC_END;
}

static void print_metrics(const struct work_stealing *scheduler)
{
    for (unsigned i = 0; i < scheduler->count; i++) {
        const struct metrics *metrics = work_stealing_metrics(scheduler, i);

        printf("worker %u: %" PRIu64 " turns, %" PRIu64
               " of them from the slot; "
               "%" PRIu64 " stolen\n",
               i, metrics->polls, metrics->lifo_polls, metrics->stolen);
    }
}

int main(void)
{
    static const struct async_function function = {ASYNC_OPS, mother_body,
                                                   NULL};
    struct work_stealing scheduler;
    struct mother mother = {.scheduler = &scheduler};
    struct join_handle handle;

    if (work_stealing_init(&scheduler, 2, NULL) < 0)
        return 1;
    async_init(&mother.async, &function);
    if (work_stealing_spawn(&scheduler, &mother.async.base, sizeof mother,
                            &handle) < 0)
        return 1;
    block_on(&handle.base);
    print_metrics(&scheduler);
    work_stealing_end(&scheduler);
    return 0;
}
