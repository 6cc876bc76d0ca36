/* transfer.c - errors leave by TRY_AWAIT, and the lock is given back. */
#include "chapters/05_async_await/transfer.h"

#include "chapters/common/container_of.h"

#include <errno.h>
#include <async_macros.h>

static enum poll transfer_body(struct async *self, struct context *cx)
{
    struct transfer *transfer = container_of(self, struct transfer, async);

    ASYNC(self);
    if (transfer->account->is_locked)
        ASYNC_RETURN(-EBUSY);
    transfer->account->is_locked = transfer->has_locked = true;

    TRY_AWAIT(transfer->source->next(transfer->source));
    transfer->amount = self->base.result;
    TRY_AWAIT(transfer->source->next(transfer->source));
    TRY_AWAIT(transfer->source->next(transfer->source));

    transfer->account->balance -= transfer->amount;
    ASYNC_RETURN(self->base.result);
    ASYNC_END;
}

static void transfer_cleanup(struct async *self)
{
    struct transfer *transfer = container_of(self, struct transfer, async);

    if (!transfer->has_locked)
        return;
    transfer->account->is_locked = false;
    transfer->account->unlocks++;
}

static const struct async_function transfer_function = {
    ASYNC_OPS, transfer_body, transfer_cleanup};

void transfer_init(struct transfer *transfer, struct source *source,
                   struct account *account)
{
    *transfer = (struct transfer){.source = source, .account = account};
    async_init(&transfer->async, &transfer_function);
}
