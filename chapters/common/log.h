/* log.h - a line for whoever watches a server, at the cost of nobody.
 *
 *   K1  log_line() never waits for a reader: not for a terminal that is
 *       stopped (Ctrl-S), not for a pipe that nobody reads.
 *   K2  A line is one write: of several writers at a time no line mixes with
 *       another. A longer one than LOG_LIMIT bytes is cut.
 *   K3  A line that finds no room is lost and counted. The next line that
 *       finds room comes with the count before it: "(lines lost: 3)".
 *   K4  A reader that is gone ends nothing: the line is lost, and no SIGPIPE
 *       arrives, whatever the program does about that signal.
 *   K5  The descriptor stays as it was. Its flags are shared with every other
 *       program that has it: O_NONBLOCK there would make their writes fail.
 *   K6  A control character in a line is written as '?': what a peer said
 *       cannot clear the screen of whoever watches.
 *
 * K1 rests on a description of the log's own (open(2) on /proc/self/fd), and
 * so it needs one descriptor, from its start to its end: there may be none
 * left when there is most to tell. What cannot be opened anew (a socket; no
 * /proc; another user's terminal) is written to with RWF_NOWAIT or, where that
 * is not to be had, after poll(2) has told of room. Of these three only the
 * last may wait, and only if another program takes that room at that moment.
 *
 * Any thread may call log_line(); its lock is held for one write that does not
 * wait. Start and end belong to one thread.
 *
 *      struct log log;
 *
 *      log_start(&log, STDERR_FILENO);
 *      log_line(&log, "a connection ended: %s", strerror(-error));
 *      log_end(&log);
 *
 * Rust: tracing_appender::non_blocking, which is lossy by default, too. */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include <pthread.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    LOG_LIMIT = 1024 /* bytes of a line; with the count it fits PIPE_BUF */
};

enum log_way {
    LOG_PLAIN, /* a file: nobody has to read it */
    LOG_OWN,   /* a pipe or terminal, opened anew with O_NONBLOCK */
    LOG_ASKING /* any other: asked for room before each write */
};

struct log {
    int descriptor;
    enum log_way way;

    pthread_mutex_t lock;
    unsigned long lost; /* lines, since the last that was written */
    int is_cut;         /* the last one was written in part: a terminal */
};

/* The descriptor is borrowed, or opened anew (LOG_OWN). It never fails: a
 * descriptor that is none loses every line. */
void log_start(struct log *log, int descriptor);
void log_end(struct log *log);

/* One line; the newline is added. */
__attribute__((format(printf, 2, 3))) void log_line(struct log *log,
                                                    const char *format, ...);

/* From here on a write to a pipe or socket without a reader is EPIPE, and not
 * the end of the process. SIGPIPE is caught, not ignored: what is ignored
 * stays so in every program that this one starts, where `cat | head -1` would
 * then run on and on; what is caught does not (execve(2)). */
void survive_broken_pipes(void);

#ifdef __cplusplus
}
#endif

#endif
