/* visits.h - nobody pulls down a house with a guest in it.
 *
 * A waker may be used on any thread at any time, also while its pool ends.
 * Whoever has the duty to schedule a task may use the pool: the task is not
 * complete, so the pool is there. But as soon as the task is in the queue, it
 * may run, complete, and be the last; and the guest is not out of the door yet.
 *
 *   V1  visits_begin() comes before the guest lets go of what keeps the house
 *       (the task); visits_end() is the last that the guest does.
 *   V2  visits_wait() returns when nobody is inside. It is called when nobody
 *       comes any more. A visit is a few instructions long and does not
 *       sleep, so the wait yields the processor and looks again.
 *   V3  What a guest did comes before the return of visits_wait(). */
#ifndef CHAPTERS_THREADS_VISITS_H
#define CHAPTERS_THREADS_VISITS_H

#include "chapters/common/atomics.h"

#ifdef __cplusplus
extern "C" {
#endif

struct visits {
    atomic_member(uint32_t) inside;
};

void visits_init(struct visits *visits);
void visits_begin(struct visits *visits);
void visits_end(struct visits *visits);
void visits_wait(const struct visits *visits);

#ifdef __cplusplus
}
#endif

#endif
