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
    /* begin 1.6 */
    char *start = buffer->bytes + buffer->taken;
    size_t rest = buffer->length - buffer->taken;
    char *newline = memchr(start, '\n', rest);
    size_t length = newline != NULL ? (size_t)(newline - start) : rest;
    char *zero = memchr(start, '\0', length);

    if (zero != NULL)
        length = (size_t)(zero - start); /* was it too long before? (I4) */
    if (length > 0 && start[length - 1] == '\r')
        length--; /* of \r\n; or a \r whose \n is still to come */
    if (length > LINE_LIMIT)
        return -EMSGSIZE;
    if (zero != NULL)
        return -EBADMSG;
    if (newline == NULL)
        return 0;
    start[length] = '\0';
    buffer->taken += (size_t)(newline - start) + 1;
    *line = start;
    return 1;
    /* end 1.6: return -ENOSYS; */
}
