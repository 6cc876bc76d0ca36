/* source_table.h - the slots in which sources live, and their tokens.
 *
 *        63             32 31              0
 *       +-----------------+-----------------+
 *       |   generation    |      index      |       a token
 *       +-----------------+-----------------+
 *
 *   G1  A slot has an address of its own until the table ends: a table that
 *       grows moves no slot.
 *   G2  Slots are used again, the last one that was freed first. Each time
 *       one is freed its generation goes up by one.
 *   G3  source_table_find() finds the source of a token until that source is
 *       freed, and never another one in the same slot.
 *   G4  Taking a slot that was used before allocates nothing.
 *   G5  Any thread may take and free. What was found stays what it is until the
 *       lock is given back, and its memory stays a slot until the end.
 *
 * The kernel keeps the token beside the descriptor and hands it back with
 * each event. A pointer would do until the day when the source is gone; a
 * descriptor's number until the day when it is used again.
 *
 * The lock is held for a few instructions: never over a wake or a system call,
 * and for the malloc() of a new block at most. Rust: the slab crate; a
 * generational arena. */
#ifndef CHAPTERS_REACTOR_SOURCE_TABLE_H
#define CHAPTERS_REACTOR_SOURCE_TABLE_H

#include "chapters/06_reactor/io_source.h"

#include <pthread.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    /* Sources in a block: one allocation of about five KiB. Fewer would cost
     * more allocations, more would be wasted on a program with two. */
    SOURCE_BLOCK = 64
};

struct source_table {
    pthread_mutex_t lock; /* protects all of it, and the slots' generations */
    struct io_source **blocks;
    size_t block_count;
    uint32_t first_free; /* an index, or SOURCE_NONE */
    size_t live;         /* sources that are in use */
};

#define SOURCE_NONE UINT32_MAX

void source_table_init(struct source_table *table);

/* Frees the memory. No source may be in use, and no thread in here. */
void source_table_end(struct source_table *table);

/* A slot, whose index and generation are set, and whose descriptor is -1 until
 * the caller sets it; NULL without memory. */
struct io_source *source_table_take(struct source_table *table);

/* The source is not used any more. */
void source_table_free(struct source_table *table, struct io_source *source);

uint64_t source_token(const struct io_source *source);

/* The source that has this token, or NULL if there is none any more. Lock
 * held. */
struct io_source *source_table_find(const struct source_table *table,
                                    uint64_t token);

#ifdef __cplusplus
}
#endif

#endif
