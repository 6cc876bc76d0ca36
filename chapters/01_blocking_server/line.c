/* line.c - a buffer that is cut at each newline.
 *
 * [ taken lines | what has arrived and is no line yet | room ]
 *   0..taken      taken..length                         length..
 *
 * Taking a line moves nothing; the next call for room moves what is left
 * to the front, once. */
#include "chapters/01_blocking_server/line.h"

#include "chapters/common/todo.h"

#include <errno.h>
#include <string.h>

void line_buffer_init(struct line_buffer *buffer)
{
    buffer->length = 0;
    buffer->taken = 0;
}

char *line_buffer_space(struct line_buffer *buffer, size_t *size)
{
    buffer->length -= buffer->taken;
    memmove(buffer->bytes, buffer->bytes + buffer->taken, buffer->length);
    buffer->taken = 0;
    *size = sizeof buffer->bytes - buffer->length;
    return buffer->bytes + buffer->length;
}

void line_buffer_fill(struct line_buffer *buffer, size_t size)
{
    buffer->length += size;
}

int line_buffer_next(struct line_buffer *buffer, char **line)
{
    /* TODO(1.6): Find the next newline; give the line without it, or say
     * that there is none yet, or that it is too long. */
    TODO(1.6);
    return -ENOSYS;
}
