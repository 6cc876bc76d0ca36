/* lock_report.c - a mutex leads to who has it, and that one to the mutex that
 * it waits for: whoever comes back to where he started has found a circle. */
#include "chapters/09_mutex/lock_report.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <stdarg.h>
#include <stdio.h>

struct lock_set {
    struct mutex *const *mutexes;
    size_t count;
};

/* Who has a mutex, or was given it. */
struct owner {
    const char *who; /* NULL: nobody */
    uintptr_t task;
    bool has_taken;
};

struct writer {
    char *text;
    size_t size;
    size_t length;
};

__attribute__((format(printf, 2, 3))) static void say(struct writer *writer,
                                                      const char *format, ...)
{
    size_t room = writer->size - writer->length;
    va_list arguments;

    if (room <= 1)
        return;
    va_start(arguments, format);
    int length =
        vsnprintf(writer->text + writer->length, room, format, arguments);

    va_end(arguments);
    if (length > 0)
        writer->length += (size_t)length < room ? (size_t)length : room - 1;
}

/* A lock that has been polled, and was given the mutex since. Lock held. */
static bool was_given(const struct mutex_lock *lock)
{
    return lock->acquire.held == lock->acquire.count;
}

static struct mutex_lock *noted_lock(struct list *link)
{
    return container_of(link, struct mutex_lock, noted);
}

/* Nobody, who is inside, or who was given the mutex and is not yet. Lock held.
 */
static struct owner owner_of(struct mutex *mutex)
{
    struct owner owner = {NULL, 0, true};
    struct list *link;

    /* begin 9.8: the holder if there is one; else one of the pending locks may
     * have been given it (D2) */
    owner.who = atomic_load_explicit(&mutex->holder, memory_order_relaxed);
    owner.task =
        atomic_load_explicit(&mutex->holder_task, memory_order_relaxed);
    if (owner.who != NULL)
        return owner;
    list_for_each (link, &mutex->pending) {
        struct mutex_lock *lock = noted_lock(link);

        if (was_given(lock))
            return (struct owner){lock->who, lock->task, false};
    }
    /* end 9.8: (void)mutex, (void)link, (void)noted_lock, (void)was_given; */
    return owner;
}

static struct owner find_owner(struct mutex *mutex)
{
    pthread_mutex_lock(&mutex->semaphore.lock);
    struct owner owner = owner_of(mutex);

    pthread_mutex_unlock(&mutex->semaphore.lock);
    return owner;
}

/* Does this task wait for the mutex? */
static bool is_awaited(struct mutex *mutex, uintptr_t task)
{
    struct list *link;
    bool found = false;

    pthread_mutex_lock(&mutex->semaphore.lock);
    /* begin 9.8: is one of the pending locks its, and waits still? */
    list_for_each (link, &mutex->pending) {
        struct mutex_lock *lock = noted_lock(link);

        found = found || (lock->task == task && !was_given(lock));
    }
    /* end 9.8: (void)link, (void)task; */
    pthread_mutex_unlock(&mutex->semaphore.lock);
    return found;
}

/* The mutex for which the owner of this one waits, or NULL. */
static struct mutex *next_mutex(const struct lock_set *set, struct mutex *mutex)
{
    /* begin 9.8: nobody, and a task that is not known, wait for none */
    struct owner owner = find_owner(mutex);

    if (owner.who == NULL || owner.task == 0)
        return NULL;
    for (size_t i = 0; i < set->count; i++)
        if (is_awaited(set->mutexes[i], owner.task))
            return set->mutexes[i];
    /* end 9.8: (void)set, (void)mutex, (void)find_owner, (void)is_awaited; */
    return NULL;
}

/* How many mutexes are in the circle that starts here; 0: it is none. */
static size_t circle_from(const struct lock_set *set, struct mutex *start)
{
    /* begin 9.8: go on until you are back, or at an end, or have seen as many
     * as there are */
    struct mutex *mutex = start;

    for (size_t length = 1; length <= set->count; length++) {
        mutex = next_mutex(set, mutex);
        if (mutex == NULL)
            return 0;
        if (mutex == start)
            return length;
    }
    /* end 9.8: (void)set, (void)start, (void)next_mutex; */
    return 0;
}

/* ----------------------------------------------------------------- in words */

/* "left: ann has it; bob, eve wait" */
static void say_mutex(struct writer *writer, struct mutex *mutex)
{
    struct list *link;
    size_t waiting = 0;

    pthread_mutex_lock(&mutex->semaphore.lock);
    struct owner owner = owner_of(mutex);

    if (owner.who != NULL || !list_is_empty(&mutex->pending))
        say(writer, "%s: ", mutex->name);
    if (owner.who != NULL)
        say(writer,
            owner.has_taken ? "%s has it"
                            : "given to %s, who has not been polled since",
            owner.who);
    list_for_each (link, &mutex->pending) {
        if (was_given(noted_lock(link)))
            continue;
        say(writer, "%s%s",
            waiting++ > 0 ? ", "
            : owner.who   ? "; "
                          : "",
            noted_lock(link)->who);
    }
    if (waiting > 0)
        say(writer, waiting == 1 ? " waits" : " wait");
    if (owner.who != NULL || !list_is_empty(&mutex->pending))
        say(writer, "\n");
    pthread_mutex_unlock(&mutex->semaphore.lock);
}

/* "ann has left and waits for right; bob has right and waits for left: nobody
 * can go on" */
static void say_circle(struct writer *writer, const struct lock_set *set,
                       struct mutex *start, size_t length)
{
    struct mutex *mutex = start;

    for (size_t i = 0; i < length; i++) {
        struct mutex *next = next_mutex(set, mutex);

        if (next == NULL)
            return; /* it runs on, while we look */
        say(writer, "%s%s has %s and waits for %s", i > 0 ? "; " : "",
            find_owner(mutex).who, mutex->name, next->name);
        mutex = next;
    }
    say(writer, ": nobody can go on\n");
}

size_t lock_report(struct mutex *const *mutexes, size_t count, char *text,
                   size_t size)
{
    struct lock_set set = {mutexes, count};
    struct writer writer = {text, size, 0};
    size_t length = 0;

    if (size > 0)
        text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        say_mutex(&writer, mutexes[i]);
    /* begin 9.8: the first circle that there is, in words (D3) */
    for (size_t i = 0; i < count && length == 0; i++) {
        length = circle_from(&set, mutexes[i]);
        if (length > 0)
            say_circle(&writer, &set, mutexes[i], length);
    }
    /* end 9.8: (void)set, (void)circle_from, (void)say_circle; */
    return length;
}
