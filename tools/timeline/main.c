/* timeline - draws a recorded run.
 *
 *   timeline RECORDING [--svg=FILE] [--json=FILE] [--title=TEXT]
 *            [--events=N]
 *
 * RECORDING is what a program wrote because COURSE_TRACE named that file;
 * `-` reads standard input. The picture shows the first N events (400), the
 * JSON the first JSON_LIMIT. Exits with 1 if there was nothing to draw or a
 * file could not be written, with 2 on a wrong command line. */
#include "tools/timeline/chrome.h"
#include "tools/timeline/picture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    JSON_LIMIT = 50000 /* the model takes time with the square of it */
};

struct wishes {
    const char *recording;
    const char *svg;
    const char *json;
    const char *title;
    size_t events;
};

static const char *value_of(const char *argument, const char *key)
{
    size_t length = strlen(key);

    return strncmp(argument, key, length) == 0 ? argument + length : NULL;
}

static bool take_argument(struct wishes *wishes, const char *argument)
{
    const char *value;

    if ((value = value_of(argument, "--svg=")) != NULL)
        wishes->svg = value;
    else if ((value = value_of(argument, "--json=")) != NULL)
        wishes->json = value;
    else if ((value = value_of(argument, "--title=")) != NULL)
        wishes->title = value;
    else if ((value = value_of(argument, "--events=")) != NULL)
        wishes->events = strtoul(value, NULL, 10);
    else if (wishes->recording == NULL && strncmp(argument, "--", 2) != 0)
        wishes->recording = argument;
    else
        return false;
    return true;
}

static bool take_arguments(struct wishes *wishes, int count, char **arguments)
{
    for (int i = 1; i < count; i++)
        if (!take_argument(wishes, arguments[i]))
            return false;
    return wishes->recording != NULL && wishes->events > 0;
}

static int complain(const char *name, int error)
{
    fprintf(stderr, "timeline: %s: %s\n", name, strerror(error));
    return 1;
}

static int close_output(FILE *file, const char *name)
{
    bool is_bad = ferror(file) != 0;

    errno = 0;
    if (fclose(file) != 0 || is_bad)
        return complain(name, errno != 0 ? errno : EIO);
    return 0;
}

static const char *note(char *text, size_t size,
                        const struct recording *recording, size_t shown)
{
    if (shown < recording->count)
        snprintf(text, size, "The first %zu of %zu events.", shown,
                 recording->count);
    else if (recording->lost > 0)
        snprintf(text, size, "%lu more events were not recorded.",
                 recording->lost);
    else if (!recording->is_whole)
        snprintf(text, size, "The recording breaks off here.");
    else
        return NULL;
    return text;
}

static int draw(const struct recording *recording, const struct wishes *wishes)
{
    size_t shown =
        recording->count < wishes->events ? recording->count : wishes->events;
    struct model model;
    struct scale scale;
    char text[96];

    if (model_make(&model, recording, shown) != 0)
        return complain("model", ENOMEM);
    int result = scale_make(&scale, &model, picture_room(&model));
    FILE *file = result == 0 ? fopen(wishes->svg, "w") : NULL;
    if (file == NULL) {
        result = complain(wishes->svg, result != 0 ? -result : errno);
    } else {
        picture_write(file, &model, &scale, wishes->title,
                      note(text, sizeof text, recording, shown));
        result = close_output(file, wishes->svg);
    }
    if (model.unmatched > 0)
        fprintf(stderr, "timeline: %zu ends without a beginning, ignored\n",
                model.unmatched);
    scale_free(&scale);
    model_free(&model);
    return result;
}

static int export_json(const struct recording *recording, const char *name)
{
    size_t count =
        recording->count < JSON_LIMIT ? recording->count : JSON_LIMIT;
    struct model model;

    if (model_make(&model, recording, count) != 0)
        return complain("model", ENOMEM);
    FILE *file = fopen(name, "w");
    int result = 0;
    if (file == NULL) {
        result = complain(name, errno);
    } else {
        chrome_write(file, &model);
        result = close_output(file, name);
    }
    model_free(&model);
    return result;
}

static int read_recording(struct recording *recording, const char *name)
{
    FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "r");

    if (file == NULL)
        return complain(name, errno);
    int error = recording_read(recording, file);
    bool is_bad = ferror(file) != 0;
    if (file != stdin)
        fclose(file);
    if (error != 0 || is_bad)
        return complain(name, error != 0 ? -error : EIO);
    if (recording->bad_lines > 0 && recording->count > 0)
        fprintf(stderr,
                "timeline: %s: %zu lines are no events, from line "
                "%zu on; skipped\n",
                name, recording->bad_lines, recording->first_bad);
    if (recording->count > 0)
        return 0;
    fprintf(stderr, "timeline: %s: no events in it\n", name);
    return 1;
}

int main(int count, char **arguments)
{
    struct wishes wishes = {.title = "A run", .events = 400};
    struct recording recording = {0};
    int result = 0;

    if (!take_arguments(&wishes, count, arguments)) {
        fputs("usage: timeline RECORDING [--svg=FILE] [--json=FILE] "
              "[--title=TEXT] [--events=N]\n",
              stderr);
        return 2;
    }
    result = read_recording(&recording, wishes.recording);
    if (result == 0 && wishes.svg != NULL)
        result = draw(&recording, &wishes);
    if (result == 0 && wishes.json != NULL)
        result = export_json(&recording, wishes.json);
    recording_free(&recording);
    return result;
}
