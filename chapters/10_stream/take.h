/* take.h - where a stream begins and where it ends.
 *
 *   T1  stream_take: the first so many. With the last of them the stream
 *       inside is dropped, in the same poll; it is not asked for one more. Of
 *       none it is not asked at all. Items that are lent (S9) would be gone
 *       with it: after stream_take_lent_init() it is dropped when somebody
 *       asks once more, or with the take.
 *   T2  stream_skip: without the first so many, which are dropped.
 *   T3  stream_chain: one stream, and then another one. The first item of the
 *       second comes in the poll that sees the first one's end. Before that
 *       the second is not asked. An error of the first is the end of both.
 *   T4  stream_zip: one of each, as a pair. Both are asked in the same poll,
 *       and who has one already is not asked again before the pair is given.
 *       It ends with the first that ends, whether the other one has an item
 *       or not, and with its result; if both end in one poll, with that of
 *       the left one. An item without a partner is dropped.
 *
 * Rust: StreamExt::take, skip, chain, zip. The Take of futures 0.3.34 keeps its
 * stream after the last item, as long as it lives itself. */
#ifndef CHAPTERS_STREAM_TAKE_H
#define CHAPTERS_STREAM_TAKE_H

#include "chapters/10_stream/stream.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct stream_take {
    struct stream base;
    struct stream *inner;
    size_t left;
    bool is_lent; /* its items are */
};

struct stream_skip {
    struct stream base;
    struct stream *inner;
    size_t left; /* to be skipped */
};

struct stream_chain {
    struct stream base;
    struct stream *first; /* NULL: it has ended */
    struct stream *second;
};

struct zip_side {
    struct stream *stream;
    void *room; /* for its item, while it waits for the other's */
    bool is_full;
};

struct stream_zip {
    struct stream base;
    struct zip_side left;
    struct zip_side right;
    size_t right_offset; /* of its item in a pair; the left one's is 0 */
};

void stream_take_init(struct stream_take *take, struct stream *inner,
                      size_t count);
void stream_take_lent_init(struct stream_take *take, struct stream *inner,
                           size_t count);
void stream_skip_init(struct stream_skip *skip, struct stream *inner,
                      size_t count);

/* Both have items of the same type. */
void stream_chain_init(struct stream_chain *chain, struct stream *first,
                       struct stream *second);

/* `type` is that of the pairs. A room for one item of each outlives the
 * stream. */
void stream_zip_init(struct stream_zip *zip, struct zip_side left,
                     struct zip_side right, const struct item_type *type,
                     size_t right_offset);

#ifdef __cplusplus
}
#endif

#endif
