/* chat_hall.c - groups and members: two lists that cross. */
#include "chapters/06_reactor/chat_hall.h"

#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct group {
    struct list link;
    struct list members;
    char name[];
};

struct membership {
    struct list of_group;
    struct list of_client;
    struct group *group;
    struct chat_client *client;
};

void chat_hall_init(struct chat_hall *hall)
{
    *hall = (struct chat_hall){.patience_ms = CHAT_PATIENCE_MS};
    for (size_t i = 0; i < CHAT_BUCKETS; i++)
        list_init(&hall->buckets[i]);
    list_init(&hall->clients);
    /* If there is no randomness it is 0, and a hash like any other. */
    (void)!getrandom(&hall->secret, sizeof hall->secret, 0);
}

void chat_hall_end(struct chat_hall *hall)
{
    for (size_t i = 0; i < CHAT_BUCKETS; i++)
        require(list_is_empty(&hall->buckets[i]), "B1: a group, no member");
    require(list_is_empty(&hall->clients), "a client that nobody let go");
}

struct chat_client *chat_client_create(struct chat_hall *hall,
                                       struct acceptor *acceptor)
{
    struct chat_client *client = malloc(sizeof *client);

    if (client == NULL)
        return NULL;
    client->owners = 1;
    client->acceptor = acceptor;
    list_push_back(&hall->clients, &client->link);
    mailbox_init(&client->mailbox);
    client->was_cut_off = false;
    list_init(&client->memberships);
    client->membership_count = 0;
    if (hall->is_stopping)
        mailbox_close(&client->mailbox);
    return client;
}

void chat_client_unref(struct chat_client *client)
{
    struct acceptor *acceptor = client->acceptor;

    if (--client->owners > 0)
        return;
    list_remove(&client->link);
    mailbox_end(&client->mailbox);
    free(client);
    acceptor_ended(acceptor); /* both halves of its socket are closed */
}

/* What is in the mailbox is still sent. */
static void cut_off(struct chat_client *client)
{
    client->was_cut_off = true;
    mailbox_close(&client->mailbox);
}

void chat_client_deliver(struct chat_client *client, const char *text,
                         size_t size)
{
    int error = mailbox_push(&client->mailbox, text, size);

    if (error == -EAGAIN || error == -ENOMEM)
        cut_off(client);
}

/* FNV-1a, begun with the secret: without that, anybody could choose names that
 * all meet in one bucket. */
static struct list *bucket(struct chat_hall *hall, const char *name)
{
    uint64_t hash = 14695981039346656037u ^ hall->secret;

    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * 1099511628211u;
    return &hall->buckets[(hash ^ hash >> 32) % CHAT_BUCKETS];
}

static struct group *find_group(struct chat_hall *hall, const char *name)
{
    struct list *link, *groups = bucket(hall, name);

    list_for_each (link, groups) {
        struct group *group = container_of(link, struct group, link);

        if (strcmp(group->name, name) == 0)
            return group;
    }
    return NULL;
}

static struct membership *find_membership(struct chat_client *client,
                                          const char *name)
{
    struct list *link;

    list_for_each (link, &client->memberships) {
        struct membership *membership =
            container_of(link, struct membership, of_client);

        if (strcmp(membership->group->name, name) == 0)
            return membership;
    }
    return NULL;
}

/* The group of that name, made if need be; NULL without memory. */
static struct group *get_group(struct chat_hall *hall, const char *name)
{
    struct group *group = find_group(hall, name);

    if (group != NULL)
        return group;
    group = malloc(sizeof *group + strlen(name) + 1);
    if (group == NULL)
        return NULL;
    strcpy(group->name, name);
    list_init(&group->members);
    list_push_back(bucket(hall, name), &group->link);
    return group;
}

static void end_if_empty(struct group *group)
{
    if (!list_is_empty(&group->members))
        return;
    list_remove(&group->link);
    free(group);
}

int chat_hall_join(struct chat_hall *hall, const char *name,
                   struct chat_client *client)
{
    struct membership *membership;
    struct group *group;

    if (find_membership(client, name) != NULL)
        return -EEXIST;
    if (client->membership_count == CHAT_GROUPS)
        return -EDQUOT;
    group = get_group(hall, name);
    if (group == NULL)
        return -ENOMEM;
    membership = malloc(sizeof *membership);
    if (membership == NULL) {
        end_if_empty(group);
        return -ENOMEM;
    }
    membership->group = group;
    membership->client = client;
    list_push_back(&group->members, &membership->of_group);
    list_push_back(&client->memberships, &membership->of_client);
    client->membership_count++;
    return 0;
}

static void leave(struct membership *membership)
{
    struct group *group = membership->group;

    list_remove(&membership->of_group);
    list_remove(&membership->of_client);
    membership->client->membership_count--;
    free(membership);
    end_if_empty(group);
}

int chat_hall_leave(struct chat_hall *hall, const char *name,
                    struct chat_client *client)
{
    struct membership *membership = find_membership(client, name);

    if (membership == NULL)
        return -ENOENT;
    leave(membership);
    return 0;
}

void chat_hall_leave_all(struct chat_hall *hall, struct chat_client *client)
{
    struct list *link;

    while ((link = list_first(&client->memberships)) != NULL)
        leave(container_of(link, struct membership, of_client));
}

static struct chat_client *member(struct list *link)
{
    return container_of(link, struct membership, of_group)->client;
}

struct chat_client *chat_hall_full_member(struct chat_hall *hall,
                                          const char *name,
                                          struct chat_client *client,
                                          size_t size)
{
    struct membership *own = find_membership(client, name);
    struct list *link;

    if (own == NULL)
        return NULL;
    list_for_each (link, &own->group->members) {
        struct mailbox *mailbox = &member(link)->mailbox;

        if (mailbox_has_room(mailbox, size))
            continue;
        if (mailbox_waits_ms(mailbox) < hall->patience_ms)
            return member(link);
        cut_off(member(link)); /* it leaves the group when its reader runs */
    }
    return NULL;
}

int chat_hall_post(struct chat_hall *hall, const char *name,
                   struct chat_client *client, const char *text, size_t size)
{
    struct membership *own = find_membership(client, name);
    struct list *link;

    if (own == NULL)
        return -ENOENT;
    if (chat_hall_full_member(hall, name, client, size) != NULL)
        return -EAGAIN;
    /* To deliver wakes tasks, and runs none: nobody leaves meanwhile. */
    list_for_each (link, &own->group->members)
        chat_client_deliver(member(link), text, size);
    return 0;
}

void chat_hall_stop(void *data)
{
    struct chat_hall *hall = data;
    struct list *link;

    hall->is_stopping = true;
    list_for_each (link, &hall->clients)
        mailbox_close(&container_of(link, struct chat_client, link)->mailbox);
}
