/* home.c - a list of tasks under a lock. */
#include "chapters/11_threads/home.h"

#include "chapters/04_executor/executor.h"
#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

#include <errno.h>

/* The scheduler of a task that has left (H4): nobody asks it for anything. */
static void nowhere_schedule(struct scheduler *self, struct task *task)
{
    panic("a task was scheduled that had its last turn");
}

static const struct scheduler_ops nowhere_ops = {
    nowhere_schedule,
    home_ref,
    home_unref,
};
static struct scheduler nowhere = {&nowhere_ops};

void home_ref(struct scheduler *self)
{
}

void home_unref(struct scheduler *self)
{
}

static struct home *home_of(const struct task *task)
{
    return container_of(task->scheduler, struct home, scheduler);
}

void home_init(struct home *home, const struct scheduler_ops *ops)
{
    home->scheduler.ops = ops;
    pthread_mutex_init(&home->lock, NULL);
    list_init(&home->tasks);
    home->live = 0;
    home->is_closed = false;
}

void home_end(struct home *home)
{
    require(home->live == 0, "%zu tasks are still at home", home->live);
    pthread_mutex_destroy(&home->lock);
}

int home_adopt(struct home *home, struct task *task)
{
    int error = -ECANCELED;

    /* TODO(11.2): into the list and the count, unless it is closed */
    TODO(11.2);
    return error;
}

bool home_leave(struct task *task)
{
    bool was_last = false;

    /* TODO(11.2): out of list and count; the task forgets its scheduler */
    TODO(11.2);
    (void)home_of, (void)nowhere;
    return was_last;
}

bool home_close(struct home *home)
{
    bool is_empty = true;

    /* TODO(11.8): close; then abort one task after the other, each with a
     * reference and without the lock. Tasks may leave meanwhile. */
    TODO(11.8);
    (void)home;
    return is_empty;
}
