/* trace.c - three tasks queue for a mutex, and one goes just as it gets it.
 *
 *     COURSE_TRACE=run.trace trace
 *
 * ann has the mutex and keeps it across an await; ned and bob wait, in this
 * order. ned selects between the mutex and a turn. When ann unlocks, the mutex
 * is given to ned; but his turn is ready first, and the select drops the lock:
 * the mutex goes on to bob. Recorded, a run becomes the figure in the lesson.
 */
#include "chapters/02_future/select.h"
#include "chapters/04_executor/executor.h"
#include "chapters/04_executor/yield.h"
#include "chapters/09_mutex/mutex.h"

#include "chapters/common/container_of.h"

#include <stdio.h>
#include <async_macros.h>

struct visitor {
    struct async async;
    const char *name;
    struct mutex *mutex;
    struct int_future *children[2]; /* ned's: a turn, or the lock */
    bool is_impatient;
    int turns; /* that it keeps the mutex */
    struct mutex_lock lock;
    struct yield yield;
    struct select select;
};

static enum poll visitor_body(struct async *self, struct context *cx)
{
    struct visitor *visitor = container_of(self, struct visitor, async);

    ASYNC(self);
    trace(TRACE_NAME, cx->waker->data, NULL, visitor->name);
    mutex_lock_init(&visitor->lock, visitor->mutex, visitor->name);
    trace(TRACE_NAME, &visitor->lock, NULL, "lock");
    if (visitor->is_impatient) {
        yield_init(&visitor->yield);
        visitor->children[0] = &visitor->yield.base;
        visitor->children[1] = &visitor->lock.base;
        select_init(&visitor->select, visitor->children, 2);
        AWAIT(&visitor->select.base);
        printf("%s: no, thank you\n", visitor->name);
        ASYNC_RETURN(0);
    }
    AWAIT(&visitor->lock.base);
    printf("%s is in\n", visitor->name);
    for (; visitor->turns > 0; visitor->turns--) {
        yield_init(&visitor->yield);
        AWAIT(&visitor->yield.base);
    }
    printf("%s goes out\n", visitor->name);
    ASYNC_RETURN(0);
    ASYNC_END;
}

static void visitor_cleanup(struct async *self)
{
    mutex_unlock(&container_of(self, struct visitor, async)->lock.guard);
}

static int spawn(struct executor *executor, struct mutex *mutex,
                 const char *name, bool is_impatient, int turns)
{
    static const struct async_function function = {ASYNC_OPS, visitor_body,
                                                   visitor_cleanup};
    struct visitor visitor = {.name = name,
                              .mutex = mutex,
                              .is_impatient = is_impatient,
                              .turns = turns};

    async_init(&visitor.async, &function);
    return executor_spawn(executor, &visitor.async.base, sizeof visitor, NULL);
}

int main(void)
{
    struct executor executor;
    struct mutex mutex;

    if (executor_init(&executor) < 0)
        return 1;
    mutex_init(&mutex, "room");
    if (spawn(&executor, &mutex, "ann", false, 1) < 0 ||
        spawn(&executor, &mutex, "ned", true, 0) < 0 ||
        spawn(&executor, &mutex, "bob", false, 0) < 0)
        return 1;
    while (executor_try_turn(&executor))
        continue;
    if (executor.live > 0) { /* the mutex is not written yet, perhaps */
        printf("%zu tasks are left, and none has anything to do\n",
               executor.live);
        return 1;
    }
    executor_end(&executor);
    mutex_end(&mutex);
    return 0;
}
