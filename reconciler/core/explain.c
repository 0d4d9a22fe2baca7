#include "reconciler/core/explain.h"

#include <string.h>

#include "reconciler/core/claim.h"
#include "reconciler/core/foreign.h"
#include "reconciler/core/history.h"
#include "reconciler/core/hosts.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/standing.h"

#define TEXT_BYTES_MAX ((size_t)4096)

/* What is being explained. */
struct draft {
    const struct engine *engine;
    struct arena *arena;
    struct explanation *items;
    size_t count;
    size_t capacity;
};

static void append_names(struct text *text, const char *before, const struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        text_append(text, "%s%s", i == 0 ? before : ", ", names->items[i]);
    }
}

static struct text begin(const struct draft *draft)
{
    struct text text;

    text_init(&text, draft->arena, TEXT_BYTES_MAX);
    return text;
}

/* ", for shop (web.yaml:12)" */
static void append_origin(struct text *text, const struct claim *claims,
                          const struct origin *origin)
{
    text_append(text, ", for %s (%s:%u)", claim_application(claims), origin->source,
                (unsigned int)origin->place.line);
}

static const char *state_name(const struct ledger_row *ledger)
{
    return ledger->state == LEDGER_CONFIRMED ? "confirmed" : "sent";
}

static const char *outcome_of(const struct past_command *past, struct arena *arena)
{
    if (past->ended.ms == INSTANT_NEVER.ms) {
        return past->is_accepted ? "accepted, under way" : "under way";
    }
    if (past->words == NULL) {
        return "done";
    }
    return past->is_accepted ? arena_print(arena, "accepted, but %s", past->words)
                             : past->words;
}

static void add_commands(const struct draft *draft, struct explanation *item,
                         enum item_kind kind)
{
    const struct past_command *past[EXPLAINED_COMMANDS_MAX];
    const size_t count = history_of(draft->engine, kind, item->name, past);
    struct explained_command *commands =
        arena_array(draft->arena, count, sizeof *commands);

    for (size_t i = 0; i < count; i++) {
        commands[i] = (struct explained_command){
            .text = past[i]->text,
            .sent = past[i]->sent,
            .ended = past[i]->ended,
            .outcome = outcome_of(past[i], draft->arena),
        };
    }
    item->commands = commands;
    item->commands_count = count;
}

static struct explanation *add(struct draft *draft, enum ledger_kind kind,
                               const char *name, const struct worst *worst,
                               const struct standing *standing)
{
    const char *text = reason_text(draft->engine, &worst->subject, draft->arena);
    struct explanation *item;

    draft->items = arena_grow(draft->arena, draft->items, draft->count, &draft->capacity,
                              sizeof *draft->items);
    item = &draft->items[draft->count++];
    *item = (struct explanation){
        .kind = kind,
        .name = name,
        .word = worst->word,
        .since = standing->since,
        .decision = text[0] != '\0' ? text : "nothing to do: it is as it is wanted",
        .waits_for = reason_wait(&worst->subject),
    };
    return item;
}

static void explain_config(struct draft *draft, const struct config_item *config)
{
    const struct config_row *row = claim_config(config);
    const struct worst worst = worst_of_config(draft->engine, config);
    struct explanation *item =
        add(draft, LEDGER_CONFIG, config->item.name, &worst, &config->standing);
    struct text desired = begin(draft);
    struct text ledger = begin(draft);

    if (row != NULL) {
        text_append(&desired, "its content");
        append_origin(&desired, config->claims, &row->origin);
    }
    if (config->ledger != NULL) {
        text_append(&ledger, "%s for %s", state_name(config->ledger),
                    config->ledger->application);
    }
    item->desired = desired.bytes;
    item->ledger = ledger.bytes;
    item->observed = config->observed == NULL ? "not there"
                     : row == NULL            ? "there"
                     : strcmp(config->observed, row->content) == 0
                         ? "there, with this content"
                         : "there, with other content";
    add_commands(draft, item, ITEM_CONFIG);
}

/* Its interfaces and configs. */
static struct text link_content(const struct draft *draft, const struct link *link)
{
    struct text text = begin(draft);

    text_append(&text, "link %s", link->name);
    append_names(&text, ", interfaces ", &link->interfaces);
    append_names(&text, ", source config ", &link->source_config);
    append_names(&text, ", target config ", &link->target_config);
    return text;
}

static void explain_link(struct draft *draft, const struct link_item *link)
{
    const struct link_row *row = claim_link(link);
    const struct worst worst = worst_of_link(draft->engine, link);
    struct explanation *item = add(draft, LEDGER_LINK, link_name(link->key, draft->arena),
                                   &worst, &link->standing);

    item->desired = "";
    if (row != NULL) {
        struct text desired = link_content(draft, &row->link);

        append_origin(&desired, link->claims, &row->origin);
        item->desired = desired.bytes;
    }
    item->observed =
        link->observed != NULL ? link_content(draft, link->observed).bytes : "not there";
    item->ledger = link->ledger != NULL
                       ? arena_print(draft->arena, "%s for %s", state_name(link->ledger),
                                     link->ledger->application)
                       : "";
    add_commands(draft, item, ITEM_SOURCE);
}

/* What is told, and what we remember, of each host. */
static void append_placement(const struct placement *placement, struct text *observed,
                             struct text *ledger)
{
    const char *host = host_name(placement->host);

    if (placement->observed != NULL) {
        text_append(observed, "%s%s: %u of %s", observed->count > 0 ? "; " : "", host,
                    (unsigned int)placement->observed->count, placement->observed->image);
    }
    if (placement->ledger != NULL) {
        text_append(ledger, "%s%s: %s for %s, %s", ledger->count > 0 ? "; " : "", host,
                    state_name(placement->ledger), placement->ledger->application,
                    placement->ledger->u.workload.image);
        append_names(ledger, " config ", &placement->ledger->u.workload.configs);
    }
}

static bool has_kind(const struct workload_item *workload, enum workload_kind kind)
{
    const struct workload_row *row = claim_workload(workload);

    for (size_t i = 0; i < workload->placements_count; i++) {
        if (workload->placements[i]->kind == kind) {
            return true;
        }
    }
    return row != NULL && row->kind == kind;
}

static void explain_workload(struct draft *draft, const struct workload_item *workload,
                             enum workload_kind kind)
{
    const struct workload_row *row = claim_workload(workload);
    const struct worst worst = worst_of_workload(draft->engine, workload, kind);
    struct explanation *item =
        add(draft, kind == WORKLOAD_PROVIDER ? LEDGER_PROVIDER : LEDGER_COMPONENT,
            workload->item.name, &worst, &workload->standing);
    struct text desired = begin(draft);
    struct text observed = begin(draft);
    struct text ledger = begin(draft);

    if (row != NULL && row->kind == kind) {
        text_append(&desired, "%u%s of %s", (unsigned int)row->instances,
                    row->is_daemon ? " on each host" : "", row->image);
        append_names(&desired, " config ", &row->configs);
        append_origin(&desired, workload->claims, &row->origin);
    }
    for (size_t i = 0; i < workload->placements_count; i++) {
        if (workload->placements[i]->kind == kind) {
            append_placement(workload->placements[i], &observed, &ledger);
        }
    }
    item->desired = desired.bytes;
    item->observed = observed.count > 0 ? observed.bytes : "not there";
    item->ledger = ledger.bytes;
    add_commands(draft, item, ITEM_WORKLOAD);
}

/* All links whose source or name is name. */
static void explain_links(struct draft *draft, const char *name)
{
    const struct item_list *sources = &draft->engine->tables[ITEM_SOURCE];

    for (size_t i = 0; i < sources->count; i++) {
        const struct source_item *source = (const struct source_item *)sources->items[i];
        const size_t length = strlen(source->item.name);
        const bool is_source = strcmp(source->item.name, name) == 0;

        if (!is_source && (strncmp(source->item.name, name, length) != 0)) {
            continue;
        }
        for (size_t j = 0; j < source->links_count; j++) {
            const struct link_item *link = source->links[j];

            if (is_source || strcmp(link_name(link->key, draft->arena), name) == 0) {
                explain_link(draft, link);
            }
        }
    }
}

size_t engine_explain(const struct engine *engine, enum ledger_kind kind,
                      const char *name, struct arena *arena,
                      const struct explanation **ret_explanations)
{
    const enum workload_kind workload_kind =
        kind == LEDGER_PROVIDER ? WORKLOAD_PROVIDER : WORKLOAD_COMPONENT;
    const struct item *item =
        state_find(engine, kind == LEDGER_CONFIG ? ITEM_CONFIG : ITEM_WORKLOAD, name);
    struct draft draft = {.engine = engine, .arena = arena};

    if (kind == LEDGER_LINK) {
        explain_links(&draft, name);
    } else if (item != NULL && kind == LEDGER_CONFIG) {
        explain_config(&draft, (const struct config_item *)item);
    } else if (item != NULL &&
               has_kind((const struct workload_item *)item, workload_kind)) {
        explain_workload(&draft, (const struct workload_item *)item, workload_kind);
    }
    *ret_explanations = draft.items;
    return draft.count;
}
