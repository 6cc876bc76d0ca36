/* picture.c - draws from the back to the front: stripes of the lanes, life
 * lines, boxes, wakes, marks, texts.
 *
 * The colours are those of Okabe and Ito, which the colour-blind can tell
 * apart; every box that has room says its result in words, too. */
#include "tools/timeline/picture.h"

#include <stdlib.h>
#include <string.h>

enum {
    PAGE = 1280,
    MARGIN = 16,
    ROW = 34,        /* a row of boxes */
    BOX = 30,        /* a box in it */
    LANE_TOP = 22,   /* above the first row: wakes to oneself */
    LANE_BOTTOM = 8, /* below the last */
    HEAD = 108,      /* title, axis and gaps */
    LEGEND_ROW = 32,
    TICK_ROOM = 20 /* between two texts on the axis */
};

#define LEGEND_RECT(class) \
    "<rect class=\"" class "\" y=\"-9\" width=\"28\" height=\"18\" rx=\"3\"/>"

/* Nobody should read off lengths by eye. */
static const char caption[] =
    "The order is as recorded, the times are real; the widths are not to "
    "scale.";

struct pen {
    FILE *file;
    const struct model *model;
    const struct scale *scale;
    double left;   /* where time begins */
    double *top;   /* of each lane */
    size_t *order; /* lanes as they are drawn: threads, then tasks */
    double bottom;
    double width;
};

void picture_text(FILE *file, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '<')
            fputs("&lt;", file);
        else if (*text == '>')
            fputs("&gt;", file);
        else if (*text == '&')
            fputs("&amp;", file);
        else
            fputc(*text, file);
    }
}

static double label_room(const struct model *model)
{
    double room = 60;

    for (size_t i = 0; i < model->lane_count; i++) {
        double width = text_width(model->lanes[i].name);

        room = width > room ? width : room;
    }
    return room + 2 * MARGIN;
}

double picture_room(const struct model *model)
{
    return PAGE - label_room(model) - 3 * MARGIN;
}

static double event_x(const struct pen *pen, size_t event)
{
    return pen->left + pen->scale->x[event];
}

static double row_y(const struct pen *pen, size_t lane, int row)
{
    return pen->top[lane] + LANE_TOP + ROW * row;
}

static void text_at(const struct pen *pen, double x, double y,
                    const char *class, const char *text)
{
    fprintf(pen->file, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, y,
            class);
    picture_text(pen->file, text);
    fputs("</text>\n", pen->file);
}

static void place_lanes(struct pen *pen)
{
    size_t count = 0;
    double y = HEAD;

    for (int tasks = 0; tasks <= 1; tasks++)
        for (size_t i = 0; i < pen->model->lane_count; i++)
            if (pen->model->lanes[i].is_thread == !tasks)
                pen->order[count++] = i;
    for (size_t i = 0; i < count; i++) {
        pen->top[pen->order[i]] = y;
        y += LANE_TOP + ROW * pen->model->lanes[pen->order[i]].rows +
             LANE_BOTTOM;
    }
    pen->bottom = y;
}

static void draw_head(const struct pen *pen, double height, const char *title)
{
    fprintf(pen->file,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" "
            "height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\">\n",
            pen->width, height, pen->width, height);
    fputs("<title>", pen->file);
    picture_text(pen->file, title);
    fputs("</title>\n", pen->file);
    fputs("<style>\n"
          "text{font:20px Arial,'Liberation Sans',Helvetica,sans-serif;"
          "fill:#1b1f24}\n"
          ".t{font-size:24px;font-weight:bold}.c{text-anchor:middle}"
          ".a{fill:#57606a;text-anchor:middle}.n{font-weight:bold}"
          ".w{fill:#fff;text-anchor:middle}\n"
          ".pending{fill:#f0b429;stroke:#8a6100}"
          ".ready{fill:#00805c;stroke:#004d38}"
          ".unfinished{fill:#fff;stroke:#8a6100;stroke-dasharray:5 4}"
          ".span{fill:#b9dcf2;stroke:#0072b2}"
          ".park{fill:url(#sleep);stroke:#8c959f}"
          ".run{fill:#e1e4e8;stroke:#57606a}\n"
          ".wake{stroke:#b5257a;stroke-width:3;fill:none}"
          ".halo{stroke:#fdfdfb;stroke-width:7;fill:none}"
          ".life{stroke:#8c959f;stroke-width:2}"
          ".due{stroke:#e39ac4;stroke-width:7}"
          ".spawn{stroke:#57606a;stroke-width:2;stroke-dasharray:3 4}"
          ".drop{stroke:#c62f1d;stroke-width:4;stroke-linecap:round}"
          ".gap{fill:#6e7781;fill-opacity:.12}\n"
          "</style>\n"
          "<defs><pattern id=\"sleep\" width=\"8\" height=\"8\" "
          "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
          "<rect width=\"8\" height=\"8\" fill=\"#f6f8fa\"/>"
          "<rect width=\"3\" height=\"8\" fill=\"#d0d7de\"/></pattern></defs>"
          "\n",
          pen->file);
    fprintf(pen->file,
            "<rect width=\"%.0f\" height=\"%.0f\" rx=\"8\" "
            "fill=\"#fdfdfb\"/>\n",
            pen->width, height);
    text_at(pen, MARGIN, 34, "t", title);
}

static void draw_lanes(const struct pen *pen)
{
    for (size_t i = 0; i < pen->model->lane_count; i++) {
        const struct lane *lane = &pen->model->lanes[i];
        double height = LANE_TOP + ROW * lane->rows + LANE_BOTTOM;
        double y = row_y(pen, i, 0) + BOX / 2.0;

        fprintf(pen->file,
                "<rect x=\"0\" y=\"%.1f\" width=\"%.0f\" height=\"%.1f\" "
                "fill=\"%s\"/>\n",
                pen->top[i] + 1, pen->width, height - 2,
                lane->is_thread ? "#eaf1f8" : "#f7f3e8");
        fprintf(pen->file, "<path class=\"life\" d=\"M%.1f %.1fH%.1f\"/>\n",
                event_x(pen, lane->first), y, event_x(pen, lane->last));
        text_at(pen, MARGIN, y + 7, "n", lane->name);
    }
}

static void draw_gaps(const struct pen *pen)
{
    for (int i = 0; i < pen->scale->gap_count; i++) {
        const struct gap *gap = &pen->scale->gaps[i];
        double x = event_x(pen, gap->event);
        double width = event_x(pen, gap->event + 1) - x;
        char text[32], time[24];

        fprintf(pen->file,
                "<rect class=\"gap\" x=\"%.1f\" y=\"76\" width=\"%.1f\" "
                "height=\"%.1f\"/>\n",
                x, width, pen->bottom - 76);
        print_time(time, sizeof time, gap->duration);
        snprintf(text, sizeof text, "%s", time);
        text_at(pen, x + width / 2, 98, "a", text);
    }
}

/* Times of events, as many as have room. */
static void draw_axis(const struct pen *pen)
{
    const struct model *model = pen->model;
    double free_from = 0;
    char last[24] = "", text[24];

    for (size_t i = 0; i < model->count; i++) {
        double x = event_x(pen, i);

        print_time(text, sizeof text,
                   model->events[i].time - model->events[0].time);
        double half = text_width(text) / 2;
        if (x - half < free_from || x + half > pen->width - 4 ||
            strcmp(text, last) == 0)
            continue;
        strcpy(last, text);
        fprintf(pen->file, "<path class=\"life\" d=\"M%.1f 69V75\"/>\n", x);
        text_at(pen, x, 64, "a", i == 0 ? "0" : text);
        free_from = x + half + TICK_ROOM;
    }
    fprintf(pen->file, "<path class=\"life\" d=\"M%.1f 75H%.1f\"/>\n",
            pen->left, event_x(pen, model->count - 1));
}

/* From a wake to the poll that it led to. */
static void draw_due(const struct pen *pen)
{
    for (size_t i = 0; i < pen->model->wake_count; i++) {
        const struct wake *wake = &pen->model->wakes[i];

        if (wake->to == NOWHERE || wake->answer == NOWHERE)
            continue;
        fprintf(pen->file, "<path class=\"due\" d=\"M%.1f %.1fH%.1f\"/>\n",
                event_x(pen, wake->event), row_y(pen, wake->to, 0) + BOX / 2.0,
                event_x(pen, wake->answer));
    }
}

static void draw_box(const struct pen *pen, const struct box *box)
{
    static const char *const classes[] = {"pending", "ready", "unfinished",
                                          "span",    "park",  "run"};
    double x = event_x(pen, box->begin), y = row_y(pen, box->lane, box->row);
    double width = event_x(pen, box->end) - x;
    const char *text = box_text(box);

    fprintf(pen->file,
            "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
            "height=\"%d\" rx=\"3\"/>\n",
            classes[box->kind], x, y, width > 2 ? width : 2, BOX);
    struct part part = widest_part(pen->model, box, pen->scale->x);
    double from = event_x(pen, part.from), to = event_x(pen, part.to);

    if (to - from >= text_width(text) + 4)
        text_at(pen, (from + to) / 2, y + 22,
                box->kind == BOX_READY ? "w" : "c", text);
}

static void draw_self_wake(const struct pen *pen, const struct wake *wake)
{
    double x = event_x(pen, wake->event), y = row_y(pen, wake->to, 0);

    fprintf(pen->file,
            "<path class=\"wake\" d=\"M%.1f %.1fV%.1fc0-9 13-9 13 0v3\"/>"
            "<path fill=\"#b5257a\" d=\"M%.1f %.1fl-6-9h12z\"/>\n",
            x, y + (wake->row > 0 ? ROW * wake->row : 0) + 1, y - 8, x + 13,
            y + 1);
}

static void draw_wake(const struct pen *pen, const struct wake *wake)
{
    double x = event_x(pen, wake->event);

    if (wake->to == wake->from) {
        draw_self_wake(pen, wake);
        return;
    }
    double from = row_y(pen, wake->from, wake->row) + BOX / 2.0;
    double to = wake->to != NOWHERE ? row_y(pen, wake->to, 0) : from + 34;
    int down = to > from ? 1 : -1;
    to += down > 0 ? BOX / 2.0 - 4 : BOX / 2.0 + 4;
    for (int halo = 1; halo >= 0; halo--)
        fprintf(pen->file, "<path class=\"%s\" d=\"M%.1f %.1fV%.1f\"/>\n",
                halo ? "halo" : "wake", x, from, to - 8 * down);
    fprintf(pen->file,
            "<circle fill=\"#b5257a\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>"
            "<path fill=\"#b5257a\" d=\"M%.1f %.1fl-7 %dh14z\"/>\n",
            x, from, x, to, -11 * down);
}

static void draw_mark(const struct pen *pen, const struct mark *mark)
{
    double x = event_x(pen, mark->event);
    double y = row_y(pen, mark->lane, mark->row) + BOX / 2.0;

    if (mark->kind == TRACE_DROP) {
        fprintf(pen->file,
                "<path class=\"drop\" d=\"M%.1f %.1fl14 14m0-14l-14 14\"/>\n",
                x - 7, y - 7);
        return;
    }
    if (mark->from != NOWHERE)
        fprintf(pen->file, "<path class=\"spawn\" d=\"M%.1f %.1fV%.1f\"/>\n", x,
                row_y(pen, mark->from, 0) + BOX / 2.0, y);
    fprintf(pen->file,
            "<path fill=\"#57606a\" d=\"M%.1f %.1fl8 8-8 8-8-8z\"/>\n", x,
            y - 8);
}

static bool has_box(const struct model *model, enum box_kind kind)
{
    for (size_t i = 0; i < model->box_count; i++)
        if (model->boxes[i].kind == kind)
            return true;
    return false;
}

static bool has_mark(const struct model *model, enum trace_kind kind)
{
    for (size_t i = 0; i < model->mark_count; i++)
        if (model->marks[i].kind == kind)
            return true;
    return false;
}

/* An entry of the legend: a shape 28 pixels wide, around y = 0, or "". */
struct entry {
    const char *shape;
    const char *text;
    bool is_needed; /* only what the picture has */
};

/* Rows of entries, as many as have room beside one another. Draws nothing
 * without a file. Returns the y of the last row. */
static double draw_entries(const struct pen *pen, FILE *file, double y,
                           const struct entry *entries, int count)
{
    double x = MARGIN;

    for (int i = 0; i < count; i++) {
        double indent = entries[i].shape[0] != '\0' ? 36 : 0;
        double width = indent + text_width(entries[i].text);

        if (!entries[i].is_needed)
            continue;
        if (x + width > pen->width - MARGIN && x > MARGIN) {
            x = MARGIN;
            y += LEGEND_ROW;
        }
        if (file != NULL) {
            fprintf(file, "<g transform=\"translate(%.1f %.1f)\">%s</g>\n", x,
                    y, entries[i].shape);
            text_at(pen, x + indent, y + 7, "l", entries[i].text);
        }
        x += width + 16;
    }
    return y;
}

static double draw_legend(const struct pen *pen, FILE *file, double y)
{
    const struct model *model = pen->model;
    const struct entry entries[] = {
        {LEGEND_RECT("pending"), "poll: pending", has_box(model, BOX_PENDING)},
        {LEGEND_RECT("ready"), "poll: ready", has_box(model, BOX_READY)},
        {LEGEND_RECT("run"), "thread polls", has_box(model, BOX_RUN)},
        {LEGEND_RECT("span"), "thread is busy", has_box(model, BOX_SPAN)},
        {LEGEND_RECT("park"), "thread sleeps", has_box(model, BOX_PARK)},
        {"<path class=\"wake\" d=\"M0 0H18\"/>"
         "<path fill=\"#b5257a\" d=\"M28 0l-11-7v14z\"/>",
         "wake", model->wake_count > 0},
        {"<path class=\"due\" d=\"M0 0H28\"/>", "waits for its turn",
         model->wake_count > 0},
        {"<path fill=\"#57606a\" d=\"M14-8l8 8-8 8-8-8z\"/>", "spawn",
         has_mark(model, TRACE_SPAWN)},
        {"<path class=\"drop\" d=\"M7-7l14 14m0-14l-14 14\"/>", "drop",
         has_mark(model, TRACE_DROP)},
        {LEGEND_RECT("gap"), "long gap", pen->scale->gap_count > 0},
        {LEGEND_RECT("unfinished"), "never ended",
         has_box(model, BOX_UNFINISHED)},
        {"", caption, true},
    };

    return draw_entries(pen, file, y, entries,
                        (int)(sizeof entries / sizeof *entries));
}

static void draw_all(const struct pen *pen)
{
    const struct model *model = pen->model;

    draw_lanes(pen);
    draw_gaps(pen);
    draw_axis(pen);
    draw_due(pen);
    for (size_t i = 0; i < model->mark_count; i++)
        if (model->marks[i].kind == TRACE_SPAWN)
            draw_mark(pen, &model->marks[i]);
    for (size_t i = 0; i < model->box_count; i++)
        draw_box(pen, &model->boxes[i]);
    for (size_t i = 0; i < model->wake_count; i++)
        draw_wake(pen, &model->wakes[i]);
    for (size_t i = 0; i < model->mark_count; i++)
        if (model->marks[i].kind == TRACE_DROP)
            draw_mark(pen, &model->marks[i]);
}

void picture_write(FILE *file, const struct model *model,
                   const struct scale *scale, const char *title,
                   const char *note)
{
    struct pen pen = {.file = file, .model = model, .scale = scale};

    pen.top = calloc(model->lane_count + 1, sizeof *pen.top);
    pen.order = calloc(model->lane_count + 1, sizeof *pen.order);
    if (pen.top != NULL && pen.order != NULL) {
        pen.left = label_room(model);
        pen.width = pen.left + scale->width + 3 * MARGIN;
        place_lanes(&pen);
        double y = pen.bottom + 26;
        double last = draw_legend(&pen, NULL, y);
        if (note != NULL)
            last += LEGEND_ROW;
        draw_head(&pen, last + MARGIN, title);
        draw_all(&pen);
        draw_legend(&pen, file, y);
        if (note != NULL)
            text_at(&pen, MARGIN, last + 7, "n", note);
        fputs("</svg>\n", file);
    }
    free(pen.top);
    free(pen.order);
}
