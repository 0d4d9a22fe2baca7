#include "reconciler/core/status.h"

#include <stdlib.h>
#include <string.h>

#include "reconciler/core/asking.h"
#include "reconciler/core/claim.h"
#include "reconciler/core/delivery.h"
#include "reconciler/core/foreign.h"
#include "reconciler/core/hosts.h"
#include "reconciler/core/loss_note.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/standing.h"
#include "reconciler/core/state.h"

#define WHERE_BYTES_MAX ((size_t)4096)

const char *status_word_name(enum status_word word)
{
    switch (word) {
    case STATUS_DEPLOYED:
        return "deployed";
    case STATUS_RECONCILING:
        return "reconciling";
    case STATUS_DEGRADED:
        return "degraded";
    case STATUS_WAITING:
        return "waiting";
    case STATUS_BLIND:
        return "blind";
    case STATUS_UNDEPLOYED:
        return "undeployed";
    case STATUS_STUCK:
        return "stuck";
    case STATUS_FAILED:
        return "failed";
    }
    abort();
}

const char *engine_lattice_status(const struct engine *engine, struct arena *arena)
{
    const char *blind = reason_of_blindness(engine);
    const char *hosts =
        arena_print(arena, "%u host%s%s", (unsigned int)engine->hosts_up,
                    engine->hosts_up == 1 ? "" : "s",
                    engine_is_polling(engine)
                        ? ", asked again and again, for the buckets cannot be followed"
                        : "");
    const struct host_item *mute;
    size_t mute_count;

    if (blind != NULL) {
        return blind;
    }
    if (engine->suspended != NULL) {
        hosts = arena_print(arena, "%s; nothing is sent: %s", hosts, engine->suspended);
    }
    mute = host_first_mute(engine, &mute_count);
    if (mute == NULL) {
        return hosts;
    }
    return arena_print(
        arena, "%s; %s%s", hosts, host_mute_text(engine, mute, arena),
        mute_count > 1 ? arena_print(arena, " (and %zu more)", mute_count - 1) : "");
}

/* A status under construction. */
struct draft {
    const struct engine *engine;
    struct arena *arena;
    struct resource_status *resources;
    size_t count;
    size_t capacity;
};

static struct resource_status *add(struct draft *draft, enum ledger_kind kind)
{
    struct resource_status *resource;

    draft->resources = arena_grow(draft->arena, draft->resources, draft->count,
                                  &draft->capacity, sizeof *draft->resources);
    resource = &draft->resources[draft->count++];
    *resource = (struct resource_status){
        .kind = kind,
        .name = "",
        .id = "",
        .wanted = "",
        .where = "",
        .origin = {.source = ""},
        .scaler_id = "",
        .reason = "",
    };
    return resource;
}

/* How resource stands, and why; is_doomed: no application wants it any more. */
static void fill(const struct draft *draft, struct resource_status *resource,
                 const struct worst *worst, const struct standing *standing,
                 bool is_doomed)
{
    const char *text = standing_text(draft->engine, worst, draft->arena);

    resource->word = worst->word;
    resource->word_before =
        worst->word == STATUS_BLIND ? standing->word_before : worst->word;
    resource->since = standing->since;
    resource->is_conflict = worst->is_conflict;
    resource->is_halted = worst->is_halted;
    resource->waits_for = reason_wait(&worst->subject);
    resource->reason = is_doomed ? arena_print(draft->arena, "to be removed%s%s",
                                               text[0] != '\0' ? ": " : "", text)
                                 : text;
}

/* text, unless it is NULL, is worth saying of resource though nothing is to be done. */
static void remark(struct resource_status *resource, const char *text)
{
    if (text != NULL) {
        resource->reason = text;
    }
}

static void add_config(struct draft *draft, const struct config_item *config,
                       const struct config_row *row)
{
    const struct worst worst = worst_of_config(draft->engine, config);
    struct resource_status *resource = add(draft, LEDGER_CONFIG);

    resource->name = config->item.name;
    resource->id = config->item.name;
    resource->where = config->observed != NULL ? "CONFIGDATA" : "";
    fill(draft, resource, &worst, &config->standing, row == NULL);
    if (row != NULL) {
        resource->origin = row->origin;
    }
}

static void add_link(struct draft *draft, const struct link_item *link,
                     const struct link_wish *row)
{
    const struct worst worst = worst_of_link(draft->engine, link);
    struct resource_status *resource = add(draft, LEDGER_LINK);

    resource->name = link_name(link->key, draft->arena);
    resource->id = link->key->source_id;
    resource->where = link->observed != NULL ? arena_print(draft->arena, "COMPONENT_%s",
                                                           link->key->source_id)
                                             : "";
    fill(draft, resource, &worst, &link->standing, row == NULL);
    if (row != NULL && resource->word == STATUS_DEPLOYED) {
        remark(resource, delivery_link_text(draft->engine, link, draft->arena));
        remark(resource, delivery_lost_text(draft->engine, link, draft->arena));
    }
    if (row != NULL) {
        resource->origin = row->origin;
        resource->scaler_id = scaler_text(&row->scaler, draft->arena);
    }
}

/* Where workload runs, with counts. */
static const char *where(const struct draft *draft, const struct workload_item *workload,
                         enum workload_kind kind)
{
    struct text text;

    text_init(&text, draft->arena, WHERE_BYTES_MAX);
    for (size_t i = 0; i < workload->placements_count; i++) {
        const struct placement *placement = workload->placements[i];

        if (placement->kind != kind || placement->observed == NULL ||
            !placement_is_ours(placement, workload)) {
            continue;
        }
        text_append(&text, "%s%s", text.count > 0 ? ", " : "",
                    host_name(placement->host));
        if (kind == WORKLOAD_COMPONENT) {
            text_append(&text, " %u", (unsigned int)placement->observed->count);
        }
    }
    return text.bytes;
}

static const char *wanted(const struct draft *draft, const struct workload_row *row)
{
    const unsigned int count = row->instances;
    const char *unit = row->kind == WORKLOAD_PROVIDER ? "host" : "instance";

    if (row->is_daemon) {
        return row->kind == WORKLOAD_PROVIDER
                   ? "each host"
                   : arena_print(draft->arena, "%u on each host", count);
    }
    return arena_print(draft->arena, "%u %s%s", count, unit, count == 1 ? "" : "s");
}

static void add_workload(struct draft *draft, const struct workload_item *workload,
                         enum workload_kind kind)
{
    const struct workload_row *row = claim_workload(workload);
    const bool is_doomed = row == NULL || row->kind != kind;
    const struct worst worst = worst_of_workload(draft->engine, workload, kind);
    struct resource_status *resource =
        add(draft, kind == WORKLOAD_PROVIDER ? LEDGER_PROVIDER : LEDGER_COMPONENT);

    resource->id = workload->item.name;
    resource->name = is_doomed ? workload->item.name : row->component;
    resource->where = where(draft, workload, kind);
    fill(draft, resource, &worst, &workload->standing, is_doomed);
    if (is_doomed) {
        return;
    }
    if (resource->word == STATUS_DEPLOYED) {
        remark(resource, delivery_start_text(draft->engine, workload, draft->arena));
    }
    resource->wanted = wanted(draft, row);
    resource->is_daemon = row->is_daemon;
    resource->origin = row->origin;
    resource->scaler_id = wish_scaler(row, draft->arena);
}

static void add_workloads(struct draft *draft, const struct wishes *desired,
                          enum workload_kind kind)
{
    for (size_t i = 0; i < desired->workloads_count; i++) {
        const struct workload_row *row = &desired->workloads[i].row;

        if (row->kind == kind) {
            add_workload(draft,
                         (const struct workload_item *)state_find(draft->engine,
                                                                  ITEM_WORKLOAD, row->id),
                         kind);
        }
    }
}

/* Whatever is the matter with what another application runs, here it is waited for. */
static void soften(const struct draft *draft, struct resource_status *resource,
                   const struct shared_row *row)
{
    if (resource->word == STATUS_DEPLOYED) {
        return;
    }
    resource->is_conflict = false;
    resource->is_halted = false;
    resource->reason = arena_print(
        draft->arena, "%s %s of application %s (%s): %s", workload_kind_name(row->kind),
        row->name, row->application, status_word_name(resource->word), resource->reason);
    if (resource->word != STATUS_DEGRADED && resource->word != STATUS_BLIND) {
        resource->word = STATUS_WAITING;
        resource->word_before = STATUS_WAITING;
    }
}

/* What another application runs. */
static void add_shared(struct draft *draft, const struct shared_row *row)
{
    const struct item *item = state_find(draft->engine, ITEM_WORKLOAD, row->id);
    struct resource_status *resource =
        add(draft, row->kind == WORKLOAD_PROVIDER ? LEDGER_PROVIDER : LEDGER_COMPONENT);

    resource->word = STATUS_WAITING;
    resource->word_before = STATUS_WAITING;
    resource->since = INSTANT_NEVER;
    if (row->state != SHARED_THERE || item == NULL) {
        resource->reason = reason_of_absence(row, draft->arena);
    } else {
        const struct workload_item *workload = (const struct workload_item *)item;
        const struct worst worst = worst_of_workload(draft->engine, workload, row->kind);

        resource->where = where(draft, workload, row->kind);
        fill(draft, resource, &worst, &workload->standing, false);
        soften(draft, resource, row);
    }
    if (resource->word != STATUS_DEPLOYED && resource->word != STATUS_BLIND) {
        resource->waits_for = (struct status_wait){"application", row->application};
    }
    resource->id = row->id;
    resource->name = row->component;
    resource->wanted = arena_print(draft->arena, "%s of %s", row->name, row->application);
    resource->origin = row->origin;
}

static void add_links(struct draft *draft, const struct wishes *desired)
{
    const struct source_item *source = NULL;

    for (size_t i = 0; i < desired->links_count; i++) {
        const struct link_wish *row = &desired->links[i];

        if (source == NULL || strcmp(source->item.name, row->link->source_id) != 0) {
            source = (const struct source_item *)state_find(draft->engine, ITEM_SOURCE,
                                                            row->link->source_id);
        }
        add_link(draft, state_find_link(source, row->link), row);
    }
}

static void add_configs(struct draft *draft, const struct wishes *desired)
{
    for (size_t i = 0; i < desired->configs_count; i++) {
        const struct config_row *row = &desired->configs[i];

        add_config(
            draft,
            (const struct config_item *)state_find(draft->engine, ITEM_CONFIG, row->name),
            row);
    }
}

static bool is_of(const struct record *ledger, const char *application)
{
    return ledger != NULL && strcmp(ledger->application, application) == 0;
}

static void add_doomed_workload(struct draft *draft, const struct workload_item *workload,
                                const char *application)
{
    const struct workload_row *row = claim_workload(workload);
    bool has_kind[2] = {false, false};

    for (size_t i = 0; i < workload->placements_count; i++) {
        const struct placement *placement = workload->placements[i];

        if (is_of(placement->ledger, application) &&
            standing_may_be_left(draft->engine, placement) &&
            (row == NULL || row->kind != placement->kind)) {
            has_kind[placement->kind] = true;
        }
    }
    if (has_kind[WORKLOAD_COMPONENT]) {
        add_workload(draft, workload, WORKLOAD_COMPONENT);
    }
    if (has_kind[WORKLOAD_PROVIDER]) {
        add_workload(draft, workload, WORKLOAD_PROVIDER);
    }
}

static void add_doomed(struct draft *draft, const char *application)
{
    const struct item_list *workloads = &draft->engine->tables[ITEM_WORKLOAD];
    const struct item_list *sources = &draft->engine->tables[ITEM_SOURCE];
    const struct item_list *configs = &draft->engine->tables[ITEM_CONFIG];

    for (size_t i = 0; i < workloads->count; i++) {
        add_doomed_workload(draft, (const struct workload_item *)workloads->items[i],
                            application);
    }
    for (size_t i = 0; i < sources->count; i++) {
        const struct source_item *source = (const struct source_item *)sources->items[i];

        for (size_t j = 0; j < source->links_count; j++) {
            if (source->links[j]->claims == NULL &&
                is_of(source->links[j]->ledger, application)) {
                add_link(draft, source->links[j], NULL);
            }
        }
    }
    for (size_t i = 0; i < configs->count; i++) {
        const struct config_item *config = (const struct config_item *)configs->items[i];

        if (config->claims == NULL && is_of(config->ledger, application)) {
            add_config(draft, config, NULL);
        }
    }
}

static const struct wishes *find_desired(const struct engine *engine,
                                         const char *application)
{
    const struct application *each;

    TAILQ_FOREACH(each, &engine->applications, others)
    {
        if (strcmp(each->name, application) == 0) {
            return &each->desired;
        }
    }
    return NULL;
}

/* Is b, with the word of a, a better answer than a to since when all of them have it?
 * All are deployed since the last is; something has failed since the first has. */
static bool says_more(const struct resource_status *resource, enum status_word word,
                      struct instant since)
{
    if (resource->word != word || since.ms == INSTANT_NEVER.ms) {
        return resource->word == word;
    }
    return word == STATUS_DEPLOYED ? instant_is_before(since, resource->since)
                                   : instant_is_before(resource->since, since);
}

/* All that is left of an application that nobody wants is what others use. */
static bool is_over(const struct draft *draft, const struct wishes *desired)
{
    for (size_t i = 0; i < draft->count; i++) {
        if (draft->resources[i].word != STATUS_UNDEPLOYED) {
            return false;
        }
    }
    return desired == NULL;
}

/*
 * An application is as its worst resource.  What is kept because others use it counts
 * only when nothing else is left to tell.
 */
static void sum_up(const struct draft *draft, struct application_status *status)
{
    for (size_t i = 0; i < draft->count; i++) {
        const struct resource_status *resource = &draft->resources[i];
        const bool is_kept = resource->word == STATUS_UNDEPLOYED;

        status->is_conflict |= resource->is_conflict;
        status->is_halted |= resource->is_halted;
        if (is_kept ? status->reason[0] == '\0' && status->word == STATUS_UNDEPLOYED
                    : resource->word > status->word) {
            status->word = resource->word;
            status->waits_for = resource->waits_for;
            status->reason =
                arena_print(draft->arena, "%s: %s", resource->name, resource->reason);
        }
        if (!is_kept && resource->word_before > status->word_before) {
            status->word_before = resource->word_before;
        }
    }
    for (size_t i = 0; i < draft->count; i++) {
        if (says_more(&draft->resources[i], status->word, status->since)) {
            status->since = draft->resources[i].since;
        }
    }
    if (reason_of_blindness(draft->engine) != NULL &&
        status->word == reason_blind_word(draft->engine)) {
        status->since = draft->engine->sight_since;
    }
}

/* What others lost to a command of ours is said whatever else there is to say. */
static void add_loss(const struct engine *engine, struct arena *arena,
                     struct application_status *status)
{
    const struct loss *loss = loss_of(engine, status->application);

    if (loss != NULL) {
        status->reason = arena_print(arena, "%s%s%s", status->reason,
                                     status->reason[0] != '\0' ? "; " : "", loss->text);
    }
}

void engine_status(const struct engine *engine, const char *application,
                   struct arena *arena, struct application_status *ret_status)
{
    const struct wishes *desired = find_desired(engine, application);
    struct draft draft = {.engine = engine, .arena = arena};
    struct application_status status = {
        .application = application,
        .since = INSTANT_NEVER,
        .reason = "",
    };

    if (desired != NULL) {
        add_workloads(&draft, desired, WORKLOAD_COMPONENT);
        add_workloads(&draft, desired, WORKLOAD_PROVIDER);
        for (size_t i = 0; i < desired->shared_count; i++) {
            add_shared(&draft, &desired->shared[i]);
        }
        add_links(&draft, desired);
        add_configs(&draft, desired);
    }
    add_doomed(&draft, application);
    if (is_over(&draft, desired)) {
        status.word = STATUS_UNDEPLOYED;
        status.word_before = STATUS_UNDEPLOYED;
    } else if (reason_of_blindness(engine) != NULL) {
        /* What the resources say is as we saw them last. */
        status.word = reason_blind_word(engine);
        status.reason = reason_of_blindness(engine);
        status.waits_for = (struct status_wait){"lattice", ""};
    }
    sum_up(&draft, &status);
    add_loss(engine, arena, &status);
    status.resources = draft.resources;
    status.resources_count = draft.count;
    *ret_status = status;
}
