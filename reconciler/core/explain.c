#include "reconciler/core/explain.h"

#include <stdlib.h>
#include <string.h>

#include "reconciler/core/claim.h"
#include "reconciler/core/delivery.h"
#include "reconciler/core/explain_host.h"
#include "reconciler/core/foreign.h"
#include "reconciler/core/history.h"
#include "reconciler/core/hosts.h"
#include "reconciler/core/match.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/standing.h"

#define TEXT_BYTES_MAX ((size_t)4096)

/* What is being explained. */
struct draft {
    const struct engine *engine;
    struct arena *arena;
    struct explanation *item;
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

/* ", for shop (web.yaml:12)", and who else wants the same. */
static void append_origin(struct text *text, const struct claim *claims,
                          const struct origin *origin)
{
    text_append(text, ", for %s (%s:%u)", claim_application(claims), origin->source,
                (unsigned int)origin->place.line);
    for (const struct claim *claim = claims->next; claim != NULL; claim = claim->next) {
        text_append(text, " and %s", claim->application->name);
    }
}

static const char *ledger_text(const struct draft *draft, const struct record *ledger)
{
    if (ledger == NULL) {
        return "";
    }
    return arena_print(draft->arena, "%s for %s",
                       ledger->state == LEDGER_CONFIRMED ? "confirmed" : "sent",
                       ledger->application);
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
                             : arena_copy(arena, past->words);
}

static void add_commands(const struct draft *draft, const struct history_filter *filter)
{
    const struct past_command *past[EXPLAINED_COMMANDS_MAX];
    const size_t count = history_of(draft->engine, filter, past);
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
    draft->item->commands = commands;
    draft->item->commands_count = count;
}

static const char *decision_of(const struct worst *worst)
{
    switch (worst->subject.verdict->reason) {
    case REASON_NONE:
        return worst->ailing != NULL ? "nothing: no command would heal it"
                                     : "nothing: it is as it is wanted";
    case REASON_NEW:
    case REASON_BLIND:
    case REASON_UNTOLD:
        return "nothing, before it is known what is there";
    case REASON_IN_FLIGHT:
        return "wait for the effect of a command";
    case REASON_RETRY:
        return "try again";
    case REASON_FOREIGN:
    case REASON_SLOT:
    case REASON_PAYLOAD:
        return "nothing: somebody has to decide";
    case REASON_USED:
    case REASON_HELD:
        return "keep it";
    case REASON_DEAF:
        return "put it again, until hosts have heard of it";
    case REASON_HOSTS:
    case REASON_OFF:
    case REASON_CORDON:
    case REASON_LABELS:
    case REASON_APART:
    case REASON_DRAIN:
    case REASON_YOUNG:
        return "wait for hosts";
    case REASON_HALTED:
        return "keep what ran before, and try again seldom";
    case REASON_PAUSED:
        return "nothing, until it is resumed";
    case REASON_OBSERVER:
        return "nothing: who answers only looks on";
    case REASON_CONFIG:
    case REASON_LINKS:
    case REASON_STARTING:
    case REASON_QUIET:
    case REASON_ROOM:
    case REASON_SHARED:
    case REASON_EMPTIED:
    case REASON_ROLLOUT:
    case REASON_UNSURE:
        return "wait";
    }
    abort();
}

/* Who wants it, or put it. */
enum owner {
    OWNER_WISH,   /* an application wants it */
    OWNER_LEDGER, /* none does any more, and we put it */
    OWNER_OTHERS, /* it is there, and that is not our doing */
    OWNER_NOBODY, /* it is not there either: something names it */
};

static enum owner owner_of(bool is_wanted, bool is_in_ledger, bool is_there)
{
    if (is_wanted) {
        return OWNER_WISH;
    }
    if (is_in_ledger) {
        return OWNER_LEDGER;
    }
    return is_there ? OWNER_OTHERS : OWNER_NOBODY;
}

static void stand(const struct draft *draft, const struct worst *worst,
                  const struct standing *standing, enum owner owner)
{
    struct explanation *item = draft->item;
    const char *text = standing_text(draft->engine, worst, draft->arena);

    item->word = status_word_name(worst->word);
    item->since = standing->since;
    item->decision = decision_of(worst);
    item->reason = text;
    item->waits_for = reason_wait(&worst->subject);
    if (owner == OWNER_LEDGER) {
        item->reason = arena_print(draft->arena, "to be removed%s%s",
                                   text[0] != '\0' ? ": " : "", text);
    } else if (owner == OWNER_OTHERS || owner == OWNER_NOBODY) {
        item->word = owner == OWNER_OTHERS ? "foreign" : "undeployed";
        item->since = INSTANT_NEVER;
        item->decision = "nothing: it is not ours";
        item->reason = "no application wants it, and it was not put for one";
    }
}

static void remark(struct explanation *item, const char *text)
{
    if (text != NULL && item->reason[0] == '\0') {
        item->reason = text;
    }
}

static void explain_config(const struct draft *draft, const struct config_item *config)
{
    const struct config_row *row = claim_config(config);
    const struct worst worst = worst_of_config(draft->engine, config);
    struct explanation *item = draft->item;
    struct text desired = begin(draft);

    stand(draft, &worst, &config->standing,
          owner_of(row != NULL, config->ledger != NULL, config->observed != NULL));
    if (row != NULL) {
        text_append(&desired, "its content");
        append_origin(&desired, config->claims, &row->origin);
    }
    item->desired = desired.bytes;
    item->ledger = ledger_text(draft, config->ledger);
    item->observed = config->observed == NULL ? "not there"
                     : row == NULL            ? "there"
                     : strcmp(config->observed, row->content) == 0
                         ? "there, with this content"
                         : "there, with other content";
    add_commands(draft,
                 &(struct history_filter){.kind = ITEM_CONFIG, .key = config->item.name});
}

/* Its interfaces and configs. */
static struct text link_content(const struct draft *draft, const struct link *link)
{
    struct text text = begin(draft);

    append_names(&text, "interfaces ", &link->interfaces);
    append_names(&text, ", source config ", &link->source_config);
    append_names(&text, ", target config ", &link->target_config);
    return text;
}

static void explain_link(const struct draft *draft, const struct link_item *link)
{
    const struct link_wish *row = claim_link(link);
    const struct worst worst = worst_of_link(draft->engine, link);
    struct explanation *item = draft->item;

    stand(draft, &worst, &link->standing,
          owner_of(row != NULL, link->ledger != NULL, link->observed != NULL));
    item->desired = "";
    if (row != NULL) {
        struct text desired = link_content(draft, row->link);

        append_origin(&desired, link->claims, &row->origin);
        item->desired = desired.bytes;
        remark(item, delivery_link_text(draft->engine, link, draft->arena));
        remark(item, delivery_lost_text(draft->engine, link, draft->arena));
    }
    item->observed =
        link->observed != NULL ? link_content(draft, link->observed).bytes : "not there";
    item->ledger = ledger_text(draft, link->ledger);
    add_commands(draft,
                 &(struct history_filter){.kind = ITEM_SOURCE, .key = item->key.name});
}

/* Where it runs, or is to run, and what we remember of each host. */
static void add_hosts(const struct draft *draft, const struct workload_item *workload,
                      enum workload_kind kind)
{
    struct explained_part *parts =
        arena_array(draft->arena, workload->placements_count, sizeof *parts);
    struct text ledger = begin(draft);
    size_t count = 0;
    uint64_t running = 0;

    for (size_t i = 0; i < workload->placements_count; i++) {
        const struct placement *placement = workload->placements[i];
        const struct record *row = placement->ledger;

        if (placement->kind != kind) {
            continue;
        }
        running += placement->observed != NULL ? placement->observed->count : 0;
        if (placement->observed != NULL || placement_counts(placement, workload)) {
            parts[count] = explain_part(draft->engine, workload, placement, draft->arena);
            parts[count++].name = host_name(placement->host);
        }
        if (row != NULL) {
            text_append(&ledger, "%s%s on %s: %s", ledger.count > 0 ? "; " : "",
                        ledger_text(draft, row), host_name(placement->host),
                        row->u.start->image);
            append_names(&ledger, " config ", &row->u.start->configs);
        }
    }
    draft->item->parts = parts;
    draft->item->parts_count = count;
    draft->item->ledger = ledger.bytes;
    draft->item->observed = running > 0 ? arena_print(draft->arena, "%llu running",
                                                      (unsigned long long)running)
                                        : "not there";
}

static void explain_workload(const struct draft *draft,
                             const struct workload_item *workload,
                             enum workload_kind kind)
{
    const struct workload_row *row = claim_workload(workload);
    const bool is_wanted = row != NULL && row->kind == kind;
    const struct worst worst = worst_of_workload(draft->engine, workload, kind);
    struct explanation *item = draft->item;
    struct text desired = begin(draft);

    add_hosts(draft, workload, kind);
    stand(draft, &worst, &workload->standing,
          owner_of(is_wanted, item->ledger[0] != '\0', item->parts_count > 0));
    if (is_wanted) {
        text_append(&desired, "%u%s of %s", (unsigned int)row->instances,
                    row->is_daemon ? " on each host" : "", row->image);
        append_names(&desired, " config ", &row->configs);
        append_origin(&desired, workload->claims, &row->origin);
        remark(item, delivery_start_text(draft->engine, workload, draft->arena));
    }
    item->desired = desired.bytes;
    add_commands(draft, &(struct history_filter){.kind = ITEM_WORKLOAD,
                                                 .key = workload->item.name});
}

static void explain_application(const struct draft *draft)
{
    static const char *const units[] = {"config", "link", "component", "provider"};
    struct explanation *item = draft->item;
    struct application_status status;
    size_t counts[4] = {0};
    size_t deployed = 0;
    struct text desired = begin(draft);
    struct text observed = begin(draft);

    engine_status(draft->engine, item->key.name, draft->arena, &status);
    for (size_t i = 0; i < status.resources_count; i++) {
        const struct resource_status *resource = &status.resources[i];

        counts[resource->kind] += resource->origin.source[0] != '\0';
        deployed += resource->word == STATUS_DEPLOYED;
    }
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        if (counts[i] > 0) {
            text_append(&desired, "%s%zu %s%s", desired.count > 0 ? ", " : "", counts[i],
                        units[i], counts[i] == 1 ? "" : "s");
        }
    }
    text_append(&observed, "%zu of %zu deployed", deployed, status.resources_count);
    item->desired = desired.bytes;
    item->observed = observed.bytes;
    item->ledger = "";
    item->word = status_word_name(status.word);
    item->since = status.since;
    item->decision = status.word == STATUS_DEPLOYED ? "nothing: it is as it is wanted"
                                                    : "see what the reason names";
    item->reason = status.reason;
    item->waits_for = status.waits_for;
    add_commands(draft, &(struct history_filter){.application = item->key.name});
}

struct explanation engine_explain(const struct engine *engine,
                                  const struct explained_key *key, struct arena *arena)
{
    const char *name = key->name;
    struct explanation item = {.key = *key};
    const struct draft draft = {engine, arena, &item};

    switch (key->kind) {
    case EXPLAINED_APPLICATION:
        explain_application(&draft);
        break;
    case EXPLAINED_COMPONENT:
    case EXPLAINED_PROVIDER:
        explain_workload(
            &draft, (const struct workload_item *)state_find(engine, ITEM_WORKLOAD, name),
            key->kind == EXPLAINED_PROVIDER ? WORKLOAD_PROVIDER : WORKLOAD_COMPONENT);
        break;
    case EXPLAINED_LINK:
        explain_link(&draft, match_link(engine, name));
        break;
    case EXPLAINED_CONFIG:
        explain_config(&draft,
                       (const struct config_item *)state_find(engine, ITEM_CONFIG, name));
        break;
    case EXPLAINED_HOST:
        explain_host(engine,
                     (const struct host_item *)state_find(engine, ITEM_HOST, name), arena,
                     &item);
        add_commands(&draft, &(struct history_filter){.host = name});
        break;
    }
    return item;
}
