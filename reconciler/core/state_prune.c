#include "reconciler/core/moment.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/core/hearing.h"
#include "reconciler/core/keep.h"
#include "reconciler/core/known.h"
#include "reconciler/core/observe.h"
#include "reconciler/core/retry.h"

static void link_free(struct engine *engine, struct link_item *link)
{
    hearing_forget(link);
    forget_link(&engine->pool, link->key);
    record_forget(&engine->pool, link->ledger);
    retry_reset(engine, &link->retry);
    pool_delete(&engine->pool, link, sizeof *link);
}

static void placement_free(struct engine *engine, struct placement *placement)
{
    record_forget(&engine->pool, placement->ledger);
    retry_reset(engine, &placement->retry);
    moments_free(engine, placement);
    pool_delete(&engine->pool, placement, sizeof *placement);
}

/* Nothing is left to say about link. */
static bool link_is_empty(const struct link_item *link)
{
    return link->claims == NULL && link->observed == NULL && link->ledger == NULL &&
           link->source->flying != link;
}

static void prune_links(struct engine *engine, struct source_item *source)
{
    uint32_t kept = 0;

    for (size_t i = 0; i < source->links_count; i++) {
        struct link_item *link = source->links[i];

        if (!link_is_empty(link)) {
            source->links[kept++] = link;
            continue;
        }
        LIST_REMOVE(link, inbound);
        state_mark(engine, &link->target->item); /* it may be empty now */
        link_free(engine, link);
    }
    source->links_count = kept;
}

static bool placement_is_empty(const struct workload_item *workload,
                               const struct placement *placement)
{
    return placement->observed == NULL && placement->ledger == NULL &&
           placement->flight.command == 0 && !placement->is_replacing &&
           placement->wanted == 0 &&
           moment_of(placement, MOMENT_TAINTED).ms == INSTANT_NEVER.ms &&
           (workload->claims == NULL || !host_is_present(placement->host) ||
            (retry_look(&placement->retry)->failures +
                     retry_look(&placement->retry)->moots ==
                 0 &&
             moment_of(placement, MOMENT_OFF).ms == 0));
}

static void prune_placements(struct engine *engine, struct workload_item *workload)
{
    uint32_t kept = 0;

    for (size_t i = 0; i < workload->placements_count; i++) {
        struct placement *placement = workload->placements[i];

        if (!placement_is_empty(workload, placement)) {
            workload->placements[kept++] = placement;
            continue;
        }
        placement->host->placements_count--;
        if (placement->host->placements_count == 0) {
            state_mark(engine, &placement->host->item); /* it may be empty now */
        }
        placement_free(engine, placement);
    }
    workload->placements_count = kept;
}

static bool config_is_empty(const struct config_item *config)
{
    return config->claims == NULL && config->observed == NULL && config->ledger == NULL &&
           config->flight.command == 0 && config->ask.command == 0 && config->uses == 0;
}

static bool host_is_empty(const struct host_item *host)
{
    return (host->state == HOST_GONE || host->state == HOST_UNKNOWN) &&
           host->placements_count == 0 && host->flights_count == 0 &&
           host->ask.command == 0 && host->ask_at.ms == INSTANT_NEVER.ms &&
           host->untold_at.ms == INSTANT_NEVER.ms;
}

/* Prune the parts of item; is nothing left of it? */
static bool item_is_empty(struct engine *engine, struct item *item)
{
    struct source_item *source;
    struct workload_item *workload;

    switch (item->kind) {
    case ITEM_HOST:
        return host_is_empty((struct host_item *)item);
    case ITEM_CONFIG:
        return config_is_empty((struct config_item *)item);
    case ITEM_SOURCE:
        source = (struct source_item *)item;
        prune_links(engine, source);
        return source->links_count == 0 && !source->is_observed &&
               source->flight.command == 0;
    case ITEM_WORKLOAD:
        workload = (struct workload_item *)item;
        prune_placements(engine, workload);
        return workload->claims == NULL && workload->placements_count == 0 &&
               LIST_EMPTY(&workload->inbound);
    case ITEM_SIGHT:
    case ITEM_ROOM:
    case ITEM_HOSTS:
    case ITEM_PAUSES:
        return false;
    }
    abort();
}

static void free_links(struct engine *engine, struct source_item *source)
{
    for (size_t i = 0; i < source->links_count; i++) {
        link_free(engine, source->links[i]);
    }
    pool_delete_array(&engine->pool, source->links, source->links_capacity,
                      sizeof(struct link_item *));
    observe_drop_links(engine, source->observed, source->observed_count);
    if (source->workload != NULL) {
        source->workload->source = NULL;
    }
}

static void free_placements(struct engine *engine, struct workload_item *workload)
{
    for (size_t i = 0; i < workload->placements_count; i++) {
        placement_free(engine, workload->placements[i]);
    }
    pool_delete_array(&engine->pool, workload->placements, workload->placements_capacity,
                      sizeof(struct placement *));
    pool_drop(&engine->pool, workload->missing_text);
    if (workload->source != NULL) {
        workload->source->workload = NULL;
    }
}

static void free_config(struct engine *engine, struct config_item *config)
{
    pool_drop(&engine->pool, config->observed);
    record_forget(&engine->pool, config->ledger);
    retry_reset(engine, &config->retry);
}

static void free_host(struct engine *engine, struct host_item *host)
{
    observe_drop_inventory(engine, host);
}

/* Free what item holds beside itself. */
static void free_parts(struct engine *engine, struct item *item)
{
    arena_free(&item->waits_arena);
    switch (item->kind) {
    case ITEM_HOST:
        free_host(engine, (struct host_item *)item);
        return;
    case ITEM_CONFIG:
        free_config(engine, (struct config_item *)item);
        return;
    case ITEM_SOURCE:
        free_links(engine, (struct source_item *)item);
        return;
    case ITEM_WORKLOAD:
        free_placements(engine, (struct workload_item *)item);
        return;
    case ITEM_SIGHT:
    case ITEM_ROOM:
    case ITEM_HOSTS:
    case ITEM_PAUSES:
        return;
    }
    abort();
}

/* Free item and what it holds; what it refers to is not touched. */
static void item_free(struct engine *engine, struct item *item)
{
    free_parts(engine, item);
    pool_drop(&engine->pool, item->name);
    pool_delete(&engine->pool, item, state_item_size(item->kind));
}

void state_prune(struct engine *engine, struct item *item)
{
    if (!item_is_empty(engine, item) || item->is_dirty || !TAILQ_EMPTY(&item->waiters)) {
        return;
    }
    state_wait_no_more(item);
    state_wake_never(engine, item);
    state_remove(engine, item);
    if (item->kind == ITEM_HOST) {
        known_keep_host(engine, (const struct host_item *)item);
    }
    item_free(engine, item);
}

void state_free(struct engine *engine)
{
    for (size_t kind = 0; kind < ITEM_TABLES_COUNT; kind++) {
        struct item_list *table = &engine->tables[kind];

        for (size_t i = 0; i < table->count; i++) {
            item_free(engine, table->items[i]);
        }
        arena_free(&table->arena);
    }
}
