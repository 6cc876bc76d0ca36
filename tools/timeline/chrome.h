/* chrome.h - a model as Chrome trace JSON, for ui.perfetto.dev and
 * chrome://tracing: process 1 has the threads, process 2 the tasks. */
#ifndef TIMELINE_CHROME_H
#define TIMELINE_CHROME_H

#include "tools/timeline/model.h"

void chrome_write(FILE *file, const struct model *model);

#endif
