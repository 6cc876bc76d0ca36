/* parker.h - how a thread sleeps until another one wants it.
 *
 *        unpark                park, wakes up
 *   +-----------> NOTIFIED ------------------+
 *   |                 ^                      |
 *   |                 | unpark (and wake)    v
 *   +---- EMPTY ------|------------------> EMPTY
 *           |         |
 *           +----> PARKED
 *             park
 *
 *   K1  parker_park() returns at once if there was an unpark since the last
 *       park returned; otherwise it sleeps until the next one.
 *   K2  An unpark is never lost, whether it comes before the park, during
 *       it or between its steps. Several before one park count as one.
 *   K3  What a thread did before unpark, the parked thread sees after park.
 *   K4  park does not return without an unpark, whatever the kernel does
 *       (EINTR, spurious wakes), and does not spin.
 *
 * One thread parks; any thread may unpark, as long as the parker lives.
 * Rust: std::thread::park, tokio's ParkThread. futex(2) is its bed. */
#ifndef CHAPTERS_WAKER_PARKER_H
#define CHAPTERS_WAKER_PARKER_H

#include "chapters/common/atomics.h"

#ifdef __cplusplus
extern "C" {
#endif

struct parker {
    atomic_member(uint32_t) state; /* a futex: 32 bits, on any machine */
};

void parker_init(struct parker *parker);
void parker_park(struct parker *parker);
void parker_unpark(struct parker *parker);

#ifdef __cplusplus
}
#endif

#endif
