/* deadlock.c - two tasks, two locks, in opposite orders; and the diagnosis.
 *
 *     deadlock
 *
 * ann takes left and then right, bob takes right and then left. The executor
 * soon has nothing to do, with tasks that are not complete: nobody will ever
 * wake them. Whose fault it is says lock_report(). */
#include "chapters/04_executor/executor.h"
#include "chapters/04_executor/yield.h"
#include "chapters/09_mutex/lock_report.h"

#include "chapters/common/container_of.h"

#include <stdio.h>
#include <async_macros.h>

struct diner {
    struct async async;
    const char *name;
    struct mutex *forks[2]; /* in the order in which they are taken */
    struct mutex_lock first;
    struct mutex_lock second;
    struct yield yield;
};

static enum poll diner_body(struct async *self, struct context *cx)
{
    struct diner *diner = container_of(self, struct diner, async);

    ASYNC(self);
    mutex_lock_init(&diner->first, diner->forks[0], diner->name);
    AWAIT(&diner->first.base);
    printf("%s has %s\n", diner->name, diner->forks[0]->name);
    yield_init(&diner->yield);
    AWAIT(&diner->yield.base);
    printf("%s wants %s\n", diner->name, diner->forks[1]->name);
    mutex_lock_init(&diner->second, diner->forks[1], diner->name);
    AWAIT(&diner->second.base);
    printf("%s eats\n", diner->name);
    ASYNC_RETURN(0);
    ASYNC_END;
}

/* Also if the task is cancelled; guards that it has not got are empty. */
static void diner_cleanup(struct async *self)
{
    struct diner *diner = container_of(self, struct diner, async);

    mutex_unlock(&diner->second.guard);
    mutex_unlock(&diner->first.guard);
}

static int spawn_diner(struct executor *executor, const char *name,
                       struct mutex *first, struct mutex *second)
{
    static const struct async_function function = {ASYNC_OPS, diner_body,
                                                   diner_cleanup};
    struct diner diner = {.name = name, .forks = {first, second}};

    async_init(&diner.async, &function);
    return executor_spawn(executor, &diner.async.base, sizeof diner, NULL);
}

/* Runs until there is nothing to do; says why, if tasks are left. */
static void dine(struct executor *executor, struct mutex *const *forks)
{
    char text[500];

    while (executor_try_turn(executor))
        continue;
    if (executor->live == 0)
        return;
    lock_report(forks, 2, text, sizeof text);
    printf("\n%zu tasks are left, and none has anything to do:\n%s",
           executor->live, text);
}

int main(void)
{
    struct executor executor;
    struct mutex left, right;
    struct mutex *forks[2] = {&left, &right};

    if (executor_init(&executor) < 0)
        return 1;
    mutex_init(&left, "left");
    mutex_init(&right, "right");
    if (spawn_diner(&executor, "ann", &left, &right) < 0 ||
        spawn_diner(&executor, "bob", &right, &left) < 0)
        return 1;
    dine(&executor, forks);
    executor_end(&executor); /* cancels both, and their cleanups unlock */
    mutex_end(&left);
    mutex_end(&right);
    return 0;
}
