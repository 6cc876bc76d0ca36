/* child.h - how a future owns another.
 *
 *   O1  A future that is handed a child owns it from then on: nobody else
 *       polls it or drops it. The child's memory stays its maker's.
 *   O2  The owner drops the child as soon as it is ready, or is not needed
 *       any more, and at the latest in its own drop: exactly once (P5).
 *   O3  The pointer to a child is NULL if and only if the child has been
 *       dropped. child_drop() keeps it so, and a second call does nothing.
 *   O4  P4 binds the owner: a child that was ready is dropped, and so never
 *       polled again. It also protects the owner: nobody polls a future
 *       after POLL_READY, so a combinator needs no state for that.
 *
 * A child stands still where its maker put it, usually in a member of the
 * same struct, so that a whole tree of futures is one piece of memory. A
 * parent with pointers to children inside the same struct is built where it
 * will stay (P6).
 *
 * Rust: a field of type F; its compiler writes the drops. */
#ifndef CHAPTERS_FUTURE_CHILD_H
#define CHAPTERS_FUTURE_CHILD_H

#include "chapters/02_future/future.h"

#include <stddef.h>

static inline void child_drop(struct int_future **child)
{
    struct int_future *dropped = *child;

    *child = NULL;
    if (dropped != NULL)
        future_drop(&dropped->base);
}

#endif
