/* log.c - a write that would wait is a line that is lost.
 *
 * Whether a write waits is a property of the open file description, which a
 * shell, its pipeline and all of their programs share. So this is the way
 * around: a description of our own for the same pipe or terminal. */
#include "chapters/common/log.h"

#include "chapters/common/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* Signals that a write may raise: nobody reads; a limit on files; a terminal
 * that stops background jobs which write (stty tostop). Each is an error, or
 * nothing, while it is blocked. */
static const int raised[] = {SIGPIPE, SIGXFSZ, SIGTTOU};

enum {
    RAISED = sizeof raised / sizeof *raised
};

static int open_anew(int descriptor)
{
    char name[64];

    snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
    return open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

void log_start(struct log *log, int descriptor)
{
    struct stat status;
    int is_pipe = 0, own = -1;

    *log = (struct log){.descriptor = descriptor, .way = LOG_PLAIN};
    pthread_mutex_init(&log->lock, NULL);
    if (fstat(descriptor, &status) == 0)
        is_pipe = S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode);
    if (!is_pipe && !isatty(descriptor))
        return;
    own = open_anew(descriptor); /* of a socket: ENXIO */
    log->way = own >= 0 ? LOG_OWN : LOG_ASKING;
    if (own >= 0)
        log->descriptor = own;
}

void log_end(struct log *log)
{
    if (log->way == LOG_OWN)
        close(log->descriptor);
    pthread_mutex_destroy(&log->lock);
}

/* poll() knows of room for something. A pipe takes PIPE_BUF bytes then; a
 * terminal that is nearly full takes the first few and waits with the rest. */
static ssize_t write_polled(int descriptor, const char *text, size_t size)
{
    struct pollfd writable = {.fd = descriptor, .events = POLLOUT};
    size_t piece = isatty(descriptor) ? 1 : size, done = 0;

    while (done < size && poll(&writable, 1, 0) == 1) {
        ssize_t written = write(descriptor, text + done, piece);

        if (written <= 0)
            break;
        done += (size_t)written;
    }
    return done > 0 ? (ssize_t)done : -1;
}

/* One write that does not wait: sockets can do that, and pipes from Linux 6.5
 * on. */
static ssize_t write_if_room(int descriptor, const char *text, size_t size)
{
    struct iovec bytes = {(char *)text, size};
    ssize_t written = pwritev2(descriptor, &bytes, 1, -1, RWF_NOWAIT);

    if (written >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS))
        return written;
    return write_polled(descriptor, text, size);
}

static ssize_t write_once(struct log *log, const char *text, size_t size)
{
    ssize_t written;

    do
        written = log->way == LOG_ASKING
                      ? write_if_room(log->descriptor, text, size)
                      : write(log->descriptor, text, size);
    while (written < 0 && errno == EINTR);
    return written;
}

/* What was pending before stays pending; what the write has raised is taken
 * back. */
static ssize_t write_unsignalled(struct log *log, const char *text, size_t size)
{
    sigset_t mine, before, pending;
    struct timespec at_once = {0};

    sigemptyset(&mine);
    for (int i = 0; i < RAISED; i++)
        sigaddset(&mine, raised[i]);
    pthread_sigmask(SIG_BLOCK, &mine, &before);
    sigpending(&pending);
    for (int i = 0; i < RAISED; i++)
        if (sigismember(&pending, raised[i]))
            sigdelset(&mine, raised[i]);
    ssize_t written = write_once(log, text, size);

    while (sigtimedwait(&mine, NULL, &at_once) > 0)
        continue;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return written;
}

/* A terminal may take a part of a line. Then the next one begins on a line of
 * its own. */
static void log_write(struct log *log, const char *line, size_t size)
{
    char text[LOG_LIMIT + 64];
    int head = log->is_cut ? snprintf(text, sizeof text, "\n") : 0;

    if (log->lost > 0)
        head += snprintf(text + head, sizeof text - (size_t)head,
                         "(lines lost: %lu)\n", log->lost);
    memcpy(text + head, line, size);
    size += (size_t)head;
    ssize_t written = write_unsignalled(log, text, size);

    if (written == (ssize_t)size)
        log->lost = 0;
    else
        log->lost++;
    if (written > 0)
        log->is_cut = written < (ssize_t)size;
}

static void make_harmless(char *text, size_t size)
{
    for (size_t at; (at = text_find_control(text, size)) < size;)
        text[at] = '?';
}

void log_line(struct log *log, const char *format, ...)
{
    char line[LOG_LIMIT + 1]; /* the newline takes the place of the NUL */
    va_list arguments;
    int saved = errno;

    va_start(arguments, format);
    int length = vsnprintf(line, LOG_LIMIT, format, arguments);
    va_end(arguments);
    if (length < 0)
        line[0] = '\0';
    size_t size = strlen(line);

    make_harmless(line, size);
    line[size] = '\n';
    pthread_mutex_lock(&log->lock);
    log_write(log, line, size + 1);
    pthread_mutex_unlock(&log->lock);
    errno = saved;
}

static void do_nothing(int signal)
{
    (void)signal;
}

void survive_broken_pipes(void)
{
    struct sigaction action = {.sa_handler = do_nothing,
                               .sa_flags = SA_RESTART};

    sigaction(SIGPIPE, &action, NULL);
}
