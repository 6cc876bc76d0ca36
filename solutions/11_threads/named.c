/* named.c - says who it is, while it is its turn. */
#include "chapters/11_threads/named.h"

#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

static struct named *to_named(struct future *self)
{
    return container_of(self, struct named, base.base);
}

static enum poll named_poll(struct future *self, struct context *cx)
{
    struct named *named = to_named(self);
    enum poll poll = POLL_PENDING;

    /* begin 11.12: panic_name() around the child's poll; the result */
    const char *before = panic_name(named->name);

    poll = future_poll(&named->child->base, cx);
    panic_name(before);
    if (poll == POLL_READY)
        named->base.result = named->child->result;
    /* end 11.12: (void)named, (void)cx; */
    return poll;
}

static void named_drop(struct future *self)
{
    /* begin 11.12: the same around its drop */
    struct named *named = to_named(self);
    const char *before = panic_name(named->name);

    future_drop(&named->child->base);
    panic_name(before);
    /* end 11.12: (void)self; */
}

void named_init(struct named *named, const char *name, struct int_future *child)
{
    static const struct future_ops ops = {named_poll, named_drop};

    named->base = (struct int_future){{&ops}, 0};
    named->child = child;
    named->name = name;
}
