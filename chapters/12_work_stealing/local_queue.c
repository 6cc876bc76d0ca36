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

/* The owner appends; there is room. */
static void append(struct local_queue *queue, uint32_t tail, struct task *task)
{
    /* TODO(12.2): the slot first, then the tail */
    TODO(12.2);
    (void)queue, (void)tail, (void)task, (void)slot_of;
}

void local_queue_keep(struct local_queue *queue)
{
    /* TODO(12.3): up to the tail */
    TODO(12.3);
    (void)queue;
}

/* The ring is full: L5. False: it is not any more. */
static bool overflow(struct local_queue *queue, struct injector *injector,
                     uint64_t word, struct task *task)
{
    bool is_done = true;

    /* TODO(12.3): with no thief at work, and if nothing is kept, take the
     * older half out (or it is not full any more); the new task behind it;
     * all to the injector, in a batch */
    TODO(12.3);
    (void)queue, (void)injector, (void)word, (void)task;
    return is_done;
}

bool local_queue_push(struct local_queue *queue, struct injector *injector,
                      struct task *task)
{
    /* TODO(12.2): append if there is room, counted from `steal`. If there
     * is none: overflow(), or look again */
    TODO(12.2);
    (void)append, (void)overflow, (void)unpack;
    return false;
}

struct task *local_queue_pop(struct local_queue *queue)
{
    /* TODO(12.2): claim the next one, if there is one; with no thief about,
     * both counters move */
    TODO(12.2);
    (void)queue, (void)pack;
    return NULL;
}

struct task *local_queue_steal(struct local_queue *from, struct local_queue *to,
                               uint32_t *stolen)
{
    /* TODO(12.4): is there room? (Acquire: you fill slots that others have
     * read.) claim, copy, finish the claim; the last task is returned, and
     * the tail of `to` moves past the others */
    TODO(12.4);
    (void)from, (void)to, (void)stolen;
    return NULL;
}
