/* waker.c - comparing wakers, and keeping one up to date.
 *
 * A future that is polled again must keep the newest waker (P3). As a rule
 * that is the one it has: comparing two words is cheaper than a clone. */
#include "chapters/03_waker/waker.h"

#include "chapters/common/todo.h"

bool waker_will_wake(const struct waker *left, const struct waker *right)
{
    /* TODO(3.3): Compare two wakers by their two words, and clone only when
     * the kept one would wake another task. */
    TODO(3.3);
    return false;
}

void waker_clone_from(struct waker *kept, const struct waker *newest)
{
    /* TODO(3.3): Clone only if `kept` would wake another task. */
    TODO(3.3);
}
