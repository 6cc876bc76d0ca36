/* panic.c - one message, one abort. The line is put together on the stack
 * and written at once, so that two panicking threads do not mix. */
#include "chapters/common/panic.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static _Thread_local const char *panicking;

const char *panic_name(const char *name)
{
    const char *before = panicking;

    panicking = name;
    return before;
}

/* The message up to its text; its length. */
static int panic_head(char *text, size_t size, const char *file, int line)
{
    const char *in = panicking != NULL ? " in " : "";
    const char *name = panicking != NULL ? panicking : "";
    int length =
        snprintf(text, size, "panic at %s:%d%s%.64s: ", file, line, in, name);

    return length < 0 || length > 300 ? 0 : length;
}

void panic_at(const char *file, int line, const char *format, ...)
{
    char text[512];
    int length = panic_head(text, sizeof text, file, line);
    va_list arguments;

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
