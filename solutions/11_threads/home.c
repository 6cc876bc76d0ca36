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

    /* begin 11.2: into the list and the count, unless it is closed */
    pthread_mutex_lock(&home->lock);
    if (!home->is_closed) {
        list_push_back(&home->tasks, &task->all);
        home->live++;
        error = 0;
    }
    pthread_mutex_unlock(&home->lock);
    /* end 11.2 */
    return error;
}

bool home_leave(struct task *task)
{
    bool was_last = false;

    /* begin 11.2: out of list and count; the task forgets its scheduler */
    struct home *home = home_of(task);

    pthread_mutex_lock(&home->lock);
    list_remove(&task->all);
    was_last = --home->live == 0 && home->is_closed;
    pthread_mutex_unlock(&home->lock);
    task->scheduler = &nowhere;
    /* end 11.2: (void)home_of, (void)nowhere; */
    return was_last;
}

/* begin 11.8 */
/* The next task that is to end: it moves to the end of `ending`, so that it
 * comes up once, and is the caller's to unref. Or NULL. */
static struct task *home_next(struct home *home, struct list *ending)
{
    struct list *link;
    struct task *task = NULL;

    pthread_mutex_lock(&home->lock);
    link = list_pop_front(&home->tasks);
    if (link != NULL) {
        list_push_back(ending, link);
        task = task_ref(container_of(link, struct task, all));
    } else {
        list_splice_back(&home->tasks, ending);
    }
    pthread_mutex_unlock(&home->lock);
    return task;
}
/* end 11.8 */

bool home_close(struct home *home)
{
    bool is_empty = true;

    /* begin 11.8: close; then abort one task after the other, each with a
     * reference and without the lock. Tasks may leave meanwhile. */
    struct list ending;
    struct task *task;

    list_init(&ending);
    pthread_mutex_lock(&home->lock);
    home->is_closed = true;
    is_empty = home->live == 0;
    pthread_mutex_unlock(&home->lock);
    while ((task = home_next(home, &ending)) != NULL) {
        if (task_state_abort(task) == TASK_SCHEDULE)
            task_schedule(task);
        task_unref(task);
    }
    /* end 11.8: (void)home; */
    return is_empty;
}
