/* inside.h - is this thread inside a run of tasks?
 *
 * Whoever polls in a loop of its own (block_on, an executor) says so. Such
 * a loop inside a task would stop the loop around it, and with it perhaps
 * the very task it waits for: a deadlock, and often one that comes rarely.
 * So it is a panic, always and at once.
 *
 * Ambient, one for each thread, since code deep inside a poll cannot know
 * who polls. Rust: Tokio's runtime::context::enter_runtime. */
#ifndef COMMON_INSIDE_H
#define COMMON_INSIDE_H

#ifdef __cplusplus
extern "C" {
#endif

/* A loop begins on this thread; panics if there is one around it. `what` is
 * its name, for the message. Counterpart: inside_end(). */
void inside_begin(const char *what);
void inside_end(void);

#ifdef __cplusplus
}
#endif

#endif
