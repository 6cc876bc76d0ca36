/* purchase.h - a future with two waits, one after the other.
 *
 * What a thread would write, with its stack to remember where it was:
 *
 *     int price = wait_for(ask(shop, ASK_PRICE));
 *     if (price < 0)
 *         return price;
 *     int amount = wait_for(ask(shop, ASK_AMOUNT));
 *     if (amount < 0)
 *         return amount;
 *     return price * amount;
 *
 *   S1  The shop is asked for the price at the first poll, and for the
 *       amount in the poll that finds the price: never earlier.
 *   S2  The result is price times amount, or -EOVERFLOW.
 *   S3  An error of either answer ends the purchase with that error; after
 *       an error of the price the amount is not asked for.
 *   S4  At any time at most one answer is alive. It is dropped when it is
 *       ready, or by the purchase's drop (O1 to O3).
 *
 * A purchase belongs to one task; the shop outlives it.
 *
 * Rust: an `async fn` with two `.await`s; a match on an enum of states. */
#ifndef CHAPTERS_FUTURE_PURCHASE_H
#define CHAPTERS_FUTURE_PURCHASE_H

#include "chapters/02_future/future.h"

#ifdef __cplusplus
extern "C" {
#endif

enum question {
    ASK_PRICE,
    ASK_AMOUNT,
};

struct shop {
    /* Makes the future of the answer, unpolled. The caller owns it. */
    struct int_future *(*ask)(struct shop *shop, enum question question);
};

/* NEW -> PRICE -> AMOUNT -> DONE, or to DONE from either on an error. */
enum purchase_state {
    PURCHASE_NEW,
    PURCHASE_PRICE,
    PURCHASE_AMOUNT,
    PURCHASE_DONE,
};

struct purchase {
    struct int_future base;
    enum purchase_state state;
    struct shop *shop;
    struct int_future *answer; /* not NULL in PRICE and AMOUNT only */
    int price;                 /* from AMOUNT on: lives across a wait */
};

void purchase_init(struct purchase *purchase, struct shop *shop);

#ifdef __cplusplus
}
#endif

#endif
