/* trace.c - a recording is an array of slots, filled by whoever is there.
 *
 * A thread takes the next slot with one atomic addition and has it to
 * itself. A slot is written once and published by its `kind`; the writer
 * at exit skips slots that a thread which still runs has not published.
 * The array comes from mmap, untouched pages cost nothing, and nothing
 * here calls malloc: gates count that. */
#include "chapters/common/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum {
    NAME_SIZE = 32,      /* makes a slot one cache line; longer names are cut */
    PATH_SIZE = 4096,    /* PATH_MAX */
    OUTPUT_SIZE = 16384, /* on the stack at exit: a few lines a write */
    LINE_SIZE = 160,     /* four numbers of 20 digits, a kind, a name */
};

struct slot {
    unsigned long nanoseconds;
    const void *subject;
    const void *other;
    unsigned thread;
    _Atomic int kind; /* 0: not published; else the kind + 1 */
    char name[NAME_SIZE];
};

_Static_assert(sizeof(struct slot) == 64, "one cache line");

bool trace_is_on;

static struct slot *slots;   /* TRACE_LIMIT of them */
static atomic_ulong taken;   /* slots handed out, and events lost */
static atomic_uint threads;  /* threads that have recorded something */
static char path[PATH_SIZE]; /* the environment may change until exit */
static pid_t owner;          /* a forked child writes nothing */
static unsigned long epoch;  /* when the program started */
static _Thread_local unsigned this_thread; /* from 1; 0: none yet */

static unsigned long now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (unsigned long)time.tv_sec * 1000000000ul +
           (unsigned long)time.tv_nsec;
}

static unsigned thread_number(void)
{
    if (this_thread == 0)
        this_thread =
            1 + atomic_fetch_add_explicit(&threads, 1, memory_order_relaxed);
    return this_thread;
}

void trace_record(enum trace_kind kind, const void *subject, const void *other,
                  const char *name)
{
    /* Relaxed: the slot's number is all that is agreed upon here. */
    unsigned long index =
        atomic_fetch_add_explicit(&taken, 1, memory_order_relaxed);

    if (slots == NULL || index >= TRACE_LIMIT)
        return;
    struct slot *slot = &slots[index];
    slot->nanoseconds = now() - epoch;
    slot->subject = subject;
    slot->other = other;
    slot->thread = thread_number();
    if (name != NULL)
        strncpy(slot->name, name, NAME_SIZE - 1);
    /* Pairs with the acquire in write_slots(): no half-written slot. */
    atomic_store_explicit(&slot->kind, (int)kind + 1, memory_order_release);
}

static void complain(const char *what)
{
    char text[PATH_SIZE + 128];
    int length = snprintf(text, sizeof text, "COURSE_TRACE: %s %s: %s\n", what,
                          path, strerror(errno));

    if (length > 0 && write(STDERR_FILENO, text, (size_t)length) < 0)
        return; /* nowhere to say it */
}

/* False if the file does not take it all. */
static bool write_all(int file, const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t written = write(file, bytes, count);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        count -= (size_t)written;
    }
    return true;
}

static int print_slot(char *line, const struct slot *slot, int kind)
{
    static const char *const kinds[] = {
        "name", "spawn",  "poll", "pending", "ready", "wake",
        "park", "unpark", "drop", "begin",   "end",
    };
    char name[NAME_SIZE];
    size_t i;

    for (i = 0; slot->name[i] != '\0'; i++) /* a name stays on its line */
        name[i] = (unsigned char)slot->name[i] < ' ' ? ' ' : slot->name[i];
    name[i] = '\0';
    return snprintf(line, LINE_SIZE, "%lu %u %s %#lx %#lx %s\n",
                    slot->nanoseconds, slot->thread, kinds[kind],
                    (unsigned long)slot->subject, (unsigned long)slot->other,
                    name[0] != '\0' ? name : "-");
}

static bool write_slots(int file, unsigned long count)
{
    char output[OUTPUT_SIZE];
    size_t used = 0;

    for (unsigned long i = 0; i < count; i++) {
        int kind = atomic_load_explicit(&slots[i].kind, memory_order_acquire);

        if (kind == 0)
            continue; /* a thread is just writing it */
        used += (size_t)print_slot(output + used, &slots[i], kind - 1);
        if (used > OUTPUT_SIZE - LINE_SIZE) {
            if (!write_all(file, output, used))
                return false;
            used = 0;
        }
    }
    return write_all(file, output, used);
}

/* T4: always the last line, so that a cut-off file can be told. */
static bool write_lost(int file, unsigned long lost)
{
    char line[64];
    int length = snprintf(line, sizeof line, "lost %lu\n", lost);

    return write_all(file, line, (size_t)length);
}

__attribute__((destructor)) static void trace_write(void)
{
    if (!trace_is_on || getpid() != owner)
        return;
    unsigned long count = atomic_load_explicit(&taken, memory_order_relaxed);
    unsigned long kept = count < TRACE_LIMIT ? count : TRACE_LIMIT;
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    if (file < 0) {
        complain("cannot open");
        return;
    }
    if (!write_slots(file, kept) || !write_lost(file, count - kept))
        complain("cannot write");
    close(file);
}

/* A run that crashes, panics or is told to end is the one to look at: write
 * what there is, then end as it would have. Where this happens inside a
 * library call, the worst case is a recording that breaks off. */
static void trace_write_and_end(int signal_)
{
    signal(signal_, SIG_DFL);
    trace_write();
    raise(signal_);
}

static void handle_ends(void)
{
    static const int ends[] = {SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGTERM};

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        signal(ends[i], trace_write_and_end);
}

__attribute__((constructor)) static void trace_start(void)
{
    const char *wanted = getenv("COURSE_TRACE");

    if (wanted == NULL || wanted[0] == '\0' || strlen(wanted) >= PATH_SIZE)
        return;
    strcpy(path, wanted);
    slots = mmap(NULL, TRACE_LIMIT * sizeof *slots, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (slots == MAP_FAILED) {
        slots = NULL;
        complain("no memory for");
        return;
    }
    owner = getpid();
    epoch = now();
    thread_number(); /* main is thread 1 */
    handle_ends();
    trace_is_on = true;
}
