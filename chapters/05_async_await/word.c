/* word.c - pointers into a frame are made when it no longer moves. */
#include "chapters/05_async_await/word.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <async_macros.h>

static enum poll word_body(struct async *self, struct context *cx)
{
    struct word *word = container_of(self, struct word, async);

    /* TODO(5.7): Set the cursor; then await one character after the other. */
    TODO(5.7);
    (void)word;
    return POLL_PENDING;
}

static const struct async_function word_function = {ASYNC_OPS, word_body, NULL};

void word_init(struct word *word, struct source *source)
{
    *word = (struct word){.source = source};
    async_init(&word->async, &word_function);
}
