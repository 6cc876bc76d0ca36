/* executor.c - the loop: take a task, give it a turn, or sleep.
 *
 * A wake on the executor's own thread is by far the most common one. It
 * must cost no lock: current_executor tells it that it is at home. */
#include "chapters/04_executor/executor.h"

#include "chapters/04_executor/remote_queue.h"
#include "chapters/04_executor/task.h"
#include "chapters/04_executor/task_waker.h"
#include "chapters/common/budget.h"
#include "chapters/common/container_of.h"
#include "chapters/common/inside.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

#include <errno.h>

/* The executor whose executor_run() this thread is in, or NULL. */
static _Thread_local struct executor *current_executor;

static int spawn_here(struct spawner *self, const struct int_future *future,
                      size_t size, struct join_handle *handle)
{
    return executor_spawn(container_of(self, struct executor, spawner), future,
                          size, handle);
}

static const struct spawner_ops spawner_ops = {spawn_here};

int executor_init(struct executor *executor)
{
    struct remote_queue *remote = remote_queue_create();

    if (remote == NULL)
        return -ENOMEM;
    *executor = (struct executor){
        .spawner = {&spawner_ops},
        .remote = remote,
        .scheduler = remote_queue_scheduler(remote),
    };
    run_queue_init(&executor->queue);
    list_init(&executor->tasks);
    return 0;
}

void executor_set_driver(struct executor *executor, struct driver *driver)
{
    executor->driver = driver;
    remote_queue_set_unparker(executor->remote, driver_unparker(driver));
}

bool executor_is_here(const struct scheduler *scheduler)
{
    return current_executor != NULL && current_executor->scheduler == scheduler;
}

void task_schedule(struct task *task)
{
    if (executor_is_here(task->scheduler))
        run_queue_push(&current_executor->queue, task);
    else
        task->scheduler->ops->schedule(task->scheduler, task);
}

int executor_spawn(struct executor *executor, const struct int_future *future,
                   size_t size, struct join_handle *handle)
{
    if (executor->is_ending)
        return -ECANCELED;
    /* begin 4.2: create the task, link it into executor->tasks, count it in
     * live, fill in the handle if there is one, queue the task */
    struct task *task = task_create(executor->scheduler, future, size);

    if (task == NULL)
        return -ENOMEM;
    list_push_back(&executor->tasks, &task->all);
    executor->live++;
    if (handle != NULL)
        join_handle_init(handle, task);
    run_queue_push(&executor->queue, task);
    return 0;
    /* end 4.2: return -ENOSYS; */
}

/* The future is ready, or to be cancelled: drops it, tells the joiner and
 * gives up the executor's reference. The task may be gone afterwards. */
static void executor_complete(struct executor *executor, struct task *task)
{
    future_drop(&task_future(task)->base);
    list_remove(&task->all);
    executor->live--;
    bool is_joined = task_state_finish(task);

    /* begin 4.5: wake whoever waits for the output */
    if (is_joined)
        waker_cell_wake(&task->joiner); /* after finish: it comes to look */
    /* end 4.5: (void)is_joined; */
    task_unref(task);
}

/* As executor_complete(), for a future that is not ready. */
static void executor_cancel(struct executor *executor, struct task *task)
{
    /* begin 4.6: leave -ECANCELED as the output; the drop comes below */
    /* Before the drop would do as well: it leaves the output alone (P5),
     * and until finish nobody looks. */
    task_future(task)->result = -ECANCELED;
    /* end 4.6 */
    executor_complete(executor, task);
}

/* One turn of a task that has just left the queue. */
static void executor_turn(struct executor *executor, struct task *task)
{
    struct waker waker = task_waker(task);
    struct context cx = {&waker};

    if (task_state_start(task) == TASK_CANCEL) {
        executor_cancel(executor, task);
        return;
    }
    executor->polls++;
    budget_begin(BUDGET_TURN); /* for its leaves: budget_poll.h */
    enum poll result = future_poll(&task_future(task)->base, &cx);
    budget_begin(BUDGET_NONE);
    /* begin 4.2: complete the task, or else do the duty of task_state_pend() */
    if (result == POLL_READY)
        executor_complete(executor, task);
    else if (task_state_pend(task) == TASK_SCHEDULE)
        run_queue_push(&executor->queue, task);
    /* end 4.2: (void)result; */
}

/* The task whose turn it is, or NULL. */
static struct task *executor_next(struct executor *executor)
{
    struct task *task;

    /* begin 4.8: let the tasks that other threads woke join, at each turn */
    remote_queue_take(executor->remote, &executor->queue);
    /* end 4.8 */
    task = run_queue_pop(&executor->queue);
    if (task == NULL && remote_queue_take(executor->remote, &executor->queue))
        task = run_queue_pop(&executor->queue);
    return task;
}

/* E7: a queue that never runs dry must not keep the news out. */
static void executor_look(struct executor *executor)
{
    if (executor->driver == NULL || ++executor->turns < DRIVER_INTERVAL)
        return;
    executor->turns = 0;
    driver_park(executor->driver, 0);
}

/* Sleeps until another thread may have woken a task. False: it cannot. */
static bool executor_sleep(struct executor *executor)
{
    bool has_slept = false;

    executor->parks++;
    executor->turns = 0;
    if (executor->driver != NULL) {
        driver_park(executor->driver, -1);
        return true;
    }
    /* begin 4.7: park, and say true */
    /* A push since we last looked has left its unpark with the parker:
     * then this returns at once. */
    remote_queue_park(executor->remote);
    has_slept = true;
    /* end 4.7 */
    return has_slept;
}

static void executor_enter(struct executor *executor)
{
    inside_begin("an executor's run");
    current_executor = executor;
}

static void executor_leave(void)
{
    current_executor = NULL;
    inside_end();
}

bool executor_try_turn(struct executor *executor)
{
    executor_enter(executor);
    struct task *task = executor_next(executor);

    if (task != NULL)
        executor_turn(executor, task);
    executor_leave();
    return task != NULL;
}

/* A turn, or a sleep. False if there was neither. */
static bool executor_go_on(struct executor *executor)
{
    struct task *task;

    executor_look(executor);
    task = executor_next(executor);
    if (task == NULL)
        return executor_sleep(executor);
    executor_turn(executor, task);
    return true;
}

void executor_run(struct executor *executor)
{
    executor_enter(executor);
    while (executor->live > 0 && executor_go_on(executor))
        continue;
    executor_leave();
}

void executor_run_until(struct executor *executor,
                        const struct join_handle *handle)
{
    executor_enter(executor);
    while (handle->task != NULL && !task_state_is_complete(handle->task) &&
           executor_go_on(executor))
        continue;
    executor_leave();
}

void executor_end(struct executor *executor)
{
    require(current_executor == NULL, "executor_end() inside a task");
    executor->is_ending = true;
    /* Nobody pops from here on. What a drop below wakes goes to the remote
     * queue (we are not inside a run), where nobody looks any more. */
    run_queue_init(&executor->queue);
    /* begin 4.9: cancel every task that is left */
    while (!list_is_empty(&executor->tasks)) {
        struct task *task =
            container_of(list_first(&executor->tasks), struct task, all);

        task_state_seize(task);
        executor_cancel(executor, task);
    }
    /* end 4.9 */
    remote_queue_unref(executor->remote);
}
