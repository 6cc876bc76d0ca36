/* confined.c - a thread's name is the address of a variable of its own.
 *
 * No two living threads have the same one, and to read it is one instruction.
 * A thread that has ended may have left its address to a newer one: then the
 * check is too kind. It is for finding mistakes, not for safety. */
#include "chapters/11_threads/confined.h"

#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

static _Thread_local char this_thread;

static uintptr_t thread_name(void)
{
    return (uintptr_t)&this_thread;
}

void confined_init(struct confined *confined)
{
    atomic_init(&confined->thread, thread_name());
}

void confined_check(struct confined *confined, const char *what)
{
    /* TODO(11.1): ours, or nobody's (then it becomes ours), or else panic */
    TODO(11.1);
    (void)confined, (void)what, (void)thread_name;
}

void confined_hand_over(struct confined *confined, const char *what)
{
    /* TODO(11.1): check, as a use; then it is nobody's */
    TODO(11.1);
    (void)confined, (void)what;
}

static struct confined_future *to_confined(struct future *self)
{
    return container_of(self, struct confined_future, base.base);
}

static enum poll confined_poll(struct future *self, struct context *cx)
{
    struct confined_future *future = to_confined(self);
    enum poll poll = POLL_PENDING;

    /* TODO(11.1): check; poll the child; its result is ours */
    TODO(11.1);
    (void)future, (void)cx;
    return poll;
}

static void confined_drop(struct future *self)
{
    struct confined_future *future = to_confined(self);

    /* TODO(11.1): check; drop the child */
    TODO(11.1);
    (void)future;
}

void confined_future_init(struct confined_future *future, const char *name,
                          struct int_future *child)
{
    static const struct future_ops ops = {confined_poll, confined_drop};

    future->base = (struct int_future){{&ops}, 0};
    future->child = child;
    future->name = name;
    confined_init(&future->confined);
}
