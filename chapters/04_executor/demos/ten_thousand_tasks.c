/* ten_thousand_tasks.c - what a task costs, beside what a thread costs.
 *
 *     ten_thousand_tasks [TASKS [THREADS]]
 *
 * Spawns tasks that all park, weighs them, wakes every one and sees it
 * finish. Then it does the same with threads: created, parked on a
 * condition, weighed and woken. Last, it spawns and joins tasks that have
 * nothing to wait for. Memory is what the kernel says this process holds
 * (resident); a thread has a stack in the kernel besides. */
#include "chapters/04_executor/executor.h"

#include "chapters/03_waker/waker.h"
#include "chapters/04_executor/task.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now_ns(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* Bytes of memory that this process really uses. */
static double resident(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long size = 0, pages = 0;

    if (file == NULL || fscanf(file, "%ld %ld", &size, &pages) != 2)
        pages = 0;
    if (file != NULL)
        fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

/* Bytes of all threads' stacks in the kernel, on the whole machine; 0 if it
 * does not say. */
static double kernel_stacks(void)
{
    FILE *file = fopen("/proc/meminfo", "r");
    char line[128];
    long kilobytes = 0;

    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "KernelStack: %ld kB", &kilobytes) == 1)
            break;
    if (file != NULL)
        fclose(file);
    return (double)kilobytes * 1024;
}

/* A future that keeps its waker where the program finds it. */
struct parked {
    struct int_future base;
    struct waker *slot;
    bool is_parked;
};

static enum poll parked_poll(struct future *self, struct context *cx)
{
    struct parked *parked = (struct parked *)self;

    if (parked->is_parked)
        return POLL_READY;
    parked->is_parked = true;
    *parked->slot = waker_clone(cx->waker);
    return POLL_PENDING;
}

static void nothing_to_drop(struct future *self)
{
}

static const struct future_ops parked_ops = {parked_poll, nothing_to_drop};

/* Once all others are parked: weighs them, and wakes them. */
struct waking {
    struct int_future base;
    struct waker *slots;
    int count;
    double began;
    double before;
    double spawned;
};

static enum poll waking_poll(struct future *self, struct context *cx)
{
    struct waking *waking = (struct waking *)self;
    double bytes = (resident() - waking->before) / waking->count;

    printf("%d tasks parked\n", waking->count);
    printf("  spawn and first poll  %8.0f ns a task\n",
           (now_ns() - waking->began) / waking->count);
    printf("  memory, resident      %8.0f bytes a task\n", bytes);
    printf("  of which              %8zu header, %zu future\n",
           sizeof(struct task), sizeof(struct parked));
    waking->spawned = now_ns();
    for (int i = 0; i < waking->count; i++)
        waker_wake(&waking->slots[i]);
    return POLL_READY;
}

static const struct future_ops waking_ops = {waking_poll, nothing_to_drop};

static void die(const char *what, int error)
{
    fprintf(stderr, "ten_thousand_tasks: %s: %s\n", what, strerror(error));
    exit(1);
}

static void spawn(struct executor *executor, const struct int_future *future,
                  size_t size, struct join_handle *handle)
{
    int result = executor_spawn(executor, future, size, handle);

    if (result < 0)
        die("spawn", -result);
}

/* Leaves the time of waking and finishing in `*finish`. */
static void measure_tasks(int count)
{
    struct executor executor;
    struct waker *slots = calloc((size_t)count, sizeof *slots);
    struct join_handle handle;

    if (slots == NULL || executor_init(&executor) < 0)
        die("set-up", ENOMEM);
    memset(slots, 1, (size_t)count * sizeof *slots); /* resident by now */
    struct waking waking = {{{&waking_ops}, 0}, slots,      count,
                            now_ns(),           resident(), 0};
    for (int i = 0; i < count; i++) {
        struct parked parked = {{{&parked_ops}, 0}, &slots[i], false};

        spawn(&executor, &parked.base, sizeof parked, NULL);
    }
    spawn(&executor, &waking.base, sizeof waking, &handle);
    executor_run(&executor);
    double finished = now_ns();
    struct waking *done = (struct waking *)task_future(handle.task);
    printf("  wake and finish       %8.0f ns a task\n",
           (finished - done->spawned) / count);
    printf("  polls                 %8.0f a task\n",
           ((double)executor.polls - 1) / count);
    join_handle_detach(&handle);
    executor_end(&executor);
    free(slots);
}

/* The same with threads. */
struct meeting {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int parked;
    bool is_over;
};

static void *thread_main(void *data)
{
    struct meeting *meeting = data;

    pthread_mutex_lock(&meeting->lock);
    meeting->parked++;
    pthread_cond_broadcast(&meeting->changed);
    while (!meeting->is_over)
        pthread_cond_wait(&meeting->changed, &meeting->lock);
    pthread_mutex_unlock(&meeting->lock);
    return NULL;
}

static void measure_threads(int count)
{
    struct meeting meeting = {PTHREAD_MUTEX_INITIALIZER,
                              PTHREAD_COND_INITIALIZER, 0, false};
    pthread_t *threads = calloc((size_t)count, sizeof *threads);
    double before = resident(), kernel = kernel_stacks();
    double began = now_ns(), created;
    int made = 0;

    if (threads == NULL)
        die("threads", ENOMEM);
    while (made < count &&
           pthread_create(&threads[made], NULL, thread_main, &meeting) == 0)
        made++;
    created = now_ns() - began;
    pthread_mutex_lock(&meeting.lock);
    while (meeting.parked < made)
        pthread_cond_wait(&meeting.changed, &meeting.lock);
    double bytes = (resident() - before) / made;
    kernel = (kernel_stacks() - kernel) / made;
    meeting.is_over = true;
    pthread_cond_broadcast(&meeting.changed);
    pthread_mutex_unlock(&meeting.lock);
    for (int i = 0; i < made; i++)
        pthread_join(threads[i], NULL);
    printf("%d threads parked\n", made);
    printf("  creation              %8.0f ns a thread\n", created / made);
    printf("  memory, resident      %8.0f bytes a thread\n", bytes);
    printf("  in the kernel         %8.0f bytes a thread, its stack there\n",
           kernel);
    free(threads);
}

/* Spawn, run and join from inside a task, `count` times. */
static enum poll ready_poll(struct future *self, struct context *cx)
{
    return POLL_READY;
}

static const struct future_ops ready_ops = {ready_poll, nothing_to_drop};

struct joining {
    struct int_future base;
    struct executor *executor;
    struct join_handle *handles;
    int count;
    int joined;
    bool has_spawned;
};

static enum poll joining_poll(struct future *self, struct context *cx)
{
    struct joining *joining = (struct joining *)self;
    struct int_future ready = {{&ready_ops}, 1};

    for (int i = 0; !joining->has_spawned && i < joining->count; i++)
        spawn(joining->executor, &ready, sizeof ready, &joining->handles[i]);
    joining->has_spawned = true;
    for (; joining->joined < joining->count; joining->joined++) {
        struct future *handle = &joining->handles[joining->joined].base.base;

        if (future_poll(handle, cx) == POLL_PENDING)
            return POLL_PENDING;
        future_drop(handle);
    }
    return POLL_READY;
}

static const struct future_ops joining_ops = {joining_poll, nothing_to_drop};

static void measure_joins(int count)
{
    struct executor executor;
    struct join_handle *handles = calloc((size_t)count, sizeof *handles);
    double best = 1e18;

    if (handles == NULL)
        die("set-up", ENOMEM);
    for (int pass = 0; pass < 10; pass++) {
        if (executor_init(&executor) < 0)
            die("set-up", ENOMEM);
        struct joining joining = {
            {{&joining_ops}, 0}, &executor, handles, count, 0, false};
        spawn(&executor, &joining.base, sizeof joining, NULL);
        double began = now_ns();
        executor_run(&executor);
        double took = now_ns() - began;
        best = took < best ? took : best;
        executor_end(&executor);
    }
    printf("spawn, run and join     %8.0f ns a task, the best of 10 passes\n",
           best / count);
    free(handles);
}

int main(int argc, char **argv)
{
    int tasks = argc > 1 ? atoi(argv[1]) : 10000;
    int threads = argc > 2 ? atoi(argv[2]) : 500;

    if (tasks <= 0 || threads <= 0) {
        fprintf(stderr, "usage: ten_thousand_tasks [TASKS [THREADS]]\n");
        return 2;
    }
    measure_tasks(tasks);
    measure_threads(threads);
    measure_joins(tasks);
    return 0;
}
