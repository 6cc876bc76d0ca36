/* picture.h - a model as an SVG: lanes from the top, time to the right. */
#ifndef TIMELINE_PICTURE_H
#define TIMELINE_PICTURE_H

#include "tools/timeline/scale.h"

/* Writes the picture. `note`, if not NULL, is said below it. */
void picture_write(FILE *file, const struct model *model,
                   const struct scale *scale, const char *title,
                   const char *note);

/* The width that a scale should fill, for a picture 1280 pixels wide. */
double picture_room(const struct model *model);

/* The text with the characters escaped that mean something to XML. */
void picture_text(FILE *file, const char *text);

#endif
