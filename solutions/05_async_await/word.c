/* word.c - pointers into a frame are made when it no longer moves. */
#include "chapters/05_async_await/word.h"

#include "chapters/common/container_of.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <async_macros.h>

static enum poll word_body(struct async *self, struct context *cx)
{
    struct word *word = container_of(self, struct word, async);

    /* begin 5.7: Set the cursor; then await one character after the other. */
    ASYNC(self);
    word->cursor = word->text; /* not in word_init(): L3 */
    for (;;) {
        TRY_AWAIT(word->source->next(word->source));
        if (self->base.result == 0 || self->base.result == ' ')
            break;
        if (word->cursor == word->text + WORD_LIMIT)
            ASYNC_RETURN(-EMSGSIZE);
        *word->cursor++ = (char)self->base.result;
    }
    *word->cursor = '\0';
    ASYNC_RETURN((int)(word->cursor - word->text));
    ASYNC_END;
    /* end 5.7: (void)word;
    return POLL_PENDING; */
}

static const struct async_function word_function = {ASYNC_OPS, word_body, NULL};

void word_init(struct word *word, struct source *source)
{
    *word = (struct word){.source = source};
    async_init(&word->async, &word_function);
}
