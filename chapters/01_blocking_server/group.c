/* group.c - a table of groups, each a list of memberships.
 *
 *   table.groups --> group "news" --> membership --> membership
 *                    group "cats" --> membership     |
 *                                     |              v client B
 *                                     v client A
 *
 * A membership is in two lists, its group's and its client's; both belong
 * to the table's lock. That lock is held for memory operations only. All texts
 * go into outboxes under it, and so in one order. */
#include "chapters/01_blocking_server/group.h"

#include "chapters/common/container_of.h"
#include "chapters/common/panic.h"
#include "chapters/common/todo.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

struct group {
    struct list members;
    pthread_cond_t room; /* a member's outbox was emptied or closed */
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
    table->groups = NULL;
}

void group_table_end(struct group_table *table)
{
    require(table->groups == NULL, "G4: a client is still in a group");
    pthread_mutex_destroy(&table->lock);
}

void client_init(struct client *client, struct group_table *table,
                 struct connection *connection)
{
    client->connection = connection;
    client->table = table;
    client->send_error = 0;
    client->membership_count = 0;
    list_init(&client->memberships);
    pthread_cond_init(&client->room, NULL);
    outbox_init(&client->outbox);
}

void client_end(struct client *client)
{
    outbox_end(&client->outbox);
    pthread_cond_destroy(&client->room);
}

/* All that follow are called with the table's lock held. */

/* The tree holds the groups' names, where they stand in the groups. */
static int compare_names(const void *left, const void *right)
{
    return strcmp(left, right);
}

static struct group *group_of(void *node)
{
    return container_of(*(char(*)[]) * (char **)node, struct group, name);
}

static struct group *find_group(struct group_table *table, const char *name)
{
    void *node = tfind(name, &table->groups, compare_names);

    return node != NULL ? group_of(node) : NULL;
}

static struct group *create_group(struct group_table *table, const char *name)
{
    struct group *group = malloc(sizeof *group + strlen(name) + 1);

    if (group == NULL)
        return NULL;
    strcpy(group->name, name);
    if (tsearch(group->name, &table->groups, compare_names) == NULL) {
        free(group);
        return NULL;
    }
    list_init(&group->members);
    pthread_cond_init(&group->room, NULL);
    return group;
}

/* Nobody waits for room in it: who does is a member. */
static void free_group_if_empty(struct group_table *table, struct group *group)
{
    if (!list_is_empty(&group->members))
        return;
    tdelete(group->name, &table->groups, compare_names);
    pthread_cond_destroy(&group->room);
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
    membership->client->membership_count--;
    free_group_if_empty(membership->client->table, membership->group);
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
    client->membership_count++;
    return 0;
}

static int join_locked(struct group_table *table, const char *name,
                       struct client *client)
{
    if (find_membership(client, name) != NULL)
        return -EEXIST;
    if (client->membership_count == GROUPS_A_CLIENT)
        return -EDQUOT;
    struct group *group = find_group(table, name);

    if (group == NULL)
        group = create_group(table, name);
    if (group == NULL)
        return -ENOMEM;
    int error = add_membership(group, client);

    free_group_if_empty(table, group);
    return error;
}

static int all_have_room(struct group *group, size_t size)
{
    struct list *link;

    list_for_each (link, &group->members) {
        struct client *member =
            container_of(link, struct membership, in_group)->client;

        if (!outbox_has_room(&member->outbox, size))
            return 0;
    }
    return 1;
}

static void post_to_all(struct group *group, const char *text, size_t size)
{
    struct list *link;

    list_for_each (link, &group->members)
        outbox_push(
            &container_of(link, struct membership, in_group)->client->outbox,
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

void client_deliver(struct client *client, const char *text, size_t size)
{
    struct group_table *table = client->table;

    pthread_mutex_lock(&table->lock);
    /* TODO(1.8): Wait for room in the client's outbox; the client's `room`
     * tells of it, and the lock is free meanwhile (G2, G3). */
    TODO(1.8);
    outbox_push(&client->outbox, text, size);
    pthread_mutex_unlock(&table->lock);
}

int group_post(struct group_table *table, const char *name,
               struct client *client, const char *text, size_t size)
{
    pthread_mutex_lock(&table->lock);
    struct membership *membership = find_membership(client, name);

    if (membership != NULL) {
        struct group *group = membership->group; /* as long as it is in it */

        /* TODO(1.8): Wait until all members have room; the group's `room`
         * tells of it. Each wait may have changed who they are. */
        TODO(1.8);
        (void)all_have_room;
        post_to_all(group, text, size);
    }
    pthread_mutex_unlock(&table->lock);
    return membership != NULL ? 0 : -ENOENT;
}

void client_tell_of_room(struct client *client)
{
    struct list *link;

    pthread_mutex_lock(&client->table->lock);
    pthread_cond_broadcast(&client->room);
    list_for_each (link, &client->memberships)
        pthread_cond_broadcast(
            &container_of(link, struct membership, in_client)->group->room);
    pthread_mutex_unlock(&client->table->lock);
}
