/* panic.c - one message, one abort. The line is put together on the stack
 * and written at once, so that two panicking threads do not mix. */
#include "chapters/common/panic.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void panic_at(const char *file, int line, const char *format, ...)
{
    char text[512];
    int length = snprintf(text, sizeof text, "panic at %s:%d: ", file, line);
    va_list arguments;

    if (length < 0 || length > 300)
        length = 0;
    va_start(arguments, format);
    int more = vsnprintf(text + length, sizeof text - (size_t)length - 1,
                         format, arguments);
    va_end(arguments);
    if (more > 0)
        length += more;
    if (length > (int)sizeof text - 2)
        length = (int)sizeof text - 2;
    text[length++] = '\n';
    if (write(STDERR_FILENO, text, (size_t)length) < 0)
        abort(); /* nowhere to say it: the core file has to do */
    abort();
}
