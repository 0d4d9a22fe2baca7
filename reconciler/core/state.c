#include "reconciler/core/state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/core/keep.h"
#include "reconciler/core/known.h"
#include "reconciler/core/timing.h"

/*
 * Make room for one pointer more in an array that is alone in arena: the old array is
 * freed, not left behind.
 */
static void *grow_alone(struct arena *arena, void *items, size_t count, size_t *capacity)
{
    struct arena old = *arena;
    void *larger;

    if (count < *capacity) {
        return items;
    }
    *arena = (struct arena){0};
    larger = arena_grow(arena, items, count, capacity, sizeof(void *));
    arena_free(&old);
    return larger;
}

void state_list_grow(struct item_list *list)
{
    list->items = grow_alone(&list->arena, list->items, list->count, &list->capacity);
}

size_t state_item_size(enum item_kind kind)
{
    switch (kind) {
    case ITEM_HOST:
        return sizeof(struct host_item);
    case ITEM_CONFIG:
        return sizeof(struct config_item);
    case ITEM_SOURCE:
        return sizeof(struct source_item);
    case ITEM_WORKLOAD:
        return sizeof(struct workload_item);
    case ITEM_SIGHT:
    case ITEM_ROOM:
    case ITEM_HOSTS:
    case ITEM_PAUSES:
        break; /* these are part of the engine */
    }
    abort();
}

static struct item *item_new(struct engine *engine, enum item_kind kind, const char *name)
{
    struct item *item = pool_new(&engine->pool, state_item_size(kind));

    item->kind = kind;
    item->name = pool_keep(&engine->pool, name);
    item->wake = INSTANT_NEVER;
    TAILQ_INIT(&item->waiters);
    return item;
}

/* Where name is in table, or where it would be. */
static size_t table_index(const struct item_list *table, const char *name,
                          bool *ret_is_there)
{
    size_t low = 0;
    size_t high = table->count;

    *ret_is_there = false;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(table->items[middle]->name, name);

        if (order == 0) {
            *ret_is_there = true;
            return middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct item *state_find(const struct engine *engine, enum item_kind kind,
                        const char *name)
{
    const struct item_list *table;
    bool is_there;
    size_t index;

    assert((size_t)kind < ITEM_TABLES_COUNT);

    table = &engine->tables[kind];
    index = table_index(table, name, &is_there);
    return is_there ? table->items[index] : NULL;
}

void state_remove(struct engine *engine, const struct item *item)
{
    struct item_list *table = &engine->tables[item->kind];
    bool is_there;
    const size_t index = table_index(table, item->name, &is_there);

    assert(is_there && table->items[index] == item);

    table->count--;
    memmove(&table->items[index], &table->items[index + 1],
            (table->count - index) * sizeof(struct item *));
}

/* A workload and the source of its links know each other. */
static void tie(const struct engine *engine, struct item *item)
{
    struct source_item *source = (struct source_item *)item;
    struct workload_item *workload = (struct workload_item *)item;

    if (item->kind == ITEM_SOURCE) {
        workload = (struct workload_item *)state_find(engine, ITEM_WORKLOAD, item->name);
    } else if (item->kind == ITEM_WORKLOAD) {
        source = (struct source_item *)state_find(engine, ITEM_SOURCE, item->name);
    } else {
        return;
    }
    if (source != NULL && workload != NULL) {
        source->workload = workload;
        workload->source = source;
    }
}

static struct item *find_or_make(struct engine *engine, enum item_kind kind,
                                 const char *name)
{
    struct item_list *table = &engine->tables[kind];
    bool is_there;
    const size_t index = table_index(table, name, &is_there);

    if (is_there) {
        return table->items[index];
    }
    table->items =
        grow_alone(&table->arena, table->items, table->count, &table->capacity);
    memmove(&table->items[index + 1], &table->items[index],
            (table->count - index) * sizeof(struct item *));
    table->items[index] = item_new(engine, kind, name);
    table->count++;
    tie(engine, table->items[index]);
    return table->items[index];
}

struct host_item *state_host(struct engine *engine, const char *id)
{
    struct host_item *host = (struct host_item *)find_or_make(engine, ITEM_HOST, id);

    if (host->interval_ms == 0) { /* just made */
        host->interval_ms = HOST_INTERVAL_MS;
        host->gaps_ms[0] = HOST_INTERVAL_MS;
        host->gaps_ms[1] = HOST_INTERVAL_MS;
        host->beat = INSTANT_NEVER;
        host->ask_at = INSTANT_NEVER;
        host->untold_at = INSTANT_NEVER;
        host->doubted_at = INSTANT_NEVER;
        host->silent_from = INSTANT_NEVER;
        host->silent_to = INSTANT_NEVER;
        host->gone_at = engine->now;
        known_host(engine, host);
    }
    return host;
}

struct config_item *state_config(struct engine *engine, const char *name)
{
    return (struct config_item *)find_or_make(engine, ITEM_CONFIG, name);
}

struct source_item *state_source(struct engine *engine, const char *id)
{
    return (struct source_item *)find_or_make(engine, ITEM_SOURCE, id);
}

struct workload_item *state_workload(struct engine *engine, const char *id)
{
    return (struct workload_item *)find_or_make(engine, ITEM_WORKLOAD, id);
}

/* Where the link with key is among those of source, or where it would be. */
static size_t link_index(const struct source_item *source, const struct link *key,
                         bool *ret_is_there)
{
    size_t low = 0;
    size_t high = source->links_count;

    *ret_is_there = false;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = link_compare(source->links[middle]->key, key);

        if (order == 0) {
            *ret_is_there = true;
            return middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct link_item *state_find_link(const struct source_item *source,
                                  const struct link *key)
{
    bool is_there;
    const size_t index = link_index(source, key, &is_there);

    return is_there ? source->links[index] : NULL;
}

size_t state_link_index(const struct source_item *source, const struct link *key)
{
    bool is_there;
    const size_t index = link_index(source, key, &is_there);

    assert(is_there);

    return index;
}

struct link_item *state_link(struct engine *engine, const struct link *key)
{
    struct source_item *source = state_source(engine, key->source_id);
    struct link_item *link;
    bool is_there;
    const size_t index = link_index(source, key, &is_there);

    if (is_there) {
        return source->links[index];
    }
    source->links = pool_grow(&engine->pool, source->links, source->links_count,
                              &source->links_capacity, sizeof(struct link_item *));
    memmove(&source->links[index + 1], &source->links[index],
            (source->links_count - index) * sizeof(struct link_item *));
    source->links_count++;

    link = pool_new(&engine->pool, sizeof *link);
    link->key = keep_link(&engine->pool, key);
    link->source = source;
    link->target = state_workload(engine, key->target);
    link->verdict.reason = REASON_NEW;
    LIST_INSERT_HEAD(&link->target->inbound, link, inbound);
    source->links[index] = link;
    return link;
}

static int placement_compare(const struct placement *placement,
                             const struct host_item *host, enum workload_kind kind)
{
    const int order = strcmp(placement->host->item.name, host->item.name);

    return order != 0 ? order : (int)placement->kind - (int)kind;
}

struct placement *state_find_placement(const struct workload_item *workload,
                                       const struct host_item *host,
                                       enum workload_kind kind)
{
    for (size_t i = 0; i < workload->placements_count; i++) {
        if (placement_compare(workload->placements[i], host, kind) == 0) {
            return workload->placements[i];
        }
    }
    return NULL;
}

struct placement *state_placement(struct engine *engine, struct workload_item *workload,
                                  struct host_item *host, enum workload_kind kind)
{
    struct placement *placement = state_find_placement(workload, host, kind);
    size_t index = 0;

    if (placement != NULL) {
        return placement;
    }
    while (index < workload->placements_count &&
           placement_compare(workload->placements[index], host, kind) < 0) {
        index++;
    }
    workload->placements =
        pool_grow(&engine->pool, workload->placements, workload->placements_count,
                  &workload->placements_capacity, sizeof(struct placement *));
    memmove(&workload->placements[index + 1], &workload->placements[index],
            (workload->placements_count - index) * sizeof(struct placement *));
    workload->placements_count++;
    host->placements_count++;

    placement = pool_new(&engine->pool, sizeof *placement);
    placement->host = host;
    placement->kind = kind;
    placement->verdict.reason = REASON_NEW;
    workload->placements[index] = placement;
    return placement;
}
