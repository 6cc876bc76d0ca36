/* trace.c - backpressure: a fast producer, a slow consumer, room for five.
 *
 *     COURSE_TRACE=run.trace trace
 *
 * The producer has a hundred items. The consumer takes two milliseconds for
 * each, and has enough after the third. Recorded, a run becomes the figure
 * in the lesson. */
#include "chapters/07_timer/runtime.h"
#include "chapters/07_timer/sleep.h"
#include "chapters/08_channel/receive.h"
#include "chapters/08_channel/send.h"

#include "chapters/common/container_of.h"

#include <stdio.h>
#include <string.h>
#include <async_macros.h>

enum {
    ROOM = 5,
    ITEMS = 100,
    ENOUGH = 3,
};

struct producer {
    struct async async;
    struct channel_sender sender;
    struct channel_send send;
    int item;
};

static enum poll producer_body(struct async *self, struct context *cx)
{
    struct producer *producer = container_of(self, struct producer, async);

    ASYNC(self);
    trace(TRACE_NAME, cx->waker->data, NULL, "producer");
    for (; producer->item <= ITEMS; producer->item++) {
        channel_send_init(&producer->send, &producer->sender, &producer->item);
        AWAIT(&producer->send.base);
        if (self->base.result < 0) {
            printf("producer: item %d: %s\n", producer->item,
                   strerror(-self->base.result));
            break;
        }
        printf("producer: sent %d\n", producer->item);
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
    struct timer *timer;
    struct channel_receive receive;
    struct sleep sleep;
    int item, count;
};

static enum poll consumer_body(struct async *self, struct context *cx)
{
    struct consumer *consumer = container_of(self, struct consumer, async);

    ASYNC(self);
    trace(TRACE_NAME, cx->waker->data, NULL, "consumer");
    while (consumer->count < ENOUGH) {
        channel_receive_init(&consumer->receive, &consumer->receiver,
                             &consumer->item);
        TRY_AWAIT(&consumer->receive.base);
        sleep_init(&consumer->sleep, consumer->timer, MILLISECONDS(2));
        AWAIT(&consumer->sleep.base);
        consumer->count++;
        printf("consumer: done with %d\n", consumer->item);
    }
    printf("consumer: that is enough\n");
    ASYNC_RETURN(0);
    ASYNC_END;
}

static void consumer_cleanup(struct async *self)
{
    channel_receiver_drop(
        &container_of(self, struct consumer, async)->receiver);
}

static int spawn_producer(struct runtime *runtime, struct channel_sender sender)
{
    static const struct async_function function = {ASYNC_OPS, producer_body,
                                                   producer_cleanup};
    struct producer producer = {.sender = sender, .item = 1};

    async_init(&producer.async, &function);
    return executor_spawn(&runtime->executor, &producer.async.base,
                          sizeof producer, NULL);
}

static int spawn_consumer(struct runtime *runtime,
                          struct channel_receiver receiver)
{
    static const struct async_function function = {ASYNC_OPS, consumer_body,
                                                   consumer_cleanup};
    struct consumer consumer = {.receiver = receiver, .timer = &runtime->timer};

    async_init(&consumer.async, &function);
    return executor_spawn(&runtime->executor, &consumer.async.base,
                          sizeof consumer, NULL);
}

int main(void)
{
    static const struct item_type number = {sizeof(int), NULL};
    struct runtime runtime;
    struct channel_sender sender;
    struct channel_receiver receiver;

    if (runtime_init(&runtime) < 0 ||
        channel_create(&sender, &receiver, &number, ROOM) < 0 ||
        spawn_producer(&runtime, sender) < 0 ||
        spawn_consumer(&runtime, receiver) < 0) {
        fprintf(stderr, "trace: no memory, or no descriptors\n");
        return 1;
    }
    executor_run(&runtime.executor);
    runtime_end(&runtime);
    return 0;
}
