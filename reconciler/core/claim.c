#include "reconciler/core/claim.h"

#include <assert.h>
#include <string.h>

#include "reconciler/core/beside.h"
#include "reconciler/core/delivery.h"
#include "reconciler/core/flight.h"
#include "reconciler/core/keep.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/rollout.h"

const struct config_row *claim_config(const struct config_item *config)
{
    return config->claims != NULL ? config->claims->row : NULL;
}

const struct link_wish *claim_link(const struct link_item *link)
{
    return link->claims != NULL ? link->claims->row : NULL;
}

const struct workload_row *claim_workload(const struct workload_item *workload)
{
    return workload->claims != NULL ? workload->claims->row : NULL;
}

const char *claim_application(const struct claim *claims)
{
    assert(claims != NULL);

    return claims->application->name;
}

bool claim_is_of(const struct claim *claims, const char *application)
{
    for (; claims != NULL; claims = claims->next) {
        if (strcmp(claims->application->name, application) == 0) {
            return true;
        }
    }
    return false;
}

static void claim_add(struct claim **claims, struct application *application,
                      const void *row)
{
    struct claim *claim = &application->claims[application->claims_count++];

    claim->application = application;
    claim->row = row;
    while (*claims != NULL &&
           strcmp((*claims)->application->name, application->name) < 0) {
        claims = &(*claims)->next;
    }
    claim->next = *claims;
    *claims = claim;
}

/* Take the claim of application away; its row, or NULL when there was none. */
static const void *claim_remove(struct claim **claims,
                                const struct application *application)
{
    while (*claims != NULL) {
        const struct claim *claim = *claims;

        if (claim->application == application) {
            *claims = claim->next;
            return claim->row;
        }
        claims = &(*claims)->next;
    }
    return NULL;
}

static bool config_row_is_equal(const struct config_row *a, const struct config_row *b)
{
    return a != NULL && strcmp(a->content, b->content) == 0;
}

static bool link_row_is_equal(const struct link_wish *a, const struct link_wish *b)
{
    return a != NULL && link_is_equal(a->link, b->link) &&
           (a->missing == NULL) == (b->missing == NULL);
}

static bool workload_row_is_equal(const struct workload_row *a,
                                  const struct workload_row *b)
{
    return a != NULL && a->kind == b->kind && strcmp(a->image, b->image) == 0 &&
           a->instances == b->instances && a->is_daemon == b->is_daemon &&
           names_compare(&a->configs, &b->configs) == 0 &&
           desired_spreads_are_equal(a, b);
}

static void config_changed(struct engine *engine, struct config_item *config)
{
    retry_reset(engine, &config->retry);
    config->verdict = (struct verdict){REASON_NEW, NULL};
    delivery_note_config(engine, config);
    state_mark(engine, &config->item);
    state_changed(engine, &config->item);
}

static void link_changed(struct engine *engine, struct link_item *link)
{
    retry_reset(engine, &link->retry);
    link->verdict = (struct verdict){REASON_NEW, NULL};
    state_mark(engine, &link->source->item);
    state_changed(engine, &link->source->item);
    beside_mark_link(engine, link);
}

static void workload_changed(struct engine *engine, struct workload_item *workload,
                             const struct workload_row *before)
{
    const struct workload_row *row = claim_workload(workload);

    for (size_t i = 0; i < workload->placements_count; i++) {
        retry_reset(engine, &workload->placements[i]->retry);
        workload->placements[i]->verdict = (struct verdict){REASON_NEW, NULL};
    }
    workload->verdict = (struct verdict){REASON_NEW, NULL};
    state_mark(engine, &workload->item);
    if (beside_is_builtin(before) || beside_is_builtin(row)) {
        beside_mark(engine, workload);
    } else {
        beside_mark_builtins(engine, workload);
    }
}

static void use_configs(struct engine *engine, const struct wishes *desired, int change)
{
    for (size_t i = 0; i < desired->links_count; i++) {
        state_use(engine, &desired->links[i].link->source_config, change);
        state_use(engine, &desired->links[i].link->target_config, change);
    }
    for (size_t i = 0; i < desired->workloads_count; i++) {
        state_use(engine, &desired->workloads[i].row.configs, change);
    }
}

/* What is not given again now may have to be. */
static bool has_other_policy(const struct application *application,
                             const struct application *old)
{
    return old != NULL && old->desired.redeliver != application->desired.redeliver;
}

static void swap_configs(struct engine *engine, struct application *application,
                         const struct application *old)
{
    for (size_t i = 0; i < application->desired.configs_count; i++) {
        const struct config_row *row = &application->desired.configs[i];
        struct config_item *config = state_config(engine, row->name);
        const struct config_row *before = claim_remove(&config->claims, old);

        claim_add(&config->claims, application, row);
        if (!config_row_is_equal(before, row)) {
            config_changed(engine, config);
        }
    }
}

static void swap_links(struct engine *engine, struct application *application,
                       const struct application *old)
{
    for (size_t i = 0; i < application->desired.links_count; i++) {
        const struct link_wish *row = &application->desired.links[i];
        struct link_item *link = state_link(engine, row->link);
        const struct link_wish *before = claim_remove(&link->claims, old);

        claim_add(&link->claims, application, row);
        if (!link_row_is_equal(before, row) || has_other_policy(application, old)) {
            link_changed(engine, link);
        }
    }
}

static void swap_workloads(struct engine *engine, struct application *application,
                           const struct application *old)
{
    const bool is_new_way =
        old != NULL && old->desired.is_rebalancing != application->desired.is_rebalancing;

    for (size_t i = 0; i < application->desired.workloads_count; i++) {
        const struct workload_row *row = &application->desired.workloads[i].row;
        struct workload_item *workload = state_workload(engine, row->id);
        const struct workload_row *before = claim_remove(&workload->claims, old);

        claim_add(&workload->claims, application, row);
        if (!workload_row_is_equal(before, row) || is_new_way ||
            has_other_policy(application, old)) {
            workload_changed(engine, workload, before);
            if (before != NULL) { /* else what failed before we began still counts */
                rollout_restart(engine, workload);
            }
        }
    }
}

/* Nobody wants workload any more; was that asked for?  The ledger keeps it, too. */
static void note_pruned(struct engine *engine, struct workload_item *workload,
                        bool is_pruned)
{
    for (size_t i = 0; i < workload->placements_count; i++) {
        struct placement *placement = workload->placements[i];

        if (placement->ledger != NULL && placement->ledger->is_pruned != is_pruned) {
            struct ledger_row row = placement_row(placement);

            row.is_pruned = is_pruned;
            row.unsure_ms = instant_left(engine->now, placement->unsure_until);
            placement_put_ledger(engine, workload, placement, &row);
            state_mark(engine, &workload->item);
        }
    }
}

/* What was pruned of an application is asked to go after all. */
static void unprune(struct engine *engine, const char *name)
{
    const struct item_list *table = &engine->tables[ITEM_WORKLOAD];

    for (size_t i = 0; i < table->count; i++) {
        struct workload_item *workload = (struct workload_item *)table->items[i];

        for (size_t j = 0; j < workload->placements_count; j++) {
            const struct record *ledger = workload->placements[j]->ledger;

            if (workload->claims == NULL && ledger != NULL && ledger->is_pruned &&
                strcmp(ledger->application, name) == 0) {
                note_pruned(engine, workload, false);
                break;
            }
        }
    }
}

/* Take away what is left of the claims of old. */
static void remove_rest(struct engine *engine, const struct application *old,
                        bool is_pruned)
{
    for (size_t i = 0; i < old->desired.configs_count; i++) {
        struct config_item *config = state_config(engine, old->desired.configs[i].name);

        if (claim_remove(&config->claims, old) != NULL) {
            config_changed(engine, config);
        }
    }
    for (size_t i = 0; i < old->desired.links_count; i++) {
        struct link_item *link = state_link(engine, old->desired.links[i].link);

        if (claim_remove(&link->claims, old) != NULL) {
            link_changed(engine, link);
        }
    }
    for (size_t i = 0; i < old->desired.workloads_count; i++) {
        struct workload_item *workload =
            state_workload(engine, old->desired.workloads[i].row.id);

        const struct workload_row *before = claim_remove(&workload->claims, old);

        if (before != NULL) {
            workload_changed(engine, workload, before);
            if (workload->claims == NULL) {
                note_pruned(engine, workload, is_pruned);
            }
        }
    }
}

static size_t rows_count(const struct wishes *desired)
{
    return desired->configs_count + desired->links_count + desired->workloads_count;
}

static struct application *application_new(struct pool *pool,
                                           const struct desired *desired)
{
    struct application *application = pool_new(pool, sizeof *application);

    application->name = pool_keep(pool, desired->application);
    application->desired = wishes_keep(pool, desired, &application->arena);
    application->claims = pool_new_array(pool, rows_count(&application->desired),
                                         sizeof *application->claims);
    return application;
}

static void application_free(struct pool *pool, struct application *application)
{
    pool_drop(pool, application->name);
    wishes_forget(pool, &application->desired);
    pool_delete_array(pool, application->claims, rows_count(&application->desired),
                      sizeof *application->claims);
    arena_free(&application->arena);
    pool_delete(pool, application, sizeof *application);
}

static struct application *find(const struct engine *engine, const char *name)
{
    struct application *application;

    TAILQ_FOREACH(application, &engine->applications, others)
    {
        if (strcmp(application->name, name) == 0) {
            return application;
        }
    }
    return NULL;
}

void claim_declare(struct engine *engine, const struct desired *desired)
{
    struct application *old = find(engine, desired->application);
    struct application *after;
    struct application *application = application_new(&engine->pool, desired);

    use_configs(engine, &application->desired, 1);
    swap_configs(engine, application, old);
    swap_links(engine, application, old);
    swap_workloads(engine, application, old);
    if (old != NULL) {
        claim_retract(engine, application->name, false);
    }
    after = TAILQ_FIRST(&engine->applications);
    while (after != NULL && strcmp(after->name, application->name) < 0) {
        after = TAILQ_NEXT(after, others);
    }
    if (after != NULL) {
        TAILQ_INSERT_BEFORE(after, application, others);
    } else {
        TAILQ_INSERT_TAIL(&engine->applications, application, others);
    }
}

void claim_retract(struct engine *engine, const char *name, bool is_pruned)
{
    struct application *application = find(engine, name);

    if (application == NULL) {
        if (!is_pruned) {
            unprune(engine, name);
        }
        return;
    }
    remove_rest(engine, application, is_pruned);
    use_configs(engine, &application->desired, -1);
    TAILQ_REMOVE(&engine->applications, application, others);
    application_free(&engine->pool, application);
}

void claim_free(struct engine *engine)
{
    struct application *application;

    while ((application = TAILQ_FIRST(&engine->applications)) != NULL) {
        TAILQ_REMOVE(&engine->applications, application, others);
        application_free(&engine->pool, application);
    }
}
