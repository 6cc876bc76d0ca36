/* chrome.c - complete events ("X") for boxes, instants ("i") for marks, a
 * flow ("s" to "f") for a wake and the poll that answers it. Times are in
 * microseconds. */
#include "tools/timeline/chrome.h"

static void write_text(FILE *file, const char *text)
{
    fputc('"', file);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', file);
        fputc(*text, file); /* D2: no control characters */
    }
    fputc('"', file);
}

static void write_time(FILE *file, const char *key, unsigned long nanoseconds)
{
    fprintf(file, ",\"%s\":%lu.%03lu", key, nanoseconds / 1000,
            nanoseconds % 1000);
}

/* The part that every event has; the caller closes the brace. */
static void begin_event(FILE *file, const struct model *model,
                        const char *phase, const char *name, size_t lane,
                        size_t event)
{
    fprintf(file, ",\n{\"ph\":\"%s\",\"pid\":%d,\"tid\":%zu,\"name\":", phase,
            model->lanes[lane].is_thread ? 1 : 2, lane + 1);
    write_text(file, name);
    write_time(file, "ts", model->events[event].time);
}

static void write_names(FILE *file, const struct model *model)
{
    fputs("{\"ph\":\"M\",\"pid\":1,\"tid\":0,\"name\":\"process_name\","
          "\"args\":{\"name\":\"threads\"}},\n"
          "{\"ph\":\"M\",\"pid\":2,\"tid\":0,\"name\":\"process_name\","
          "\"args\":{\"name\":\"tasks\"}}",
          file);
    for (size_t i = 0; i < model->lane_count; i++) {
        fprintf(file,
                ",\n{\"ph\":\"M\",\"pid\":%d,\"tid\":%zu,"
                "\"name\":\"thread_name\",\"args\":{\"name\":",
                model->lanes[i].is_thread ? 1 : 2, i + 1);
        write_text(file, model->lanes[i].name);
        fputs("}}", file);
    }
}

static void write_box(FILE *file, const struct model *model,
                      const struct box *box)
{
    static const char *const results[] = {"pending", "ready",  "unfinished",
                                          "call",    "parked", "poll"};
    const char *name = box->label;

    if (name[0] == '\0')
        name = box->row > 0 || box->kind == BOX_PARK
                   ? results[box->kind]
                   : model->lanes[box->lane].name;
    begin_event(file, model, "X", name, box->lane, box->begin);
    write_time(file, "dur",
               model->events[box->end].time - model->events[box->begin].time);
    fprintf(file, ",\"cat\":\"%s\",\"args\":{\"result\":\"%s\"}}",
            results[box->kind], results[box->kind]);
}

static void write_wake(FILE *file, const struct model *model, size_t index)
{
    const struct wake *wake = &model->wakes[index];

    begin_event(file, model, "i", "wake", wake->from, wake->event);
    fputs(",\"s\":\"t\"}", file);
    if (wake->to == NOWHERE || wake->answer == NOWHERE)
        return;
    begin_event(file, model, "s", "wake", wake->from, wake->event);
    fprintf(file, ",\"cat\":\"wake\",\"id\":%zu}", index + 1);
    begin_event(file, model, "f", "wake", wake->to, wake->answer);
    fprintf(file, ",\"cat\":\"wake\",\"id\":%zu,\"bp\":\"e\"}", index + 1);
}

void chrome_write(FILE *file, const struct model *model)
{
    fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n", file);
    write_names(file, model);
    for (size_t i = 0; i < model->box_count; i++)
        write_box(file, model, &model->boxes[i]);
    for (size_t i = 0; i < model->wake_count; i++)
        write_wake(file, model, i);
    for (size_t i = 0; i < model->mark_count; i++) {
        const struct mark *mark = &model->marks[i];

        begin_event(file, model, "i",
                    mark->kind == TRACE_SPAWN ? "spawn" : "drop", mark->lane,
                    mark->event);
        fputs(",\"s\":\"t\"}", file);
    }
    fputs("\n]}\n", file);
}
