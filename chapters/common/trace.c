#include "chapters/common/trace.h"

bool trace_is_on;

void trace_record(enum trace_kind kind, const void *subject, const void *other,
                  const char *name)
{
    (void)kind, (void)subject, (void)other, (void)name;
}
