/* ping_pong.c - two tasks, two oneshots: one there, one back. */
#include "bench/ours/bench.h"
#include "chapters/08_channel/oneshot.h"

static char nothing; /* what is sent: an item of no bytes */
static const struct item_type nothing_type = {0, NULL};

struct partner {
    struct int_future base;
    struct oneshot_receiver pinged;
    struct oneshot_sender pong;
};

static enum poll partner_poll(struct future *self, struct context *cx)
{
    struct partner *partner = container_of(self, struct partner, base.base);

    if (future_poll(&partner->pinged.base.base, cx) == POLL_PENDING)
        return POLL_PENDING;
    require(oneshot_send(&partner->pong, &nothing) == 0, "nobody listens");
    return POLL_READY;
}

static void partner_drop(struct future *self)
{
    struct partner *partner = container_of(self, struct partner, base.base);

    oneshot_sender_drop(&partner->pong);
    future_drop(&partner->pinged.base.base);
}

struct pair {
    struct int_future base;
    struct latch *latch;
    bool has_begun;
    struct oneshot_receiver ponged;
};

static void pair_begin(struct pair *pair)
{
    static const struct future_ops ops = {partner_poll, partner_drop};
    struct partner partner = {.base = {{&ops}, 0}};
    struct oneshot_sender ping;

    require(oneshot_create(&ping, &partner.pinged, &nothing_type, &nothing) ==
                    0 &&
                oneshot_create(&partner.pong, &pair->ponged, &nothing_type,
                               &nothing) == 0,
            "no memory");
    bench_spawn(&partner.base, sizeof partner);
    require(oneshot_send(&ping, &nothing) == 0, "nobody listens");
    pair->has_begun = true;
}

static enum poll pair_poll(struct future *self, struct context *cx)
{
    struct pair *pair = container_of(self, struct pair, base.base);

    if (!pair->has_begun)
        pair_begin(pair);
    if (future_poll(&pair->ponged.base.base, cx) == POLL_PENDING)
        return POLL_PENDING;
    latch_one(pair->latch);
    return POLL_READY;
}

static void pair_drop(struct future *self)
{
    struct pair *pair = container_of(self, struct pair, base.base);

    if (pair->has_begun)
        future_drop(&pair->ponged.base.base);
}

static void begin(struct rounds *rounds, struct latch *latch)
{
    static const struct future_ops ops = {pair_poll, pair_drop};
    struct pair pair = {.base = {{&ops}, 0}, .latch = latch};

    latch_set(latch, rounds->operations);
    for (long i = 0; i < rounds->operations; i++)
        bench_spawn(&pair.base, sizeof pair);
}

int ping_pong(void)
{
    struct rounds rounds = {begin, bench_number("rounds", 100),
                            bench_number("pairs", 1000)};

    rounds_run(&rounds);
    return 0;
}
