/* scale.c - 1 to 128 workers on one thread: the real queues, a simulated clock.
 *
 *     scale [picture.svg]
 *
 * A task splits itself in two until there are 8,192 leaves, each of which is 20
 * ticks of work; it begins as one task. N workers, none of which is a thread,
 * take one step each at every tick. The rings, the injector and the counts of
 * who is idle are the chapter's own; what a step costs is assumed (below). Then
 * the same with one queue and a lock that one worker has at a time. So a design
 * that ends at a few processors is seen on two, or on one. */
#include "chapters/04_executor/task.h"
#include "chapters/12_work_stealing/idle.h"
#include "chapters/12_work_stealing/local_queue.h"

#include "chapters/common/container_of.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEAVES = 8192,
    TASKS = 2 * LEAVES,
    MOST = 128,
    /* Costs, in ticks; take one for some 50 ns. */
    LEAF = 20,  /* the work of a leaf */
    SPLIT = 5,  /* the work of a task that splits */
    THEFT = 3,  /* a look at another's ring: its cache line has to come over */
    WAKE = 200, /* from the wake of a worker to its first step */
    LOCK = 2,   /* as long as one has the lock of the one queue */
};

struct job {
    struct task task;
    int leaves;
};

enum state {
    LOOKS,     /* for its next task */
    RUNS,      /* a task, for `left` ticks */
    SEARCHES,  /* at `victim` */
    SLEEPS,    /* in the list */
    GETS_UP,   /* for `left` ticks */
    HAS_QUEUE, /* one queue: it waits for the lock, and has it; `left` ticks */
};

struct worker {
    struct local_queue ring;
    struct sleeper_link sleeper;
    struct task *slot;
    int streak;
    enum state state;
    bool is_searching;
    int left;
    unsigned victim, tried;
    struct job *job;
    int pushes; /* one queue: left to push */
};

static struct job jobs[TASKS];
static struct worker workers[MOST];
static struct injector injector;
static struct idle idle;
static struct driver_slot no_driver;
static unsigned count; /* of workers */
static int made, done;
static uint32_t dice;

struct result {
    long ticks, busy, thefts, stolen, sleeps, wakes, waits;
    size_t longest;
};
static struct result result;

static uint32_t throw_dice(void)
{
    dice ^= dice << 13;
    dice ^= dice >> 17;
    dice ^= dice << 5;
    return dice;
}

static struct job *job_of(struct task *task)
{
    return container_of(task, struct job, task);
}

static struct task *new_job(int leaves)
{
    jobs[made].leaves = leaves;
    return &jobs[made++].task;
}

static void note_length(size_t length)
{
    if (length > result.longest)
        result.longest = length;
}

static void begin(struct worker *worker, struct task *task)
{
    worker->job = job_of(task);
    worker->state = RUNS;
    worker->left = worker->job->leaves > 1 ? SPLIT : LEAF;
}

/* ---- with stealing, as worker.c does it ---- */

static void push(struct worker *worker, struct task *task)
{
    local_queue_push(&worker->ring, &injector, task);
    note_length(local_queue_length(&worker->ring));
    idle_notify(&idle);
}

static void schedule(struct worker *worker, struct task *task)
{
    struct task *before = worker->slot;

    worker->slot = task;
    if (before != NULL)
        push(worker, before);
}

static struct task *take(struct worker *worker)
{
    struct task *task = worker->slot;

    worker->slot = NULL;
    if (task != NULL && worker->streak++ < 3)
        return task;
    worker->streak = 0;
    if (task != NULL)
        push(worker, task);
    task = local_queue_pop(&worker->ring);
    return task != NULL ? task : injector_pop(&injector);
}

static void found(struct worker *worker, struct task *task)
{
    begin(worker, task);
    if (worker->is_searching)
        idle_found(&idle);
    worker->is_searching = false;
}

static bool is_anything_queued(void)
{
    for (unsigned i = 0; i < count; i++)
        if (local_queue_length(&workers[i].ring) > 0)
            return true;
    return injector_length(&injector) > 0;
}

static void go_to_bed(struct worker *worker)
{
    result.sleeps++;
    worker->state = SLEEPS;
    if (idle_fall_asleep(&idle, &worker->sleeper, worker->is_searching) &&
        is_anything_queued())
        idle_notify(&idle);
    worker->is_searching = false;
}

static void look(struct worker *worker)
{
    struct task *task = take(worker);

    if (task != NULL) {
        found(worker, task);
        return;
    }
    if (!worker->is_searching)
        worker->is_searching = idle_start_search(&idle);
    if (!worker->is_searching) {
        go_to_bed(worker);
        return;
    }
    worker->state = SEARCHES;
    worker->victim = throw_dice() % count;
    worker->tried = 0;
    worker->left = THEFT;
}

/* One victim in THEFT ticks; after the last one to bed. */
static void search(struct worker *worker)
{
    struct worker *victim = &workers[worker->victim++ % count];
    struct task *task = NULL;
    uint32_t stolen = 0;

    if (--worker->left > 0)
        return;
    worker->left = THEFT;
    if (victim != worker)
        task = local_queue_steal(&victim->ring, &worker->ring, &stolen);
    result.thefts += task != NULL;
    result.stolen += stolen;
    if (task != NULL)
        found(worker, task);
    else if (++worker->tried >= count)
        go_to_bed(worker);
}

static void sleep_on(struct worker *worker)
{
    if (idle_is_asleep(&idle, &worker->sleeper))
        return;
    result.wakes++;
    worker->state = GETS_UP;
    worker->left = WAKE;
    worker->is_searching = true;
}

static void run(struct worker *worker)
{
    result.busy++;
    if (--worker->left > 0)
        return;
    worker->state = LOOKS;
    done++;
    if (worker->job->leaves == 1)
        return;
    schedule(worker, new_job(worker->job->leaves / 2));
    schedule(worker, new_job(worker->job->leaves / 2));
}

static void step(struct worker *worker)
{
    switch (worker->state) {
    case LOOKS:
        look(worker);
        break;
    case RUNS:
        run(worker);
        break;
    case SEARCHES:
        search(worker);
        break;
    case SLEEPS:
        sleep_on(worker);
        break;
    default:
        if (--worker->left <= 0)
            worker->state = LOOKS;
    }
}

/* ---- with one queue ---- */

static struct run_queue queue;
static size_t queued;
static long free_at; /* the lock, and all who wait for it */

/* It wants the lock: it has had it, and is through, after so many ticks. */
static void lock(struct worker *worker)
{
    long from = free_at > result.ticks ? free_at : result.ticks;

    free_at = from + LOCK;
    worker->left = (int)(free_at - result.ticks);
    worker->state = HAS_QUEUE;
    result.waits += from - result.ticks;
}

static void push_one(struct worker *worker)
{
    list_pop_front(&idle.sleepers); /* if anybody sleeps */
    worker->pushes--;
    run_queue_push(&queue, new_job(worker->job->leaves / 2));
    note_length(++queued);
}

static void pop_one(struct worker *worker)
{
    struct task *task = run_queue_pop(&queue);

    if (task != NULL) {
        queued--;
        begin(worker, task);
        return;
    }
    result.sleeps++;
    worker->state = SLEEPS;
    list_push_front(&idle.sleepers, &worker->sleeper.link);
}

static void use_queue(struct worker *worker)
{
    if (--worker->left > 0)
        return;
    if (worker->pushes == 0) {
        pop_one(worker);
        return;
    }
    push_one(worker);
    worker->state = LOOKS;
}

static void run_one(struct worker *worker)
{
    result.busy++;
    if (--worker->left > 0)
        return;
    worker->state = LOOKS;
    done++;
    worker->pushes = worker->job->leaves > 1 ? 2 : 0;
}

static void step_one(struct worker *worker)
{
    if (worker->state == RUNS)
        run_one(worker);
    else if (worker->state == HAS_QUEUE)
        use_queue(worker);
    else if (worker->state == SLEEPS && !list_is_linked(&worker->sleeper.link))
        result.wakes++, worker->state = GETS_UP, worker->left = WAKE;
    else if (worker->state == GETS_UP && --worker->left <= 0)
        worker->state = LOOKS;
    if (worker->state == LOOKS)
        lock(worker);
}

/* ---- */

static void set_up(unsigned how_many)
{
    memset(&result, 0, sizeof result);
    memset(workers, 0, sizeof workers);
    count = how_many;
    made = done = 0;
    dice = 1;
    free_at = 0;
    queued = 0;
    injector_init(&injector);
    idle_init(&idle, count);
    run_queue_init(&queue);
    for (unsigned i = 0; i < count; i++) {
        local_queue_init(&workers[i].ring);
        list_init(&workers[i].sleeper.link);
        bed_init(&workers[i].sleeper.bed, &no_driver);
    }
}

static struct result simulate(unsigned how_many, bool steals)
{
    set_up(how_many);
    if (steals)
        injector_push(&injector, new_job(LEAVES));
    else
        run_queue_push(&queue, new_job(LEAVES)), queued = 1;
    for (; done < TASKS - 1; result.ticks++)
        for (unsigned i = 0; i < count; i++)
            (steals ? step : step_one)(&workers[i]);
    idle_end(&idle);
    injector_end(&injector);
    return result;
}

/* ---- the table, and a picture: workers to the right, speed upwards ---- */

static const double total = LEAVES * LEAF + (LEAVES - 1) * SPLIT;

static void print(unsigned how_many, struct result one)
{
    double all = (double)one.ticks * how_many;

    printf("%7u %8.1f %6.0f %% %7ld %7ld %7ld %7ld %7zu %6.0f %%\n", how_many,
           total / (double)one.ticks, 100 * (double)one.busy / all, one.thefts,
           one.stolen, one.sleeps, one.wakes, one.longest,
           100 * (double)one.waits / all);
}

static double x_of(int i)
{
    return 110 + i * 100;
}

static double y_of(double speed)
{
    return 420 - log2(speed) * 50;
}

static void draw_line(FILE *file, const char *color, const double *speed)
{
    fprintf(file, "<polyline fill='none' stroke='%s' stroke-width='3' points='",
            color);
    for (int i = 0; i < 8; i++)
        fprintf(file, "%.0f,%.0f ", x_of(i), y_of(speed[i]));
    fprintf(file, "'/>\n");
    for (int i = 0; i < 8; i++)
        fprintf(file, "<circle cx='%.0f' cy='%.0f' r='6' fill='%s'/>\n",
                x_of(i), y_of(speed[i]), color);
}

static void draw(const char *path, const double *steals, const double *one)
{
    FILE *file = fopen(path, "w");

    if (file == NULL) {
        perror(path);
        return;
    }
    fprintf(file, "<svg xmlns='http://www.w3.org/2000/svg' width='900' "
                  "height='500' viewBox='0 0 900 500' font-family='DejaVu "
                  "Sans, sans-serif' font-size='20'>\n<title>How much faster "
                  "with so many workers, simulated</title>\n"
                  "<rect width='900' height='500' fill='#fff'/>\n");
    for (int i = 0; i < 8; i++)
        fprintf(file,
                "<line x1='110' x2='810' y1='%.0f' y2='%.0f' stroke='#ddd'/>"
                "<text x='95' y='%.0f' text-anchor='end'>%d</text>"
                "<text x='%.0f' y='465' text-anchor='middle'>%d</text>\n",
                y_of(1 << i), y_of(1 << i), y_of(1 << i) + 7, 1 << i, x_of(i),
                1 << i);
    draw_line(file, "#1d6f42", steals);
    draw_line(file, "#b3261e", one);
    fprintf(
        file,
        "<text x='110' y='40'>times as fast as one worker's work</text>\n"
        "<text x='460' y='493' text-anchor='middle'>workers</text>\n"
        "<text x='600' y='130' text-anchor='end' fill='#1d6f42'>each its "
        "own queue, stealing half</text>\n"
        "<text x='800' y='%.0f' text-anchor='end' fill='#b3261e'>one queue, "
        "one lock</text>\n</svg>\n",
        y_of(one[7]) - 16);
    fclose(file);
}

int main(int argc, char **argv)
{
    double speed[2][8];

    for (int steals = 1; steals >= 0; steals--) {
        printf("%s\nworkers    speed    busy  thefts  stolen  sleeps   wakes "
               "longest  lock\n",
               steals ? "each its own queue" : "one queue");
        for (int i = 0; i < 8; i++) {
            struct result one = simulate(1u << i, steals);

            speed[steals][i] = total / (double)one.ticks;
            print(1u << i, one);
        }
    }
    if (argc > 1)
        draw(argv[1], speed[1], speed[0]);
    return 0;
}
