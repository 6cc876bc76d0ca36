/* source_table.c - blocks of slots, and a list of the free ones.
 *
 * The list runs through the slots themselves, by index. Blocks are never
 * moved and never given back before the end: whoever finds a slot may look at
 * its generation, in use or not. */
#include "chapters/06_reactor/source_table.h"

#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

#include <stdlib.h>

void source_table_init(struct source_table *table)
{
    *table = (struct source_table){.first_free = SOURCE_NONE};
    pthread_mutex_init(&table->lock, NULL);
}

void source_table_end(struct source_table *table)
{
    require(table->live == 0, "%zu sources are still open", table->live);
    for (size_t i = 0; i < table->block_count; i++)
        free(table->blocks[i]);
    free(table->blocks);
    pthread_mutex_destroy(&table->lock);
}

static struct io_source *slot(const struct source_table *table, uint32_t index)
{
    return &table->blocks[index / SOURCE_BLOCK][index % SOURCE_BLOCK];
}

static void push_free(struct source_table *table, struct io_source *source)
{
    source->descriptor = -1;
    source->next_free = table->first_free;
    table->first_free = source->index;
}

/* Once for all who will be in the slot: a wake that comes late for the one
 * before may be at a cell when the next one is there already. */
static void slot_init(struct io_source *source, uint32_t index)
{
    source->index = index;
    atomic_init(&source->generation, 0);
    waker_cell_init(&source->wakers[IO_READ]);
    waker_cell_init(&source->wakers[IO_WRITE]);
}

/* One block more, all of it free. False without memory. */
static bool table_grow(struct source_table *table)
{
    size_t count = table->block_count + 1;
    struct io_source **blocks, *block;

    blocks = realloc(table->blocks, count * sizeof(struct io_source *));
    if (blocks == NULL)
        return false;
    table->blocks = blocks; /* also if what follows fails */
    block = calloc(SOURCE_BLOCK, sizeof *block);
    if (block == NULL)
        return false;
    blocks[table->block_count] = block;
    for (uint32_t i = SOURCE_BLOCK; i-- > 0;) {
        slot_init(&block[i], (uint32_t)table->block_count * SOURCE_BLOCK + i);
        push_free(table, &block[i]);
    }
    table->block_count = count;
    return true;
}

/* Lock held. */
static struct io_source *pop_free(struct source_table *table)
{
    struct io_source *source = NULL;

    /* begin 6.2: Take the first free slot out of the list, and count it. */
    source = slot(table, table->first_free);
    table->first_free = source->next_free;
    table->live++;
    /* end 6.2: (void)slot; */
    return source;
}

struct io_source *source_table_take(struct source_table *table)
{
    struct io_source *source = NULL;

    pthread_mutex_lock(&table->lock);
    if (table->first_free != SOURCE_NONE || table_grow(table))
        source = pop_free(table);
    pthread_mutex_unlock(&table->lock);
    return source;
}

void source_table_free(struct source_table *table, struct io_source *source)
{
    pthread_mutex_lock(&table->lock);
    /* begin 6.2: Back into the list; and no token of it is valid any more. */
    atomic_fetch_add_explicit(&source->generation, 1, memory_order_relaxed);
    push_free(table, source);
    table->live--;
    /* end 6.2 */
    pthread_mutex_unlock(&table->lock);
}

uint64_t source_token(const struct io_source *source)
{
    /* Relaxed: it changes under the lock, and only when nobody owns it. */
    uint64_t generation =
        atomic_load_explicit(&source->generation, memory_order_relaxed);

    /* begin 6.2: Both numbers in one. */
    return generation << 32 | source->index;
    /* end 6.2: (void)generation;
    return 0; */
}

struct io_source *source_table_find(const struct source_table *table,
                                    uint64_t token)
{
    /* begin 6.2: The slot of that index, if there is one and its generation
     * is that of the token. */
    uint32_t index = (uint32_t)token;
    struct io_source *source;

    if (index / SOURCE_BLOCK >= table->block_count)
        return NULL;
    source = slot(table, index);
    return source_token(source) == token ? source : NULL;
    /* end 6.2: return NULL; */
}
