/* trace.h - what happened in a run, for the timeline picture.
 *
 *   T1  Off (the usual case), an event costs one load and one branch that
 *       is not taken. With -DTRACE_OFF it costs nothing at all.
 *   T2  The environment variable COURSE_TRACE names a file; if it is set
 *       when the program starts, events are recorded there, one line an
 *       event:  <nanoseconds> <thread> <kind> <subject> <other> <name>
 *       Names are cut after 31 bytes; none is written as `-`.
 *   T3  Any thread may record. Events of one thread stay in order.
 *   T4  A recording holds at most TRACE_LIMIT events; what comes after is
 *       counted and the count is the last line of the file.
 *   T5  The recording is written when the program ends, also by a crash or
 *       by SIGTERM; not by SIGKILL. */
#ifndef COMMON_TRACE_H
#define COMMON_TRACE_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    TRACE_LIMIT = 200000
};

enum trace_kind {
    TRACE_NAME,  /* subject, or this thread if NULL, is called `name` */
    TRACE_SPAWN, /* subject: the task (a waker's data); other: its future */
    TRACE_POLL,  /* subject: the future that is polled */
    TRACE_POLL_PENDING, /* the innermost poll of this thread ends: pending */
    TRACE_POLL_READY,   /* the innermost poll of this thread ends: ready */
    TRACE_WAKE,         /* subject: the waker's data, so the task */
    TRACE_PARK,         /* this thread goes to sleep; subject: its parker,
                         * name: the call in which it sleeps, if not that */
    TRACE_UNPARK,       /* this thread is awake again */
    TRACE_DROP,         /* subject: the future that is dropped */
    TRACE_BEGIN,        /* a named span of this thread: a call that blocks */
    TRACE_END,          /* the innermost span of this thread ends */
};

extern bool trace_is_on; /* set before main, then constant */

/* Records one event. `name` may be NULL and is copied. */
void trace_record(enum trace_kind kind, const void *subject, const void *other,
                  const char *name);

static inline void trace(enum trace_kind kind, const void *subject,
                         const void *other, const char *name)
{
#ifdef TRACE_OFF
    (void)kind, (void)subject, (void)other, (void)name;
#else
    if (__builtin_expect(trace_is_on, false))
        trace_record(kind, subject, other, name);
#endif
}

#ifdef __cplusplus
}
#endif

#endif
