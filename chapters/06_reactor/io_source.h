/* io_source.h - a descriptor that tasks wait for.
 *
 *   I1  A source has two wakers, for a task that reads and one that writes,
 *       and they know nothing of each other.
 *   I2  io_source_poll_ready() is ready while its direction is; what it saw
 *       is in `ready`. Otherwise it is pending and keeps the waker (P2, P3).
 *   I3  Readiness is a promise that a call is worth while, not that it will
 *       succeed. Only a call that finds nothing takes it back: that is
 *       io_source_clear(), with what was seen before the call.
 *   I4  A source has owners, and starts with one. The last to close it takes
 *       the descriptor out of epoll and closes it. From then on no event
 *       reaches anybody, not even one that the kernel has handed out before.
 *   I5  A source that goes drops its wakers, without a wake.
 *   I6  Owners may be on several threads, and the reactor on yet another one:
 *       any of them may share and close at any time, and a direction is polled,
 *       cleared and forgotten by one task at a time. A wake that is under way
 *       on another thread during the last close still comes, to the task or
 *       to whoever is in the slot next; it costs one poll in vain (W4).
 *   I7  A report wakes for the bits that are new. One that stands already is
 *       seen by whoever looks, and who looked before it stood has been woken
 *       for it, or is about to be.
 *
 * Rust: tokio's io::PollEvented and runtime::io::Registration. */
#ifndef CHAPTERS_REACTOR_IO_SOURCE_H
#define CHAPTERS_REACTOR_IO_SOURCE_H

#include "chapters/02_future/future.h"
#include "chapters/03_waker/waker_cell.h"
#include "chapters/06_reactor/readiness.h"

#include <pthread.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct reactor;

struct io_source {
    struct reactor *reactor;
    struct readiness readiness;
    int descriptor;                     /* -1: a slot that is free */
    bool short_reads_tell;              /* it is TCP; see socket.h, S8 */
    uint32_t index;                     /* of the slot; constant */
    atomic_member(uint32_t) generation; /* of the slot; see source_table.h */
    atomic_member(uint16_t) owners;
    uint32_t next_free;
    struct waker_cell wakers[2]; /* by enum io_direction */
};

enum poll io_source_poll_ready(struct io_source *source,
                               enum io_direction direction, struct context *cx,
                               struct ready_event *ready);

void io_source_clear(struct io_source *source, struct ready_event ready);

/* Nobody waits for that direction any more. */
void io_source_forget(struct io_source *source, enum io_direction direction);

/* The kernel reports `bits`: keeps them and wakes whom they concern. `lock`,
 * under which sources come and go, is held when it is called, and not any more
 * when it wakes and returns. */
void io_source_report(struct io_source *source, uint16_t bits,
                      pthread_mutex_t *lock);

/* One owner more; returns its argument. */
struct io_source *io_source_share(struct io_source *source);

/* One owner less (I4). */
void io_source_close(struct io_source *source);

#ifdef __cplusplus
}
#endif

#endif
