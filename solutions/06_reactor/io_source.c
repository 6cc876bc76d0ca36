/* io_source.c - where a task that waits and the reactor's news meet.
 *
 * The task registers its waker and then looks again; the reactor adds the
 * news and then wakes. Whoever comes second sees the other one.
 *
 * News is added under the lock under which slots are freed: so it reaches the
 * source that it is for, or nobody. That matters, for a close is for good (N3),
 * and the next one in the slot would be ready for ever. A wake needs no such
 * care: one too many is harmless. */
#include "chapters/06_reactor/io_source.h"

#include "chapters/06_reactor/reactor.h"
#include "chapters/common/todo.h"

#include <unistd.h>

enum poll io_source_poll_ready(struct io_source *source,
                               enum io_direction direction, struct context *cx,
                               struct ready_event *ready)
{
    /* begin 6.3: Look; register the waker if there is nothing; look again. */
    *ready = readiness_look(&source->readiness, direction);
    if (ready->bits != 0)
        return POLL_READY;
    waker_cell_register(&source->wakers[direction], cx->waker);
    *ready = readiness_look(&source->readiness, direction);
    return ready->bits != 0 ? POLL_READY : POLL_PENDING;
    /* end 6.3: return POLL_PENDING; */
}

void io_source_clear(struct io_source *source, struct ready_event ready)
{
    readiness_clear(&source->readiness, ready);
}

void io_source_forget(struct io_source *source, enum io_direction direction)
{
    waker_cell_clear(&source->wakers[direction]);
}

/* Relaxed: it decides nothing that another thread could not undo at once. */
static uint32_t generation_of(const struct io_source *source)
{
    return atomic_load_explicit(&source->generation, memory_order_relaxed);
}

void io_source_report(struct io_source *source, uint16_t bits,
                      pthread_mutex_t *lock)
{
    /* begin 6.3: Keep the news, give back the lock, and wake whom the new bits
     * concern: the reader, the writer or both. The first wake may close the
     * source (I4): compare generation_of() it. */
    uint32_t generation = generation_of(source);

    bits = readiness_add(&source->readiness, bits);
    pthread_mutex_unlock(lock);
    if (bits & (READY_READ | READY_READ_CLOSED | READY_ERROR))
        waker_cell_wake(&source->wakers[IO_READ]);
    if (generation_of(source) != generation)
        return; /* the slot is free, or somebody else's */
    if (bits & (READY_WRITE | READY_WRITE_CLOSED | READY_ERROR))
        waker_cell_wake(&source->wakers[IO_WRITE]);
    /* end 6.3: (void)generation_of;
    pthread_mutex_unlock(lock); */
}

struct io_source *io_source_share(struct io_source *source)
{
    /* Relaxed: who shares is an owner, so the source cannot go away. */
    atomic_fetch_add_explicit(&source->owners, 1, memory_order_relaxed);
    return source;
}

void io_source_close(struct io_source *source)
{
    int descriptor = source->descriptor; /* while we are an owner */

    /* As in chapter 04's task_unref(): all uses come before the end. */
    if (atomic_fetch_sub_explicit(&source->owners, 1, memory_order_acq_rel) > 1)
        return;
    reactor_deregister(source->reactor, source);
    close(descriptor); /* whatever it says, the descriptor is gone: close(2) */
}
