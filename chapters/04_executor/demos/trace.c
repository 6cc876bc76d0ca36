/* trace.c - three tasks and a thread that wake one another.
 *
 *     COURSE_TRACE=run.trace trace
 *
 * cook prepares two dishes; the oven, a thread, wakes it when it is hot.
 * waiter carries each dish to guest as it is ready, and guest eats both.
 * They talk through one struct of plain fields: all three tasks are on
 * one thread. Recorded, a run becomes the figure in the lesson. */
#include "chapters/04_executor/executor.h"

#include "chapters/03_waker/waker.h"

#include <pthread.h>
#include <stdio.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

enum {
    DISHES = 2
};

struct kitchen {
    int cooked;
    int served;
    int eaten;
    struct waker waiter; /* waits for `cooked`; or empty */
    struct waker guest;  /* waits for `served`; or empty */

    pthread_t oven;
    struct waker heated; /* handed to the oven before it starts */
    atomic_bool is_hot;
};

struct person {
    struct int_future base;
    struct kitchen *kitchen;
    const char *name;
    bool is_known;
};

/* Milliseconds of work, to make the polls visible in the figure. */
static void work(long milliseconds)
{
    struct timespec time = {0, milliseconds * 1000000};

    nanosleep(&time, NULL);
}

static void keep(struct waker *slot, struct context *cx)
{
    waker_drop(slot);
    *slot = waker_clone(cx->waker);
}

static void wake(struct waker *slot)
{
    if (slot->ops != NULL)
        waker_wake(slot);
}

/* The name under which the figure knows this task. */
static struct kitchen *enter(struct future *self, struct context *cx)
{
    struct person *person = (struct person *)self;

    if (!person->is_known)
        trace(TRACE_NAME, cx->waker->data, NULL, person->name);
    person->is_known = true;
    return person->kitchen;
}

static void *oven_main(void *data)
{
    struct kitchen *kitchen = data;

    trace(TRACE_NAME, NULL, NULL, "oven");
    trace(TRACE_BEGIN, NULL, NULL, "heats");
    work(6);
    trace(TRACE_END, NULL, NULL, NULL);
    atomic_store(&kitchen->is_hot, true);
    waker_wake(&kitchen->heated);
    return NULL;
}

static enum poll cook_poll(struct future *self, struct context *cx)
{
    struct kitchen *kitchen = enter(self, cx);

    work(2);
    if (kitchen->cooked == 0) {
        kitchen->cooked = 1; /* a cold dish: needs no oven */
        printf("cook: a salad, and the oven is on\n");
        wake(&kitchen->waiter);
        keep(&kitchen->heated, cx);
        if (pthread_create(&kitchen->oven, NULL, oven_main, kitchen) != 0)
            return POLL_READY;
        return POLL_PENDING;
    }
    if (!atomic_load(&kitchen->is_hot))
        return POLL_PENDING; /* not asked for: the oven still has our waker */
    pthread_join(kitchen->oven, NULL);
    kitchen->cooked = DISHES;
    printf("cook: a roast\n");
    wake(&kitchen->waiter);
    return POLL_READY;
}

static enum poll waiter_poll(struct future *self, struct context *cx)
{
    struct kitchen *kitchen = enter(self, cx);

    work(1);
    if (kitchen->served < kitchen->cooked) {
        kitchen->served++;
        printf("waiter: dish %d\n", kitchen->served);
        wake(&kitchen->guest);
    }
    if (kitchen->served == DISHES)
        return POLL_READY;
    keep(&kitchen->waiter, cx);
    return POLL_PENDING;
}

static enum poll guest_poll(struct future *self, struct context *cx)
{
    struct kitchen *kitchen = enter(self, cx);

    work(1);
    if (kitchen->eaten < kitchen->served) {
        kitchen->eaten++;
        printf("guest: ate dish %d\n", kitchen->eaten);
    }
    if (kitchen->eaten == DISHES)
        return POLL_READY;
    keep(&kitchen->guest, cx);
    return POLL_PENDING;
}

static void person_drop(struct future *self)
{
}

static const struct future_ops cook_ops = {cook_poll, person_drop};
static const struct future_ops waiter_ops = {waiter_poll, person_drop};
static const struct future_ops guest_ops = {guest_poll, person_drop};

static int spawn(struct executor *executor, const struct future_ops *ops,
                 struct kitchen *kitchen, const char *name)
{
    struct person person = {{{ops}, 0}, kitchen, name, false};

    return executor_spawn(executor, &person.base, sizeof person, NULL);
}

int main(void)
{
    struct executor executor;
    struct kitchen kitchen;

    memset(&kitchen, 0, sizeof kitchen);
    if (executor_init(&executor) < 0 ||
        spawn(&executor, &guest_ops, &kitchen, "guest") < 0 ||
        spawn(&executor, &waiter_ops, &kitchen, "waiter") < 0 ||
        spawn(&executor, &cook_ops, &kitchen, "cook") < 0) {
        fprintf(stderr, "trace: no memory\n");
        return 1;
    }
    executor_run(&executor);
    executor_end(&executor);
    waker_drop(&kitchen.waiter);
    waker_drop(&kitchen.guest);
    return kitchen.eaten == DISHES ? 0 : 1;
}
