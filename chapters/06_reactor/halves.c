/* halves.c - two owners of one source. */
#include "chapters/06_reactor/halves.h"

#include "chapters/common/todo.h"

void socket_split(struct socket *whole, struct read_half *reader,
                  struct write_half *writer)
{
    /* TODO(6.10): one source, two owners; nothing is left in the whole */
    TODO(6.10);
    reader->socket.source = NULL;
    writer->socket.source = NULL;
}

void read_half_close(struct read_half *half)
{
    socket_close(&half->socket);
}

void write_half_close(struct write_half *half)
{
    /* TODO(6.10): the peer is to read the end now, whatever the other half
     * does (V2) */
    TODO(6.10);
    socket_close(&half->socket);
}
