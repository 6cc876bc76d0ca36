/* mpsc.c - machine words through a bounded channel. */
#include "bench/ours/bench.h"
#include "chapters/08_channel/receive.h"
#include "chapters/08_channel/send.h"

static const struct item_type word_type = {sizeof(long), NULL};

struct sender {
    struct int_future base;
    struct channel_sender channel;
    struct channel_send send;
    bool is_sending;
    long next, end;
    long item;
};

static enum poll sender_poll(struct future *self, struct context *cx)
{
    struct sender *sender = container_of(self, struct sender, base.base);

    for (;;) {
        if (!sender->is_sending) {
            if (sender->next == sender->end)
                return POLL_READY;
            sender->item = sender->next++;
            channel_send_init(&sender->send, &sender->channel, &sender->item);
            sender->is_sending = true;
        }
        if (future_poll(&sender->send.base.base, cx) == POLL_PENDING)
            return POLL_PENDING;
        require(sender->send.base.result == 0, "the receiver has gone");
        future_drop(&sender->send.base.base);
        sender->is_sending = false;
    }
}

static void sender_drop(struct future *self)
{
    struct sender *sender = container_of(self, struct sender, base.base);

    if (sender->is_sending)
        future_drop(&sender->send.base.base);
    channel_sender_drop(&sender->channel);
}

struct receiver {
    struct int_future base;
    struct channel_receiver channel;
    struct channel_receive receive;
    bool is_receiving;
    struct latch *latch;
    long item, sum, expected;
};

static enum poll receiver_poll(struct future *self, struct context *cx)
{
    struct receiver *receiver = container_of(self, struct receiver, base.base);

    for (;;) {
        if (!receiver->is_receiving) {
            channel_receive_init(&receiver->receive, &receiver->channel,
                                 &receiver->item);
            receiver->is_receiving = true;
        }
        if (future_poll(&receiver->receive.base.base, cx) == POLL_PENDING)
            return POLL_PENDING;
        future_drop(&receiver->receive.base.base);
        receiver->is_receiving = false;
        if (receiver->receive.base.result < 0)
            break;
        receiver->sum += receiver->item;
    }
    require(receiver->sum == receiver->expected, "a message was lost");
    latch_one(receiver->latch);
    return POLL_READY;
}

static void receiver_drop(struct future *self)
{
    struct receiver *receiver = container_of(self, struct receiver, base.base);

    if (receiver->is_receiving)
        future_drop(&receiver->receive.base.base);
    channel_receiver_drop(&receiver->channel);
}

static void spawn_sender(struct channel_sender channel, long messages)
{
    static const struct future_ops ops = {sender_poll, sender_drop};
    struct sender sender = {
        .base = {{&ops}, 0}, .channel = channel, .end = messages};

    bench_spawn(&sender.base, sizeof sender);
}

static void spawn_receiver(struct channel_receiver channel, struct latch *latch,
                           long expected)
{
    static const struct future_ops ops = {receiver_poll, receiver_drop};
    struct receiver receiver = {.base = {{&ops}, 0},
                                .channel = channel,
                                .latch = latch,
                                .expected = expected};

    bench_spawn(&receiver.base, sizeof receiver);
}

static void begin(struct rounds *rounds, struct latch *latch)
{
    long senders = bench_number("senders", 1);
    long each = rounds->operations / senders;
    struct channel_sender sender;
    struct channel_receiver receiver;

    latch_set(latch, 1);
    require(channel_create(&sender, &receiver, &word_type,
                           (size_t)bench_number("capacity", 100)) == 0,
            "cannot make a channel");
    for (long i = 0; i < senders; i++)
        spawn_sender(channel_sender_clone(&sender), each);
    channel_sender_drop(&sender);
    spawn_receiver(receiver, latch, senders * (each * (each - 1) / 2));
}

int mpsc(void)
{
    struct rounds rounds = {begin, bench_number("rounds", 1),
                            bench_number("messages", 1000000)};

    rounds_run(&rounds);
    return 0;
}
