/* lock_report.h - who has which lock, who waits, and is it a circle?
 *
 *     left: ann has it; bob waits
 *     right: bob has it; ann waits
 *     ann has left and waits for right; bob has right and waits for left:
 *     nobody can go on
 *
 *   D1  A line for each mutex that somebody has or waits for, in the order of
 *       the array, with the waiting ones in order.
 *   D2  A mutex that was given to a lock which has not been polled since is
 *       said to be so: that one has it, and does nothing with it.
 *   D3  Then one line for a circle, if there is one: each of its tasks has what
 *       the one before it waits for. It starts at the first mutex of the
 *       array that is part of one. A task that waits for itself is a circle.
 *       One that waits for several at once (in a join, say) is followed to
 *       the first of them in the array only.
 *   D4  The result is the number of mutexes in the circle, or 0.
 *   D5  `text` ends with a 0, and what has no room is cut off. Nothing
 *       allocates.
 *
 * Tasks are told apart by their wakers' data, as two may have one name; a
 * mutex that was locked by mutex_try_lock() has a name only, and closes no
 * circle. It is for a program that stands still: of one that runs, each line is
 * from another moment. Any thread may call it.
 *
 * Rust: tokio-console shows who waits for which resource; parking_lot has
 * deadlock_detection for the locks of threads. */
#ifndef CHAPTERS_MUTEX_LOCK_REPORT_H
#define CHAPTERS_MUTEX_LOCK_REPORT_H

#include "chapters/09_mutex/mutex.h"

#ifdef __cplusplus
extern "C" {
#endif

size_t lock_report(struct mutex *const *mutexes, size_t count, char *text,
                   size_t size);

#ifdef __cplusplus
}
#endif

#endif
