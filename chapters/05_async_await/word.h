/* word.h - a frame with a pointer into itself.
 *
 * Collects the characters of a word, up to the first space, and keeps a
 * cursor, a pointer into its own array. A struct with such a pointer cannot
 * be copied to another place: the copy's cursor points into the original.
 *
 *   L1  Each number of the source is a character; 0 or ' ' ends the word.
 *   L2  The result is the word's length; the word is in `text`, with a NUL.
 *       -EMSGSIZE if it has more than WORD_LIMIT characters.
 *   L3  The frame may move before its first poll (A7). */
#ifndef CHAPTERS_ASYNC_AWAIT_WORD_H
#define CHAPTERS_ASYNC_AWAIT_WORD_H

#include "chapters/05_async_await/async.h"
#include "chapters/05_async_await/source.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    WORD_LIMIT = 15
};

struct word {
    struct async async;
    struct source *source;
    char text[WORD_LIMIT + 1];
    char *cursor; /* into text: where the next character goes */
};

void word_init(struct word *word, struct source *source);

#ifdef __cplusplus
}
#endif

#endif
