/* list.h - a circular, intrusive, doubly linked list.
 *
 *   L1  A list is a link of its own; an empty list, and a link that is in
 *       no list, point at themselves.
 *   L2  Every operation takes the same few instructions, however long the
 *       list, and none allocates or fails.
 *   L3  Removing re-initialises the link: removing twice is harmless, and
 *       list_is_linked() tells the truth.
 *   L4  Nothing here locks. Whoever owns the list says which lock it is. */
#ifndef COMMON_LIST_H
#define COMMON_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *next;
    struct list *prev;
};

static inline void list_init(struct list *link)
{
    link->next = link;
    link->prev = link;
}

static inline bool list_is_empty(const struct list *list)
{
    return list->next == list;
}

static inline bool list_is_linked(const struct list *link)
{
    return link->next != link;
}

/* The first link, or NULL. The list keeps it. */
static inline struct list *list_first(const struct list *list)
{
    return list_is_empty(list) ? NULL : list->next;
}

static inline void list_insert_between(struct list *link, struct list *prev,
                                       struct list *next)
{
    link->prev = prev;
    link->next = next;
    prev->next = link;
    next->prev = link;
}

static inline void list_push_back(struct list *list, struct list *link)
{
    list_insert_between(link, list->prev, list);
}

static inline void list_push_front(struct list *list, struct list *link)
{
    list_insert_between(link, list, list->next);
}

static inline void list_remove(struct list *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    list_init(link);
}

/* Takes the first link out, or returns NULL. */
static inline struct list *list_pop_front(struct list *list)
{
    struct list *link = list_first(list);

    if (link != NULL)
        list_remove(link);
    return link;
}

/* Moves everything from `from` to the end of `to`; `from` is then empty.
 * Use it to drain a list under its lock and call out without the lock. */
static inline void list_splice_back(struct list *to, struct list *from)
{
    if (list_is_empty(from))
        return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    list_init(from);
}

/* Walks the list; the body must not remove links. */
#define list_for_each(link, list) \
    for ((link) = (list)->next; (link) != (list); (link) = (link)->next)

#endif
