/* yield.c - tasks without a stack that give way: a queue, an indirect call
 * and a count. */
#include "bench/floor/floor.h"

#include <stdlib.h>

struct task {
    struct task *next;
    void (*poll)(struct task *self);
    long left;
};

static struct task *first, **last = &first;
static struct task *all;
static long tasks, yields;

static void push(struct task *task)
{
    task->next = NULL;
    *last = task;
    last = &task->next;
}

static void poll(struct task *self)
{
    if (self->left-- > 0)
        push(self);
}

static void round_of_yields(void)
{
    for (long i = 0; i < tasks; i++) {
        all[i] = (struct task){NULL, poll, yields};
        push(&all[i]);
    }
    while (first != NULL) {
        struct task *task = first;

        first = task->next;
        if (first == NULL)
            last = &first;
        task->poll(task);
    }
}

int yield_many(void)
{
    tasks = floor_number("tasks", 200);
    yields = floor_number("yields", 1000);
    all = calloc((size_t)tasks, sizeof *all);
    if (all == NULL)
        return 1;
    floor_measure(round_of_yields, floor_number("rounds", 5), tasks * yields);
    return 0;
}
