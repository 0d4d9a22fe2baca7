#include "reconciler/core/config_user.h"

#include <string.h>

#include "reconciler/core/foreign.h"
#include "reconciler/core/hosts.h"
#include "reconciler/core/placement.h"

static bool has_name(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static bool names(const struct link *link, const char *config)
{
    return link != NULL && (has_name(&link->source_config, config) ||
                            has_name(&link->target_config, config));
}

/* A link, there or sent, that names config; unless must_stay, one of ours that goes. */
static const struct link_item *find_link(const struct engine *engine, const char *config,
                                         bool must_stay)
{
    const struct item_list *sources = &engine->tables[ITEM_SOURCE];

    for (size_t i = 0; i < sources->count; i++) {
        const struct source_item *source = (const struct source_item *)sources->items[i];

        for (size_t j = 0; j < source->links_count; j++) {
            const struct link_item *link = source->links[j];
            const bool stays = link->claims != NULL || link_is_foreign(link);

            if (stays == must_stay &&
                (names(link->observed, config) ||
                 (link->ledger != NULL && names(link->ledger->u.link, config)))) {
                return link;
            }
        }
    }
    return NULL;
}

/* A workload that was started with config; unless must_stay, one that goes. */
static const struct workload_item *find_workload(const struct engine *engine,
                                                 const char *config, bool must_stay)
{
    const struct item_list *workloads = &engine->tables[ITEM_WORKLOAD];

    for (size_t i = 0; i < workloads->count; i++) {
        const struct workload_item *workload =
            (const struct workload_item *)workloads->items[i];

        for (size_t j = 0; j < workload->placements_count; j++) {
            const struct placement *placement = workload->placements[j];

            if (placement->ledger != NULL && host_is_present(placement->host) &&
                (workload->claims != NULL) == must_stay &&
                has_name(&placement->ledger->u.start->configs, config)) {
                return workload;
            }
        }
    }
    return NULL;
}

struct config_user config_find_user(const struct engine *engine,
                                    const struct config_item *config)
{
    const char *name = config->item.name;
    struct config_user user = {.link = find_link(engine, name, true)};

    if (user.link == NULL) {
        user.workload = find_workload(engine, name, true);
    }
    if (user.link != NULL || user.workload != NULL) {
        return user;
    }
    user.link = find_link(engine, name, false);
    if (user.link == NULL) {
        user.workload = find_workload(engine, name, false);
    }
    user.is_leaving = user.link != NULL || user.workload != NULL;
    return user;
}

const struct host_item *config_find_absent_user(const struct engine *engine,
                                                const struct config_item *config)
{
    const struct item_list *workloads = &engine->tables[ITEM_WORKLOAD];

    for (size_t i = 0; i < workloads->count; i++) {
        const struct workload_item *workload =
            (const struct workload_item *)workloads->items[i];

        for (size_t j = 0; j < workload->placements_count; j++) {
            const struct placement *placement = workload->placements[j];

            if (placement->ledger != NULL && host_may_return(engine, placement->host) &&
                has_name(&placement->ledger->u.start->configs, config->item.name)) {
                return placement->host;
            }
        }
    }
    return NULL;
}
