/* group.c - a table of groups, each a list of memberships.
 *
 *   table.groups --> group "news" --> membership --> membership
 *                    group "cats" --> membership     |
 *                                     |              v client B
 *                                     v client A
 *
 * A membership is in two lists, its group's and its client's; both belong
 * to the table's lock. That lock is held for memory operations only. */
#include "chapters/01_blocking_server/group.h"

#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct group {
    struct list in_table;
    struct list members;
    char name[];
};

struct membership {
    struct list in_group;
    struct list in_client;
    struct group *group;
    struct client *client;
};

void group_table_init(struct group_table *table)
{
    pthread_mutex_init(&table->lock, NULL);
    list_init(&table->groups);
}

void group_table_end(struct group_table *table)
{
    require(list_is_empty(&table->groups), "G4: a client is still in a group");
    pthread_mutex_destroy(&table->lock);
}

/* All that follow are called with the table's lock held. */

static struct group *find_group(struct group_table *table, const char *name)
{
    struct list *link;

    list_for_each (link, &table->groups) {
        struct group *group = container_of(link, struct group, in_table);

        if (strcmp(group->name, name) == 0)
            return group;
    }
    return NULL;
}

static struct group *create_group(struct group_table *table, const char *name)
{
    struct group *group = malloc(sizeof *group + strlen(name) + 1);

    if (group == NULL)
        return NULL;
    strcpy(group->name, name);
    list_init(&group->members);
    list_push_back(&table->groups, &group->in_table);
    return group;
}

static void free_group_if_empty(struct group *group)
{
    if (!list_is_empty(&group->members))
        return;
    list_remove(&group->in_table);
    free(group);
}

static struct membership *find_membership(struct client *client,
                                          const char *name)
{
    struct list *link;

    list_for_each (link, &client->memberships) {
        struct membership *membership =
            container_of(link, struct membership, in_client);

        if (strcmp(membership->group->name, name) == 0)
            return membership;
    }
    return NULL;
}

static void free_membership(struct membership *membership)
{
    list_remove(&membership->in_group);
    list_remove(&membership->in_client);
    free_group_if_empty(membership->group);
    free(membership);
}

static int add_membership(struct group *group, struct client *client)
{
    struct membership *membership = malloc(sizeof *membership);

    if (membership == NULL)
        return -ENOMEM;
    *membership = (struct membership){.group = group, .client = client};
    list_push_back(&group->members, &membership->in_group);
    list_push_back(&client->memberships, &membership->in_client);
    return 0;
}

static int join_locked(struct group_table *table, const char *name,
                       struct client *client)
{
    if (find_membership(client, name) != NULL)
        return -EEXIST;
    struct group *group = find_group(table, name);

    if (group == NULL)
        group = create_group(table, name);
    if (group == NULL)
        return -ENOMEM;
    int error = add_membership(group, client);

    free_group_if_empty(group);
    return error;
}

void client_deliver(struct client *client, const char *text, size_t size)
{
    /* TODO(1.8): Put the text into the outbox; if it does not fit,
     * disconnect the client (G3). */
    TODO(1.8);
    outbox_push(&client->outbox, text, size);
}

static void post_to_all(struct group *group, const char *text, size_t size)
{
    struct list *link;

    list_for_each (link, &group->members)
        client_deliver(container_of(link, struct membership, in_group)->client,
                       text, size);
}

int group_join(struct group_table *table, const char *name,
               struct client *client)
{
    pthread_mutex_lock(&table->lock);
    int error = join_locked(table, name, client);
    pthread_mutex_unlock(&table->lock);
    return error;
}

int group_leave(struct group_table *table, const char *name,
                struct client *client)
{
    pthread_mutex_lock(&table->lock);
    struct membership *membership = find_membership(client, name);

    if (membership != NULL)
        free_membership(membership);
    pthread_mutex_unlock(&table->lock);
    return membership != NULL ? 0 : -ENOENT;
}

void group_leave_all(struct group_table *table, struct client *client)
{
    pthread_mutex_lock(&table->lock);
    while (!list_is_empty(&client->memberships))
        free_membership(container_of(list_first(&client->memberships),
                                     struct membership, in_client));
    pthread_mutex_unlock(&table->lock);
}

int group_post(struct group_table *table, const char *name,
               struct client *client, const char *text, size_t size)
{
    pthread_mutex_lock(&table->lock);
    struct membership *membership = find_membership(client, name);

    if (membership != NULL)
        post_to_all(membership->group, text, size);
    pthread_mutex_unlock(&table->lock);
    return membership != NULL ? 0 : -ENOENT;
}
