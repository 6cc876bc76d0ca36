/* local_queue.c - a ring whose head is two counters in one word.
 *
 * The scheme is the one that tokio documents for its queue. The heart of it is
 * in L3: to take tasks is to move `real`, in one atomic step; to read them
 * comes after. What was claimed cannot be overwritten meanwhile, since a push
 * measures the room that is left from `steal`. */
#include "chapters/12_work_stealing/local_queue.h"

#include "chapters/04_executor/task.h"
#include "chapters/common/todo.h"

#include <stddef.h>

struct head {
    uint32_t steal;
    uint32_t real;
};

static struct head unpack(uint64_t word)
{
    return (struct head){(uint32_t)(word >> 32), (uint32_t)word};
}

static uint64_t pack(uint32_t steal, uint32_t real)
{
    return (uint64_t)steal << 32 | real;
}

static _Atomic(struct task *) *slot_of(struct local_queue *queue, uint32_t at)
{
    return &queue->slots[at % LOCAL_QUEUE_SLOTS];
}

void local_queue_init(struct local_queue *queue)
{
    atomic_init(&queue->head, 0);
    atomic_init(&queue->tail, 0);
    queue->kept = 0;
    for (uint32_t at = 0; at < LOCAL_QUEUE_SLOTS; at++)
        atomic_init(slot_of(queue, at), NULL);
}

uint32_t local_queue_length(const struct local_queue *queue)
{
    /* Acquire: whoever moved the head knew a tail that is not behind it, and so
     * do we then. So it is never less than none. */
    uint64_t head = atomic_load_explicit(&queue->head, memory_order_acquire);
    uint32_t tail = atomic_load_explicit(&queue->tail, memory_order_relaxed);

    return tail - unpack(head).real;
}

/* begin 12.2 */
/* Changes the head if it is still `*word`; otherwise `*word` becomes what it
 * is now. Release, for three who acquire the head. A push: what a thief has
 * read out of the slots, it has read, and they may be filled anew. A thief, and
 * local_queue_length(), of a claim, too: each finds a tail that is not behind
 * the head, or else it would count 2^32 tasks. On failure relaxed will do. */
static bool head_move(struct local_queue *queue, uint64_t *word, uint32_t steal,
                      uint32_t real)
{
    return atomic_compare_exchange_strong_explicit(
        &queue->head, word, pack(steal, real), memory_order_release,
        memory_order_relaxed);
}
/* end 12.2 */

/* The owner appends; there is room. */
static void append(struct local_queue *queue, uint32_t tail, struct task *task)
{
    /* begin 12.2: the slot first, then the tail */
    atomic_store_explicit(slot_of(queue, tail), task, memory_order_relaxed);
    /* Release: pairs with the acquire of a thief that looks at the tail. It
     * finds the slot, and the task behind it. */
    atomic_store_explicit(&queue->tail, tail + 1, memory_order_release);
    /* end 12.2: (void)queue, (void)tail, (void)task, (void)slot_of; */
}

/* begin 12.3 */
/* Takes the older half of a full ring out, into `tasks`. False: a thief was
 * faster, and there is room now. */
static bool take_half(struct local_queue *queue, uint64_t word,
                      struct run_queue *tasks)
{
    uint32_t real = unpack(word).real;
    uint32_t half = LOCAL_QUEUE_SLOTS / 2;

    if (!head_move(queue, &word, real + half, real + half))
        return false;
    for (uint32_t at = real; at != real + half; at++)
        run_queue_push(tasks, atomic_load_explicit(slot_of(queue, at),
                                                   memory_order_relaxed));
    return true;
}
/* end 12.3 */

void local_queue_keep(struct local_queue *queue)
{
    /* begin 12.3: up to the tail */
    queue->kept = atomic_load_explicit(&queue->tail, memory_order_relaxed);
    /* end 12.3: (void)queue; */
}

/* begin 12.3 */
/* May the oldest task be given away? (L7. Not compared with `<`: L6.) */
static bool may_overflow(const struct local_queue *queue, struct head head)
{
    bool is_kept = queue->kept - head.real - 1 < LOCAL_QUEUE_SLOTS;

    return head.steal == head.real && !is_kept;
}
/* end 12.3 */

/* The ring is full: L5. False: it is not any more. */
static bool overflow(struct local_queue *queue, struct injector *injector,
                     uint64_t word, struct task *task)
{
    bool is_done = true;

    /* begin 12.3: with no thief at work, and if nothing is kept, take the older
     * half out (or it is not full any more); the new task behind it; all to
     * the injector, in a batch */
    struct run_queue tasks;
    size_t count = 1;

    run_queue_init(&tasks);
    if (may_overflow(queue, unpack(word))) {
        if (!take_half(queue, word, &tasks))
            return false;
        count += LOCAL_QUEUE_SLOTS / 2;
    }
    run_queue_push(&tasks, task);
    injector_push_batch(injector, &tasks, count);
    /* end 12.3: (void)queue, (void)injector, (void)word, (void)task; */
    return is_done;
}

bool local_queue_push(struct local_queue *queue, struct injector *injector,
                      struct task *task)
{
    /* begin 12.2: append if there is room, counted from `steal`. If there is
     * none: overflow(), or look again */
    uint32_t tail = atomic_load_explicit(&queue->tail, memory_order_relaxed);
    /* Acquire: pairs with the release of a thief that has finished. It has read
     * the slots that append() writes. */
    uint64_t head = atomic_load_explicit(&queue->head, memory_order_acquire);

    while (tail - unpack(head).steal >= LOCAL_QUEUE_SLOTS) {
        if (overflow(queue, injector, head, task))
            return true;
        head = atomic_load_explicit(&queue->head, memory_order_acquire);
    }
    append(queue, tail, task);
    return false;
    /* end 12.2: (void)append, (void)overflow, (void)unpack;
    return false; */
}

struct task *local_queue_pop(struct local_queue *queue)
{
    /* begin 12.2: claim the next one, if there is one; with no thief about,
     * both counters move */
    uint32_t tail = atomic_load_explicit(&queue->tail, memory_order_relaxed);
    /* Relaxed: the owner wrote these slots itself, and head_move() looks again
     * whether this is the head. */
    uint64_t word = atomic_load_explicit(&queue->head, memory_order_relaxed);
    struct head head;

    do {
        head = unpack(word);
        if (head.real == tail)
            return NULL;
    } while (!head_move(queue, &word,
                        head.steal == head.real ? head.real + 1 : head.steal,
                        head.real + 1));
    return atomic_load_explicit(slot_of(queue, head.real),
                                memory_order_relaxed);
    /* end 12.2: (void)queue, (void)pack;
    return NULL; */
}

/* begin 12.4 */
/* Claims up to half; how many, from `*first` on. */
static uint32_t claim(struct local_queue *from, uint32_t *first)
{
    struct head head;
    uint64_t word;
    uint32_t tail, count;

    do {
        /* Head first, then tail. Acquire: pairs with the release of whoever
         * moved the head; the tail that we see is not behind it. */
        word = atomic_load_explicit(&from->head, memory_order_acquire);
        /* Acquire: pairs with append(). The slots up to there are written, and
         * so are the tasks behind them. */
        tail = atomic_load_explicit(&from->tail, memory_order_acquire);
        head = unpack(word);
        count = tail - head.real;
        count -= count / 2;
        if (head.steal != head.real || count == 0)
            return 0;
    } while (!head_move(from, &word, head.steal, head.real + count));
    *first = head.real;
    return count;
}

/* The theft is over: the owner may use the slots again. */
static void finish_claim(struct local_queue *from)
{
    uint64_t word = atomic_load_explicit(&from->head, memory_order_relaxed);

    while (!head_move(from, &word, unpack(word).real, unpack(word).real))
        continue;
}
/* end 12.4 */

struct task *local_queue_steal(struct local_queue *from, struct local_queue *to,
                               uint32_t *stolen)
{
    /* begin 12.4: is there room? (Acquire: you fill slots that others have
     * read.) claim, copy, finish the claim; the last task is returned, and the
     * tail of `to` moves past the others */
    uint32_t tail = atomic_load_explicit(&to->tail, memory_order_relaxed);
    /* Acquire: as in a push; these are our own slots, and may be robbed. */
    uint64_t head = atomic_load_explicit(&to->head, memory_order_acquire);
    struct task *last;
    uint32_t first, count, at;

    if (tail - unpack(head).steal > LOCAL_QUEUE_SLOTS / 2)
        return NULL;
    count = claim(from, &first);
    if (count == 0)
        return NULL;
    for (at = 0; at < count - 1; at++)
        atomic_store_explicit(slot_of(to, tail + at),
                              atomic_load_explicit(slot_of(from, first + at),
                                                   memory_order_relaxed),
                              memory_order_relaxed);
    last =
        atomic_load_explicit(slot_of(from, first + at), memory_order_relaxed);
    finish_claim(from);
    /* Release: as in append(). */
    atomic_store_explicit(&to->tail, tail + count - 1, memory_order_release);
    local_queue_keep(to);
    *stolen = count;
    return last;
    /* end 12.4: (void)from, (void)to, (void)stolen;
    return NULL; */
}
