/* inside.c - one pointer a thread: the name of the loop that polls. */
#include "chapters/common/inside.h"

#include "chapters/common/panic.h"

#include <stddef.h>

static _Thread_local const char *inside;

void inside_begin(const char *what)
{
    if (inside != NULL)
        panic("%s inside a task of %s: the thread would wait for itself", what,
              inside);
    inside = what;
}

void inside_end(void)
{
    inside = NULL;
}
