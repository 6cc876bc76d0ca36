/* recording.c - a line is an event, the last line, or not understood. */
#include "tools/timeline/recording.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {
    "name", "spawn",  "poll", "pending", "ready", "wake",
    "park", "unpark", "drop", "begin",   "end",
};

enum {
    KINDS = sizeof kinds / sizeof *kinds
};

static int kind_of(const char *word)
{
    for (int kind = 0; kind < KINDS; kind++)
        if (strcmp(word, kinds[kind]) == 0)
            return kind;
    return -1;
}

/* How many bytes the UTF-8 character at `text` has; 0 if it is none. */
static size_t character_size(const unsigned char *text)
{
    size_t size = text[0] < 0x80   ? 1
                  : text[0] < 0xc2 ? 0
                  : text[0] < 0xe0 ? 2
                  : text[0] < 0xf0 ? 3
                  : text[0] < 0xf5 ? 4
                                   : 0;

    for (size_t i = 1; i < size; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    if ((text[0] == 0xe0 && text[1] < 0xa0) ||
        (text[0] == 0xed && text[1] > 0x9f) ||
        (text[0] == 0xf0 && text[1] < 0x90) ||
        (text[0] == 0xf4 && text[1] > 0x8f) ||
        (text[0] == 0xef && text[1] == 0xbf && text[2] > 0xbd))
        return 0; /* overlong, surrogate, out of range, or not for XML */
    return size;
}

static void copy_name(char *name, const char *text)
{
    size_t used = 0;

    while (*text == ' ')
        text++;
    if (strcmp(text, "-") == 0)
        text = "";
    while (*text != '\0' && used < NAME_SIZE - 1) {
        size_t size = character_size((const unsigned char *)text);

        if (size == 0 || (size == 1 && (*text < ' ' || *text == 127))) {
            name[used++] = '?'; /* half a character, or a control one */
            text++;
            continue;
        }
        if (used + size > NAME_SIZE - 1)
            break;
        memcpy(name + used, text, size);
        used += size;
        text += size;
    }
    name[used] = '\0';
}

static bool parse_event(struct event *event, const char *line)
{
    const unsigned long year = 31536000000000000ul;
    char word[16];
    int used = 0;
    int fields;

    if (line[0] < '0' || line[0] > '9')
        return false;
    fields =
        sscanf(line, "%20lu %9u %15s %18lx %18lx%n", &event->time,
               &event->thread, word, &event->subject, &event->other, &used);
    int kind = fields == 5 ? kind_of(word) : -1;

    if (kind < 0 || used == 0 || event->time > year)
        return false;
    if (line[used] != ' ' && line[used] != '\0')
        return false;
    event->kind = (enum trace_kind)kind;
    copy_name(event->name, line + used);
    return true;
}

static bool parse_last(struct recording *recording, const char *line)
{
    int used = 0;

    return line[0] == 'l' &&
           sscanf(line, "lost %18lu%n", &recording->lost, &used) == 1 &&
           line[used] == '\0';
}

static int compare_events(const void *left, const void *right)
{
    const struct event *a = left, *b = right;

    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return a->line < b->line ? -1 : a->line > b->line;
}

static bool make_room(struct recording *recording, size_t *room)
{
    if (recording->count < *room)
        return true;
    size_t wanted = *room != 0 ? 2 * *room : 256;
    struct event *more =
        realloc(recording->events, wanted * sizeof *recording->events);

    if (more == NULL)
        return false;
    recording->events = more;
    *room = wanted;
    return true;
}

static void take_line(struct recording *recording, const char *text,
                      size_t line)
{
    struct event *event = &recording->events[recording->count];

    recording->is_whole = parse_last(recording, text);
    if (recording->is_whole)
        return;
    event->line = line;
    if (parse_event(event, text)) {
        recording->count++;
        return;
    }
    if (recording->bad_lines++ == 0)
        recording->first_bad = line;
}

int recording_read(struct recording *recording, FILE *file)
{
    char *text = NULL;
    size_t text_room = 0, room = 0, line = 0;
    ssize_t length;
    int result = 0;

    memset(recording, 0, sizeof *recording);
    while (recording->count < EVENTS_LIMIT &&
           (length = getline(&text, &text_room, file)) > 0) {
        if (!make_room(recording, &room)) {
            result = -ENOMEM;
            break;
        }
        if (text[length - 1] == '\n')
            text[length - 1] = '\0';
        take_line(recording, text, ++line);
    }
    free(text);
    if (recording->count > 0)
        qsort(recording->events, recording->count, sizeof *recording->events,
              compare_events);
    return result;
}

void recording_free(struct recording *recording)
{
    free(recording->events);
    recording->events = NULL;
}
