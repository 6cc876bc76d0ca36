/* order.c - a chain of futures, driven by a loop of six lines.
 *
 *     order
 *
 * A shop answers slowly: each answer takes some polls. The program makes
 * one tree of futures, all in one struct, and shows after each poll what has
 * been asked so far: nothing before the first poll, and nothing that is not
 * needed. The waker is a flag: the simplest that does its work. */
#include "chapters/02_future/countdown.h"
#include "chapters/02_future/map.h"
#include "chapters/02_future/purchase.h"
#include "chapters/02_future/ready.h"
#include "chapters/02_future/select.h"
#include "chapters/02_future/then.h"

#include "chapters/common/container_of.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

/* Everything stands in here: children, parents and their pointers. */
struct order {
    struct shop shop;
    int asked[2];
    int polls;
    int wakes;

    struct countdown price, amount; /* the shop's answers */
    struct purchase purchase;
    struct map with_tax;
    struct then reserve; /* and_then: only if there is a total */
    struct countdown reserved;
    struct then excuse; /* or_else: only after an error */
    struct ready no_order;

    struct countdown patience;
    struct int_future *racers[2];
    struct select race;
};

/* The waker: wake_by_ref counts, nobody keeps a clone. */
static void flag_wake(void *data)
{
    ++*(int *)data;
}

static void flag_drop(void *data)
{
}

static struct waker flag_clone(void *data);
static const struct waker_ops flag_ops = {flag_clone, flag_wake, flag_wake,
                                          flag_drop};

static struct waker flag_clone(void *data)
{
    return (struct waker){&flag_ops, data};
}

static struct int_future *shop_ask(struct shop *shop, enum question question)
{
    struct order *order = container_of(shop, struct order, shop);

    order->asked[question]++;
    if (question == ASK_PRICE) {
        countdown_init(&order->price, 1, 20);
        return &order->price.base;
    }
    countdown_init(&order->amount, 2, 3);
    return &order->amount.base;
}

static int add_tax(void *data, int total)
{
    return total < 0 ? total : total + total / 5;
}

static struct int_future *reserve_total(void *data, int total)
{
    struct order *order = data;

    countdown_init(&order->reserved, 1, total);
    return &order->reserved.base;
}

static struct int_future *excuse_error(void *data, int error)
{
    struct order *order = data;

    ready_init(&order->no_order, 0);
    return &order->no_order.base;
}

static void order_init(struct order *order, int patience)
{
    *order = (struct order){.shop = {shop_ask}};
    purchase_init(&order->purchase, &order->shop);
    map_init(&order->with_tax, &order->purchase.base, add_tax, NULL);
    and_then_init(&order->reserve, &order->with_tax.base, reserve_total, order);
    or_else_init(&order->excuse, &order->reserve.base, excuse_error, order);
    countdown_init(&order->patience, patience, -ETIMEDOUT);
    order->racers[0] = &order->excuse.base;
    order->racers[1] = &order->patience.base;
    select_init(&order->race, order->racers, 2);
}

static void row(const struct order *order, const char *what)
{
    static const char *const places[] = {"not begun", "price?", "amount?",
                                         "done"};

    printf("%-10s %5d %5d %7d %8d   %s\n", what, order->polls, order->wakes,
           order->asked[ASK_PRICE], order->asked[ASK_AMOUNT],
           places[order->purchase.state]);
}

/* Polls as long as each pending poll has asked for another. */
static void drive(struct order *order)
{
    struct waker waker = {&flag_ops, &order->wakes};
    struct context cx = {&waker};
    int seen;
    enum poll result;

    do {
        seen = order->wakes;
        result = future_poll(&order->race.base.base, &cx);
        order->polls++;
        row(order, result == POLL_READY ? "ready" : "pending");
    } while (result == POLL_PENDING && order->wakes != seen);
}

static void run(const char *title, int patience)
{
    struct order order;

    printf("%s\n%-10s %5s %5s %7s %8s   %s\n", title, "", "polls", "wakes",
           "price?", "amount?", "purchase");
    order_init(&order, patience);
    row(&order, "made");
    drive(&order);
    future_drop(&order.race.base.base);
    if (order.race.base.result == 0)
        printf("ordered for %d\n\n", order.excuse.base.result);
    else
        printf("out of patience, and the order was dropped\n\n");
}

int main(void)
{
    run("a patient customer", 100);
    run("an impatient customer", 2);
    printf("one order is %zu bytes, and nothing was allocated\n",
           sizeof(struct order));
    return 0;
}
