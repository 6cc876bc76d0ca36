/* transfer.h - three awaits, and something to give back at the end.
 *
 *   X1  A transfer locks the account when it begins; -EBUSY if somebody else
 *       has it. It awaits the amount to withdraw, then the approval, then
 *       the receipt, each a number of its source.
 *   X2  The first error is the result, and nothing after it is awaited.
 *   X3  The result is the number of the receipt. Only then has the balance
 *       changed.
 *   X4  The account is unlocked when the transfer is over, in whatever way,
 *       once, and only if this transfer had locked it (A5). */
#ifndef CHAPTERS_ASYNC_AWAIT_TRANSFER_H
#define CHAPTERS_ASYNC_AWAIT_TRANSFER_H

#include "chapters/05_async_await/async.h"
#include "chapters/05_async_await/source.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct account {
    bool is_locked;
    int balance;
    int unlocks; /* how often it was unlocked */
};

struct transfer {
    struct async async;
    struct source *source;
    struct account *account;
    bool has_locked;
    int amount;
};

void transfer_init(struct transfer *transfer, struct source *source,
                   struct account *account);

#ifdef __cplusplus
}
#endif

#endif
