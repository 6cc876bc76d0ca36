/* stealing_cost.c - three loads on one thread, on a pool, and with stealing.
 *
 *     stealing_cost
 *
 * "spawn, join": four tasks each spawn children that do nothing, a hundred at a
 * time, and join them. "yield": a hundred tasks that give up their turns.
 * "ping-pong": eight pairs of tasks that wake one another. Each runs on an
 * executor, on pools (one queue, one lock) and on the scheduler that steals,
 * by the same code, which knows a spawner and nothing else. For the last one
 * its metrics are printed: what 1,000 turns have caused. */
#include "chapters/09_mutex/notify.h"
#include "chapters/11_threads/cpus.h"
#include "chapters/11_threads/demos/load.h"
#include "chapters/12_work_stealing/work_stealing.h"

#include <string.h>

enum {
    PAIRS = 8,
    ROUNDS = 10000, /* of each pair */
    PASSES = 5,     /* the best is printed */
};

static struct notify bells[PAIRS][2];

struct player {
    struct async async;
    struct notify *mine, *theirs;
    int rounds;
    struct notified notified;
};

/* Waits for its own bell, then rings the other's. */
static enum poll player_body(struct async *self, struct context *cx)
{
    struct player *player = container_of(self, struct player, async);

    ASYNC(self);
    for (; player->rounds > 0; player->rounds--) {
        notified_init(&player->notified, player->mine);
        AWAIT(&player->notified.base);
        notify_one(player->theirs);
    }
    ASYNC_RETURN(0);
    ASYNC_END;
}

static int start_players(struct spawner *spawner, struct join_handle *handles)
{
    static const struct async_function function = {ASYNC_OPS, player_body,
                                                   NULL};

    for (int i = 0; i < 2 * PAIRS; i++) {
        struct player player = {.mine = &bells[i / 2][i % 2],
                                .theirs = &bells[i / 2][1 - i % 2],
                                .rounds = ROUNDS};

        notify_init(player.mine);
        async_init(&player.async, &function);
        must_spawn(spawner, &player.async.base, sizeof player, &handles[i]);
    }
    for (int i = 0; i < PAIRS; i++)
        notify_one(&bells[i][0]);
    return 2 * PAIRS;
}

struct cost {
    double wall, cpu; /* ns */
    struct metrics metrics;
};

/* Numbers only; nobody counts any more. */
static void sum_up(struct metrics *sum, const struct metrics *metrics)
{
    sum->polls += metrics->polls;
    sum->lifo_polls += metrics->lifo_polls;
    sum->parks += metrics->parks;
    sum->steals += metrics->steals;
    sum->stolen += metrics->stolen;
    sum->injected += metrics->injected;
}

static void run_stealing(load_start *start, unsigned workers,
                         struct metrics *sum)
{
    struct join_handle handles[MOST];
    struct work_stealing scheduler;

    if (work_stealing_init(&scheduler, workers, NULL) < 0)
        exit(1);
    join_all(handles, start(&scheduler.spawner, handles));
    for (unsigned i = 0; i < workers; i++)
        sum_up(sum, work_stealing_metrics(&scheduler, i));
    work_stealing_end(&scheduler);
}

enum kind {
    EXECUTOR,
    POOL,
    STEALING,
};

static struct cost measure(enum kind kind, load_start *start, unsigned workers)
{
    struct cost cost;
    double wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);

    memset(&cost, 0, sizeof cost);
    if (kind == EXECUTOR)
        run_on_executor(start);
    else if (kind == POOL)
        run_on_pool(start, workers);
    else
        run_stealing(start, workers, &cost.metrics);
    cost.wall = now(CLOCK_MONOTONIC) - wall;
    cost.cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    return cost;
}

static void print_metrics(const struct metrics *metrics)
{
    double turns = (double)metrics->polls / 1000;

    printf(" %7.0f %7.1f %7.1f %7.1f %7.1f",
           (double)metrics->lifo_polls / turns,
           (double)metrics->injected / turns, (double)metrics->steals / turns,
           (double)metrics->stolen / turns, (double)metrics->parks / turns);
}

static void print_best(enum kind kind, load_start *start, unsigned workers,
                       double each)
{
    static const char *const names[] = {"executor", "pool of", "stealing"};
    struct cost best = measure(kind, start, workers);

    for (int pass = 1; pass < PASSES; pass++) {
        struct cost cost = measure(kind, start, workers);

        if (cost.wall < best.wall)
            best = cost;
    }
    printf("  %-9s %u %7.0f %6.0f", names[kind], workers, best.wall / each,
           best.cpu / each);
    if (kind == STEALING)
        print_metrics(&best.metrics);
    printf("\n");
}

static void compare(const char *title, load_start *start, double each)
{
    printf("%s\n", title);
    print_best(EXECUTOR, start, 1, each);
    for (unsigned workers = 1; workers <= 4; workers *= 2)
        print_best(POOL, start, workers, each);
    for (unsigned workers = 1; workers <= 4; workers *= 2)
        print_best(STEALING, start, workers, each);
}

int main(void)
{
    printf("%u processor(s)       each, ns     in 1,000 turns\n",
           cpus_available());
    printf("                wall    CPU    slot  inject  thefts  stolen   "
           "sleeps\n");
    compare("spawn, join", start_parents, (double)PARENTS * BATCH * BATCHES);
    compare("yield", start_yielders, (double)YIELDERS * (YIELDS + 1));
    compare("ping-pong", start_players, (double)PAIRS * ROUNDS * 2);
    return 0;
}
