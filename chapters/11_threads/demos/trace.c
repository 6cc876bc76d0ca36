/* trace.c - three tasks on two workers, and a wake that crosses over.
 *
 *     COURSE_TRACE=run.trace trace
 *
 * shop waits for bread, and its worker goes on with clerk. baker, on the other
 * worker, bakes and sends: that wakes shop, which the first worker takes, while
 * baker cleans up. Recorded, a run becomes the figure in the lesson. */
#include "chapters/04_executor/yield.h"
#include "chapters/08_channel/oneshot.h"
#include "chapters/11_threads/pool.h"

#include "chapters/common/container_of.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <async_macros.h>

struct bakery {
    struct oneshot_sender sender;
    struct oneshot_receiver receiver;
    int bread;
    sem_t done; /* posted by each */
};

struct person {
    struct async async;
    const char *name;
    struct bakery *bakery;
    int turns;
    struct yield yield;
};

/* Milliseconds of work, to make the polls visible in the figure. */
static void work(long milliseconds)
{
    struct timespec time = {0, milliseconds * 1000000};

    nanosleep(&time, NULL);
}

/* The names under which the figure knows the workers. */
static void name_thread(void)
{
    static _Thread_local bool is_known;
    static atomic_int workers;
    char name[16];

    if (is_known)
        return;
    is_known = true;
    snprintf(name, sizeof name, "worker %d", atomic_fetch_add(&workers, 1) + 1);
    trace(TRACE_NAME, NULL, NULL, name);
}

static struct person *to_person(struct async *self, struct context *cx)
{
    struct person *person = container_of(self, struct person, async);

    name_thread();
    if (self->state == 0)
        trace(TRACE_NAME, cx->waker->data, NULL, person->name);
    return person;
}

static enum poll shop_body(struct async *self, struct context *cx)
{
    struct person *person = to_person(self, cx);

    ASYNC(self);
    work(1);
    AWAIT(&person->bakery->receiver.base);
    work(2);
    printf("shop: %d loaves\n", person->bakery->bread);
    sem_post(&person->bakery->done);
    ASYNC_RETURN(0);
    ASYNC_END;
}

static enum poll baker_body(struct async *self, struct context *cx)
{
    struct person *person = to_person(self, cx);
    int bread = 12;

    ASYNC(self);
    work(6);
    printf("baker: done\n");
    (void)oneshot_send(&person->bakery->sender, &bread);
    work(2);
    sem_post(&person->bakery->done);
    ASYNC_RETURN(0);
    ASYNC_END;
}

static enum poll clerk_body(struct async *self, struct context *cx)
{
    struct person *person = to_person(self, cx);

    ASYNC(self);
    for (; person->turns > 0; person->turns--) {
        work(1);
        yield_init(&person->yield);
        AWAIT(&person->yield.base);
    }
    printf("clerk: done\n");
    sem_post(&person->bakery->done);
    ASYNC_RETURN(0);
    ASYNC_END;
}

static int spawn(struct pool *pool, const char *name,
                 const struct async_function *function, struct bakery *bakery)
{
    struct person person = {.name = name, .bakery = bakery, .turns = 2};

    async_init(&person.async, function);
    return pool_spawn(pool, &person.async.base, sizeof person, NULL);
}

int main(void)
{
    static const struct async_function shop = {ASYNC_OPS, shop_body, NULL};
    static const struct async_function baker = {ASYNC_OPS, baker_body, NULL};
    static const struct async_function clerk = {ASYNC_OPS, clerk_body, NULL};
    static const struct item_type loaves = {sizeof(int), NULL};
    struct bakery bakery;
    struct pool pool;

    sem_init(&bakery.done, 0, 0);
    if (pool_init(&pool, 2) < 0 ||
        oneshot_create(&bakery.sender, &bakery.receiver, &loaves,
                       &bakery.bread) < 0)
        return 1;
    if (spawn(&pool, "shop", &shop, &bakery) < 0 ||
        spawn(&pool, "baker", &baker, &bakery) < 0 ||
        spawn(&pool, "clerk", &clerk, &bakery) < 0)
        return 1;
    for (int i = 0; i < 3; i++)
        sem_wait(&bakery.done);
    pool_end(&pool);
    return 0;
}
