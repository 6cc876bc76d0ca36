/* word_count.c - counts the words of files, a thread a file, awaited by one.
 *
 *     word_count FILE...
 *
 * Each thread delivers its count through a completion; the main thread
 * joins them all with one block_on(), and sleeps meanwhile. */
#include "chapters/02_future/join.h"
#include "chapters/03_waker/block_on.h"
#include "chapters/03_waker/completion.h"
#include "chapters/common/container_of.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct job {
    const char *path;
    pthread_t thread;
    struct completion done;
    struct completion_wait wait;
};

/* The number of words, or a negative errno. */
static int count_words(const char *path)
{
    FILE *file = fopen(path, "r");
    int words = 0;
    bool inside = false;

    if (file == NULL)
        return -errno;
    for (int c; (c = getc(file)) != EOF && words < INT_MAX;) {
        bool is_word = !isspace(c);

        words += is_word && !inside;
        inside = is_word;
    }
    int result = ferror(file) ? -EIO : words;

    fclose(file);
    return result;
}

static void *job_run(void *data)
{
    struct job *job = data;

    completion_set(&job->done, count_words(job->path));
    return NULL;
}

static void job_start(struct job *job, const char *path)
{
    job->path = path;
    completion_init(&job->done);
    completion_wait_init(&job->wait, &job->done);
    int error = pthread_create(&job->thread, NULL, job_run, job);

    if (error != 0) {
        fprintf(stderr, "no thread for %s: %s\n", path, strerror(error));
        exit(1);
    }
}

/* A join that block_on() can drive: its result is 0. */
struct all_jobs {
    struct int_future base;
    struct join join;
    int polls;
};

static enum poll all_jobs_poll(struct future *self, struct context *cx)
{
    struct all_jobs *all = container_of(self, struct all_jobs, base.base);

    all->polls++;
    return future_poll(&all->join.base, cx);
}

static void all_jobs_drop(struct future *self)
{
    struct all_jobs *all = container_of(self, struct all_jobs, base.base);

    future_drop(&all->join.base);
}

static void job_print(struct job *job)
{
    int result = job->wait.base.result;

    if (result < 0)
        printf("%8s  %s: %s\n", "-", job->path, strerror(-result));
    else
        printf("%8d  %s\n", result, job->path);
}

int main(int count, char **arguments)
{
    static const struct future_ops ops = {all_jobs_poll, all_jobs_drop};
    size_t files = count > 1 ? (size_t)count - 1 : 0;
    struct job *jobs = calloc(files + 1, sizeof *jobs);
    struct int_future **waits = calloc(files + 1, sizeof *waits);
    struct all_jobs all = {.base.base.ops = &ops};

    if (files == 0 || jobs == NULL || waits == NULL) {
        fprintf(stderr, "usage: word_count FILE...\n");
        return 2;
    }
    for (size_t i = 0; i < files; i++) {
        job_start(&jobs[i], arguments[i + 1]);
        waits[i] = &jobs[i].wait.base;
    }
    join_init(&all.join, waits, files);
    block_on(&all.base);
    for (size_t i = 0; i < files; i++) {
        pthread_join(jobs[i].thread, NULL);
        job_print(&jobs[i]);
        completion_end(&jobs[i].done);
    }
    printf("%zu files, %zu threads, %d polls\n", files, files, all.polls);
    free(waits);
    free(jobs);
    return 0;
}
