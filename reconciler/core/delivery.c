#include "reconciler/core/delivery.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/digest.h"
#include "reconciler/core/claim.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/plan.h"
#include "reconciler/core/timing.h"

/* In place of the digest of what is not given once and for all. */
#define NOT_GIVEN "-"

/* What a name that begins so refers to is fetched when the one that names it starts.
 * Source: reference lattice-protocol-v1 section 8. */
static bool is_secret(const char *name)
{
    return strncmp(name, "SECRET", 6) == 0;
}

/* As much of a SHA-256 as tells the contents apart that one config ever has. */
void delivery_digest(const char *content, char ret_digest[static CONFIG_DIGEST_BYTES])
{
    char hex[DIGEST_HEX_BYTES];

    digest_bytes(content, strlen(content), hex);
    memcpy(ret_digest, hex, CONFIG_DIGEST_BYTES - 1);
    ret_digest[CONFIG_DIGEST_BYTES - 1] = '\0';
}

void delivery_note_config(struct engine *engine, struct config_item *config)
{
    struct item_list *list = &engine->changed_configs;

    if (config->digest[0] == '\0') {
        return; /* nobody was given it yet */
    }
    state_list_grow(list);
    list->items[list->count++] = &config->item;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp((*(struct item *const *)a)->name, (*(struct item *const *)b)->name);
}

static int compare_key(const void *key, const void *element)
{
    return strcmp(key, (*(struct item *const *)element)->name);
}

static bool names_changed(const struct engine *engine, const struct names *names)
{
    const struct item_list *list = &engine->changed_configs;

    for (size_t i = 0; i < names->count; i++) {
        if (bsearch(names->items[i], list->items, list->count, sizeof(struct item *),
                    compare_key) != NULL) {
            return true;
        }
    }
    return false;
}

static bool uses_changed(const struct engine *engine, const struct source_item *source)
{
    for (size_t i = 0; i < source->links_count; i++) {
        const struct link_wish *row = claim_link(source->links[i]);

        if (row != NULL && (names_changed(engine, &row->link->source_config) ||
                            names_changed(engine, &row->link->target_config))) {
            return true;
        }
    }
    return false;
}

bool delivery_has_secret(const struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        if (is_secret(names->items[i])) {
            return true;
        }
    }
    return false;
}

void delivery_mark_users(struct engine *engine)
{
    struct item_list *list = &engine->changed_configs;
    const struct item_list *sources = &engine->tables[ITEM_SOURCE];
    const struct item_list *workloads = &engine->tables[ITEM_WORKLOAD];

    if (list->count == 0) {
        return;
    }
    qsort(list->items, list->count, sizeof(struct item *), compare_names);
    for (size_t i = 0; i < sources->count; i++) {
        if (uses_changed(engine, (const struct source_item *)sources->items[i])) {
            state_mark(engine, sources->items[i]);
        }
    }
    for (size_t i = 0; i < workloads->count; i++) {
        const struct workload_row *row =
            claim_workload((const struct workload_item *)workloads->items[i]);

        if (row != NULL &&
            (row->kind == WORKLOAD_PROVIDER || delivery_has_secret(&row->configs)) &&
            names_changed(engine, &row->configs)) {
            state_mark(engine, workloads->items[i]);
        }
    }
    list->count = 0;
}

/* The digests of what the configs of a, and then of b, hold now, of all or of secrets. */
static struct names contents(struct engine *engine, const struct names *a,
                             const struct names *b, bool is_of_secrets)
{
    const char **items =
        arena_array(&engine->scratch, a->count + b->count, sizeof *items);

    for (size_t i = 0; i < a->count + b->count; i++) {
        const char *name = i < a->count ? a->items[i] : b->items[i - a->count];
        const struct config_item *config =
            (const struct config_item *)state_find(engine, ITEM_CONFIG, name);

        if (config == NULL || config->observed == NULL) {
            return (struct names){0};
        }
        items[i] = is_of_secrets && !is_secret(name) ? NOT_GIVEN : config->digest;
    }
    return (struct names){items, a->count + b->count};
}

struct names delivery_contents(struct engine *engine, const struct names *a,
                               const struct names *b)
{
    return contents(engine, a, b, false);
}

const struct config_item *delivery_changed(const struct engine *engine,
                                           const struct names *lists[2],
                                           const struct names *delivered,
                                           enum delivery_owner owner)
{
    const size_t count = lists[0]->count + lists[1]->count;

    for (size_t i = 0; delivered->count == count && i < count; i++) {
        const char *name = i < lists[0]->count ? lists[0]->items[i]
                                               : lists[1]->items[i - lists[0]->count];
        const struct config_item *config =
            (const struct config_item *)state_find(engine, ITEM_CONFIG, name);

        if (config != NULL && config->observed != NULL &&
            (config->claims != NULL) == (owner == DELIVERY_OURS) &&
            strcmp(delivered->items[i], NOT_GIVEN) != 0 &&
            strcmp(config->digest, delivered->items[i]) != 0) {
            return config;
        }
    }
    return NULL;
}

struct names delivery_given(struct engine *engine, enum workload_kind kind,
                            const struct names *configs)
{
    static const struct names none;

    if (kind == WORKLOAD_COMPONENT && !delivery_has_secret(configs)) {
        return none;
    }
    return contents(engine, configs, &none, kind == WORKLOAD_COMPONENT);
}

/* Was config, of ours, delivered as digest says, and has other content now? */
static bool is_other(const struct config_item *config, const char *digest)
{
    return config != NULL && config->observed != NULL && config->claims != NULL &&
           strcmp(digest, NOT_GIVEN) != 0 && strcmp(digest, config->digest) != 0;
}

void delivery_note_taking(struct engine *engine, struct workload_item *workload,
                          struct placement *placement)
{
    struct ledger_row row;
    const char **items;
    bool is_new = false;

    if (placement->ledger == NULL || placement->observed != NULL ||
        (!placement_is_starting(placement) && !placement_may_appear(engine, placement))) {
        return;
    }
    row = placement_row(placement);
    items = arena_array(&engine->scratch, row.delivered.count, sizeof *items);
    assert(row.delivered.count == 0 ||
           row.delivered.count == row.u.workload.configs.count);
    for (size_t i = 0; i < row.delivered.count; i++) {
        const struct config_item *config = (const struct config_item *)state_find(
            engine, ITEM_CONFIG, row.u.workload.configs.items[i]);

        items[i] = is_other(config, row.delivered.items[i]) ? DELIVERY_DOUBTFUL
                                                            : row.delivered.items[i];
        is_new |= strcmp(items[i], row.delivered.items[i]) != 0;
    }
    if (is_new) {
        row.delivered.items = items;
        row.unsure_ms = placement->flight.command != 0
                            ? UNSURE_START_MS
                            : instant_left(engine->now, placement->unsure_until);
        placement_put_ledger(engine, workload, placement, &row);
    }
}

bool delivery_is_unknown(struct engine *engine, const struct placement *placement)
{
    const struct record *ledger = placement->ledger;

    return ledger->delivered.count != ledger->u.start->configs.count &&
           delivery_given(engine, placement->kind, &ledger->u.start->configs).count > 0;
}

static const char *foreign_text(const struct engine *engine, const struct names *lists[2],
                                const struct record *ledger, struct arena *arena)
{
    const struct config_item *config =
        ledger != NULL
            ? delivery_changed(engine, lists, &ledger->delivered, DELIVERY_FOREIGN)
            : NULL;

    return config != NULL ? arena_print(arena,
                                        "config %s, which is not ours, has changed since "
                                        "it was delivered",
                                        config->item.name)
                          : NULL;
}

const char *delivery_link_text(const struct engine *engine, const struct link_item *link,
                               struct arena *arena)
{
    const struct link *wanted = claim_link(link)->link;
    const struct names *lists[2] = {&wanted->source_config, &wanted->target_config};

    return foreign_text(engine, lists, link->ledger, arena);
}

const char *delivery_start_text(const struct engine *engine,
                                const struct workload_item *workload, struct arena *arena)
{
    static const struct names none;
    const char *text = NULL;

    for (size_t i = 0; i < workload->placements_count && text == NULL; i++) {
        const struct placement *placement = workload->placements[i];
        const struct names *lists[2] = {&none, &none};

        if (placement->kind == WORKLOAD_PROVIDER && placement->observed != NULL &&
            placement->ledger != NULL) {
            lists[0] = &placement->ledger->u.start->configs;
            text = foreign_text(engine, lists, placement->ledger, arena);
        }
    }
    return text;
}

static bool has_provider(const struct workload_item *workload)
{
    for (size_t i = 0; workload != NULL && i < workload->placements_count; i++) {
        const struct placement *placement = workload->placements[i];

        if (placement->kind == WORKLOAD_PROVIDER &&
            (placement->observed != NULL || placement->ledger != NULL)) {
            return true;
        }
    }
    return false;
}

bool delivery_has_provider(const struct link_item *link)
{
    return has_provider(link->target) || has_provider(link->source->workload);
}

struct config_item *delivery_config_in_way(struct engine *engine,
                                           const struct link_item *link)
{
    const struct link *wanted = claim_link(link)->link;
    struct config_item *config = plan_config_in_way(engine, &wanted->source_config);

    return config != NULL ? config : plan_config_in_way(engine, &wanted->target_config);
}

static enum oam_redeliver policy(const struct claim *claims)
{
    return claims->application->desired.redeliver;
}

bool delivery_is_stale(struct engine *engine, struct link_item *link)
{
    const struct link *wanted = claim_link(link)->link;
    const struct names *lists[2] = {&wanted->source_config, &wanted->target_config};
    struct config_item *config;

    if (policy(link->claims) == REDELIVER_NEVER) {
        return false;
    }
    config = delivery_config_in_way(engine, link);
    if (config != NULL) {
        state_wait(&link->source->item, &config->item);
        return false;
    }
    return link->ledger->is_dropped ||
           delivery_changed(engine, lists, &link->ledger->delivered, DELIVERY_OURS) !=
               NULL;
}

bool delivery_is_doubtful(struct engine *engine, const struct link_item *link)
{
    const struct link *wanted = claim_link(link)->link;
    const struct names *lists[2] = {&wanted->source_config, &wanted->target_config};

    return delivery_config_in_way(engine, link) != NULL ||
           delivery_changed(engine, lists, &link->ledger->delivered, DELIVERY_OURS) !=
               NULL;
}

static void mark_doubtful(struct engine *engine, const struct link_item *link)
{
    if (link->claims != NULL && link->ledger != NULL && link->observed != NULL &&
        delivery_is_doubtful(engine, link)) {
        state_mark(engine, &link->source->item);
    }
}

void delivery_note_start(struct engine *engine, const struct workload_item *workload)
{
    const struct source_item *source = workload->source;
    const struct link_item *link;

    for (size_t i = 0; source != NULL && i < source->links_count; i++) {
        mark_doubtful(engine, source->links[i]);
    }
    LIST_FOREACH(link, &workload->inbound, inbound)
    {
        mark_doubtful(engine, link);
    }
}

bool delivery_must_queue(struct engine *engine, struct link_item *link,
                         struct verdict *ret_verdict)
{
    struct source_item *source = link->source;
    struct source_item *first = engine->redelivering;

    if (link->ledger->is_dropped) {
        return false;
    }
    if (first == NULL || first == source) {
        engine->redelivering = source;
        return false;
    }
    state_wait(&source->item, &first->item);
    *ret_verdict = (struct verdict){REASON_LINKS, &first->item};
    return true;
}

void delivery_end_turn(struct engine *engine, struct source_item *source)
{
    if (engine->redelivering != source) {
        return;
    }
    for (size_t i = 0; i < source->links_count; i++) {
        const struct link_item *link = source->links[i];

        if (link->claims != NULL && plan_link_is_pending(link)) {
            return;
        }
    }
    engine->redelivering = NULL;
    state_changed(engine, &source->item);
}
