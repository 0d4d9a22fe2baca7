#include "reconciler/core/engine.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/state.h"

static void add(struct event *events, size_t *count, const struct event *event)
{
    events[(*count)++] = *event;
}

static void add_hosts(const struct engine *engine, struct event *events, size_t *count)
{
    const struct item_list *hosts = &engine->tables[ITEM_HOST];

    for (size_t i = 0; i < hosts->count; i++) {
        const struct host_item *host = (const struct host_item *)hosts->items[i];

        if (host_is_present(host) && host->inventory != NULL) {
            add(events, count,
                &(struct event){.kind = EVENT_INVENTORY, .u.inventory = host->inventory});
        }
    }
}

static const struct link *copy_links(const struct source_item *source,
                                     struct arena *arena)
{
    struct link *links = arena_array(arena, source->observed_count, sizeof *links);

    for (size_t i = 0; i < source->observed_count; i++) {
        links[i] = *source->observed[i];
    }
    return links;
}

static void add_sources(const struct engine *engine, struct arena *arena,
                        struct event *events, size_t *count)
{
    const struct item_list *sources = &engine->tables[ITEM_SOURCE];

    for (size_t i = 0; i < sources->count; i++) {
        const struct source_item *source = (const struct source_item *)sources->items[i];

        if (source->is_observed) {
            add(events, count,
                &(struct event){.kind = EVENT_LINKS,
                                .u.links = {.source_id = source->item.name,
                                            .links = copy_links(source, arena),
                                            .count = source->observed_count}});
        }
    }
}

static void add_configs(const struct engine *engine, struct event *events, size_t *count)
{
    const struct item_list *configs = &engine->tables[ITEM_CONFIG];

    for (size_t i = 0; i < configs->count; i++) {
        const struct config_item *config = (const struct config_item *)configs->items[i];

        if (config->observed != NULL) {
            add(events, count,
                &(struct event){.kind = EVENT_CONFIG,
                                .u.config = {config->item.name, config->observed}});
        }
    }
}

void engine_export(const struct engine *engine, struct arena *arena,
                   const struct event **ret_events, size_t *ret_count)
{
    const size_t count_max = engine->tables[ITEM_HOST].count +
                             engine->tables[ITEM_SOURCE].count +
                             engine->tables[ITEM_CONFIG].count;
    struct event *events = arena_array(arena, count_max, sizeof *events);
    size_t count = 0;

    add_hosts(engine, events, &count);
    add_sources(engine, arena, events, &count);
    add_configs(engine, events, &count);
    *ret_events = events;
    *ret_count = count;
}
