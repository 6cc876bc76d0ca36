/* chat_hall.c - groups and members: two lists that cross. */
#include "chapters/06_reactor/chat_hall.h"

#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

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
    *hall = (struct chat_hall){.last_error = 0};
    list_init(&hall->groups);
}

void chat_hall_end(struct chat_hall *hall)
{
    require(list_is_empty(&hall->groups), "B1: a group without members");
}

struct chat_client *chat_client_create(struct acceptor *acceptor,
                                       int descriptor)
{
    struct chat_client *client = malloc(sizeof *client);

    if (client == NULL)
        return NULL;
    client->owners = 1;
    client->descriptor = descriptor;
    client->acceptor = acceptor;
    mailbox_init(&client->mailbox);
    list_init(&client->memberships);
    return client;
}

void chat_client_unref(struct chat_client *client)
{
    struct acceptor *acceptor = client->acceptor;

    if (--client->owners > 0)
        return;
    mailbox_end(&client->mailbox);
    free(client);
    acceptor_ended(acceptor); /* both halves of its socket are closed */
}

void chat_client_deliver(struct chat_client *client, const char *text,
                         size_t size)
{
    int error = mailbox_push(&client->mailbox, text, size);

    if (error != -EAGAIN && error != -ENOMEM)
        return;
    mailbox_close(&client->mailbox);
    shutdown(client->descriptor, SHUT_RDWR);
}

static struct group *find_group(struct chat_hall *hall, const char *name)
{
    struct list *link;

    list_for_each (link, &hall->groups) {
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
    list_push_back(&hall->groups, &group->link);
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
    return 0;
}

static void leave(struct membership *membership)
{
    struct group *group = membership->group;

    list_remove(&membership->of_group);
    list_remove(&membership->of_client);
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

int chat_hall_post(struct chat_hall *hall, const char *name,
                   struct chat_client *client, const char *text, size_t size)
{
    struct membership *own = find_membership(client, name);
    struct list *link;

    if (own == NULL)
        return -ENOENT;
    /* To deliver wakes tasks, and runs none: nobody leaves meanwhile. */
    list_for_each (link, &own->group->members)
        chat_client_deliver(
            container_of(link, struct membership, of_group)->client, text,
            size);
    return 0;
}
