/* notify.c - a turn is given to somebody, or kept for the next who comes. It is
 * never lost, and there are never two. */
#include "chapters/09_mutex/notify.h"

#include "chapters/04_executor/budget_poll.h"
#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

void notify_init(struct notify *notify)
{
    *notify = (struct notify){.has_permit = false};
    pthread_mutex_init(&notify->lock, NULL);
    list_init(&notify->waiters);
}

void notify_end(struct notify *notify)
{
    require(list_is_empty(&notify->waiters),
            "a notify ends, and somebody waits for it");
    pthread_mutex_destroy(&notify->lock);
}

static struct notified *waiting(struct list *link)
{
    return container_of(link, struct notified, waiter.link);
}

void notify_one(struct notify *notify)
{
    struct waker waker = {NULL, NULL};

    pthread_mutex_lock(&notify->lock);
    /* TODO(9.10): the first who waits has been chosen (ONE), and its waker
     * is taken out; or there is a permit */
    TODO(9.10);
    (void)waiting;
    pthread_mutex_unlock(&notify->lock);
    waker_wake_if_any(&waker);
}

void notify_all(struct notify *notify)
{
    pthread_mutex_lock(&notify->lock);
    /* TODO(9.10): all who wait are ALL, before the first is woken */
    TODO(9.10);
    pthread_mutex_unlock(&notify->lock);
}

/* Is it its turn? Then it is DONE. Lock held. */
static bool notified_look(struct notified *notified)
{
    struct notify *notify = notified->notify;

    /* TODO(9.10): a new one takes the permit, if there is one. Who waits
     * goes on waiting. ONE or ALL: it is. */
    TODO(9.10);
    (void)notify;
    return false;
}

static enum poll notified_poll(struct future *self, struct context *cx)
{
    struct notified *notified = container_of(self, struct notified, base.base);
    struct notify *notify = notified->notify;

    require(notified->state != NOTIFIED_DONE, "P4: polled after POLL_READY");
    pthread_mutex_lock(&notify->lock);
    bool is_ready = notified_look(notified);

    pthread_mutex_unlock(&notify->lock);
    /* TODO(9.10): if not: clone the waker, take the lock, look again, and
     * wait. */
    TODO(9.10);
    return is_ready ? POLL_READY : POLL_PENDING;
}

/* Counts against its turn's budget: step 12.12. */
static enum poll notified_budgeted(struct future *self, struct context *cx)
{
    return budget_poll(
        notified_poll, self, cx,
        &container_of(self, struct notified, base.base)->was_refused);
}

static void notified_drop(struct future *self)
{
    struct notified *notified = container_of(self, struct notified, base.base);

    /* TODO(9.10): out of the list; and who was chosen, and has not had its
     * turn, gives it on (N5) */
    TODO(9.10);
    (void)notified;
}

void notified_init(struct notified *notified, struct notify *notify)
{
    static const struct future_ops ops = {notified_budgeted, notified_drop};

    *notified = (struct notified){
        .base = {{&ops}, 0}, .notify = notify, .state = NOTIFIED_NEW};
    waiter_init(&notified->waiter);
}
