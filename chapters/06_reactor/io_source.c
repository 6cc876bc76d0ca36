/* io_source.c - where a task that waits and the reactor's news meet.
 *
 * The task registers its waker and then looks again; the reactor adds the
 * news and then wakes. Whoever comes second sees the other one. */
#include "chapters/06_reactor/io_source.h"

#include "chapters/06_reactor/reactor.h"
#include "chapters/common/todo.h"

#include <unistd.h>

enum poll io_source_poll_ready(struct io_source *source,
                               enum io_direction direction, struct context *cx,
                               struct ready *ready)
{
    /* TODO(6.3): Look; register the waker if there is nothing; look again. */
    TODO(6.3);
    return POLL_PENDING;
}

void io_source_clear(struct io_source *source, struct ready ready)
{
    readiness_clear(&source->readiness, ready);
}

void io_source_forget(struct io_source *source, enum io_direction direction)
{
    waker_cell_clear(&source->wakers[direction]);
}

void io_source_report(struct io_source *source, uint16_t bits)
{
    /* TODO(6.3): Keep the news, then wake whom it concerns: the reader, the
     * writer or both. The first wake may close the source (I4). */
    TODO(6.3);
}

struct io_source *io_source_share(struct io_source *source)
{
    source->owners++;
    return source;
}

void io_source_close(struct io_source *source)
{
    int descriptor = source->descriptor;

    if (--source->owners > 0)
        return;
    reactor_deregister(source->reactor, source);
    close(descriptor); /* whatever it says, the descriptor is gone: close(2) */
}
