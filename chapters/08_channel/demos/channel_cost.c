/* channel_cost.c - what an item costs on its way through a channel.
 *
 *     channel_cost [COUNT]
 *
 * COUNT numbers, in four ways: put in and taken out by one thread; from one
 * task to another on one thread; from one thread to another, by the blocking
 * ends; and, beside it, from one thread to another through a pipe. Each with
 * room for 1 and for 100, but for the pipe, which has room for 8,192. Prints
 * nanoseconds an item; for the tasks, polls an item, too. */
#include "chapters/04_executor/executor.h"
#include "chapters/08_channel/blocking.h"
#include "chapters/08_channel/receive.h"
#include "chapters/08_channel/send.h"
#include "chapters/common/container_of.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <async_macros.h>

static const struct item_type number = {sizeof(long), NULL};
static long count = 1000000;
static long sum;

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void must(int result)
{
    if (result < 0) {
        fprintf(stderr, "channel_cost: error %d\n", -result);
        exit(1);
    }
}

/* ----------------------------------------------------------- one thread */

static double in_and_out(size_t capacity)
{
    struct channel_sender sender;
    struct channel_receiver receiver;
    long item;

    must(channel_create(&sender, &receiver, &number, capacity));
    double begin = seconds();

    for (long i = 0; i < count; i++) {
        must(channel_try_send(&sender, &i));
        must(channel_try_receive(&receiver, &item));
        sum += item;
    }
    double end = seconds();

    channel_sender_drop(&sender);
    channel_receiver_drop(&receiver);
    return end - begin;
}

/* ------------------------------------------------------------ two tasks */

struct producer {
    struct async async;
    struct channel_sender sender;
    struct channel_send send;
    long item;
};

static enum poll producer_body(struct async *self, struct context *cx)
{
    struct producer *producer = container_of(self, struct producer, async);

    ASYNC(self);
    for (producer->item = 0; producer->item < count; producer->item++) {
        channel_send_init(&producer->send, &producer->sender, &producer->item);
        TRY_AWAIT(&producer->send.base);
    }
    ASYNC_RETURN(0);
    ASYNC_END;
}

static void producer_cleanup(struct async *self)
{
    channel_sender_drop(&container_of(self, struct producer, async)->sender);
}

struct consumer {
    struct async async;
    struct channel_receiver receiver;
    struct channel_receive receive;
    long item;
};

static enum poll consumer_body(struct async *self, struct context *cx)
{
    struct consumer *consumer = container_of(self, struct consumer, async);

    ASYNC(self);
    for (;;) {
        channel_receive_init(&consumer->receive, &consumer->receiver,
                             &consumer->item);
        TRY_AWAIT(&consumer->receive.base);
        sum += consumer->item;
    }
    ASYNC_END;
}

static void consumer_cleanup(struct async *self)
{
    channel_receiver_drop(
        &container_of(self, struct consumer, async)->receiver);
}

static double two_tasks(size_t capacity, unsigned long *polls)
{
    static const struct async_function producing = {ASYNC_OPS, producer_body,
                                                    producer_cleanup},
                                       consuming = {ASYNC_OPS, consumer_body,
                                                    consumer_cleanup};
    struct producer producer;
    struct consumer consumer;
    struct executor executor;

    must(channel_create(&producer.sender, &consumer.receiver, &number,
                        capacity));
    async_init(&producer.async, &producing);
    async_init(&consumer.async, &consuming);
    must(executor_init(&executor));
    must(
        executor_spawn(&executor, &producer.async.base, sizeof producer, NULL));
    must(
        executor_spawn(&executor, &consumer.async.base, sizeof consumer, NULL));
    double begin = seconds();

    executor_run(&executor);
    double end = seconds();

    *polls = executor.polls;
    executor_end(&executor);
    return end - begin;
}

/* ---------------------------------------------------------- two threads */

static void *send_all(void *argument)
{
    struct channel_sender *sender = argument;

    for (long i = 0; i < count; i++)
        must(channel_send_blocking(sender, &i));
    channel_sender_drop(sender);
    return NULL;
}

static double two_threads(size_t capacity)
{
    struct channel_sender sender;
    struct channel_receiver receiver;
    pthread_t thread;
    long item;

    must(channel_create(&sender, &receiver, &number, capacity));
    double begin = seconds();

    must(-pthread_create(&thread, NULL, send_all, &sender));
    while (channel_receive_blocking(&receiver, &item) == 0)
        sum += item;
    double end = seconds();

    pthread_join(thread, NULL);
    channel_receiver_drop(&receiver);
    return end - begin;
}

static void *write_all(void *argument)
{
    int *end = argument;

    for (long i = 0; i < count; i++)
        must(write(*end, &i, sizeof i) == sizeof i ? 0 : -1);
    close(*end);
    return NULL;
}

static double a_pipe(void)
{
    int ends[2];
    pthread_t thread;
    long item;

    must(pipe(ends));
    double begin = seconds();

    must(-pthread_create(&thread, NULL, write_all, &ends[1]));
    while (read(ends[0], &item, sizeof item) == sizeof item)
        sum += item;
    double end = seconds();

    pthread_join(thread, NULL);
    close(ends[0]);
    return end - begin;
}

static double each(double duration)
{
    return duration / (double)count * 1e9;
}

int main(int argument_count, char **arguments)
{
    static const size_t capacities[] = {1, 100};

    if (argument_count > 1)
        count = atol(arguments[1]);
    if (count < 1 || count > 100000000)
        return 2;
    printf("%ld items; for each:\n", count);
    for (int i = 0; i < 2; i++) {
        size_t capacity = capacities[i];
        unsigned long polls;
        double tasks = two_tasks(capacity, &polls);

        printf("room for %zu\n", capacity);
        printf("  one thread, in and out  %9.1f ns\n",
               each(in_and_out(capacity)));
        printf("  task to task            %9.1f ns   %.2f polls\n", each(tasks),
               (double)polls / (double)count);
        printf("  thread to thread        %9.1f ns\n",
               each(two_threads(capacity)));
    }
    printf("a pipe, thread to thread  %9.1f ns\n", each(a_pipe()));
    return sum == 7 * (count * (count - 1) / 2) ? 0 : 1;
}
