/* trace.c - a purchase against patience, polled by hand, for the figure.
 *
 *     COURSE_TRACE=run.trace trace
 *
 * A select of two: a purchase, which waits for a price and then for an
 * amount, and a countdown, which is the buyer's patience. Its waker only
 * counts: the loop polls as long as somebody has asked for it. */
#include "chapters/02_future/countdown.h"
#include "chapters/02_future/purchase.h"
#include "chapters/02_future/select.h"
#include "chapters/common/container_of.h"

#include <stdio.h>

enum {
    PATIENCE = 6,     /* polls until the buyer goes away */
    MOST_POLLS = 1000 /* a loop that is wrong comes to an end, too */
};

struct market {
    struct shop shop;
    struct countdown price, amount; /* the shop's answers */
};

static void count_wake(void *data)
{
    ++*(int *)data;
}

static void forget(void *data)
{
}

static struct waker count_clone(void *data);
static const struct waker_ops count_ops = {count_clone, count_wake, count_wake,
                                           forget};

static struct waker count_clone(void *data)
{
    return (struct waker){&count_ops, data};
}

static struct int_future *answer(struct countdown *countdown, int polls,
                                 int value, const char *name)
{
    countdown_init(countdown, polls, value);
    trace(TRACE_NAME, countdown, NULL, name);
    return &countdown->base;
}

static struct int_future *market_ask(struct shop *shop, enum question question)
{
    struct market *market = container_of(shop, struct market, shop);

    if (question == ASK_PRICE)
        return answer(&market->price, 1, 20, "price");
    return answer(&market->amount, 2, 3, "amount");
}

/* Polls as long as each pending poll has asked for another. */
static enum poll drive(struct future *future)
{
    int wakes = 1;
    struct waker waker = count_clone(&wakes);
    struct context cx = {&waker};
    enum poll poll = POLL_PENDING;

    for (int i = 0; i < MOST_POLLS && poll == POLL_PENDING && wakes > 0; i++) {
        wakes = 0;
        poll = future_poll(future, &cx);
    }
    return poll;
}

int main(void)
{
    struct market market = {.shop = {market_ask}};
    struct purchase purchase;
    struct countdown patience;
    struct select select;
    struct int_future *racers[] = {&purchase.base, &patience.base};

    purchase_init(&purchase, &market.shop);
    countdown_init(&patience, PATIENCE, 0);
    select_init(&select, racers, 2);
    trace(TRACE_NAME, &select, NULL, "select");
    trace(TRACE_NAME, &purchase, NULL, "purchase");
    trace(TRACE_NAME, &patience, NULL, "patience");

    enum poll poll = drive(&select.base.base);

    future_drop(&select.base.base);
    if (poll == POLL_READY && select.base.result == 0)
        printf("bought, for %d\n", purchase.base.result);
    else
        printf("nothing bought\n");
    return poll == POLL_READY ? 0 : 1;
}
