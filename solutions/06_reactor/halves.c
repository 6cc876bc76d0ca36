/* halves.c - two owners of one source. */
#include "chapters/06_reactor/halves.h"

#include "chapters/common/todo.h"

void socket_split(struct socket *whole, struct read_half *reader,
                  struct write_half *writer)
{
    /* begin 6.10: one source, two owners; nothing is left in the whole */
    reader->socket = *whole;
    writer->socket.source = io_source_share(whole->source);
    whole->source = NULL;
    /* end 6.10: reader->socket.source = NULL;
    writer->socket.source = NULL; */
}

void read_half_close(struct read_half *half)
{
    socket_close(&half->socket);
}

void write_half_close(struct write_half *half)
{
    /* begin 6.10: the peer is to read the end now, whatever the other half
     * does (V2) */
    /* An error here means that the peer knows already. */
    if (half->socket.source != NULL)
        (void)socket_shutdown(&half->socket);
    /* end 6.10 */
    socket_close(&half->socket);
}
