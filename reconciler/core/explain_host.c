#include "reconciler/core/explain_host.h"

#include <stdlib.h>

#include "reconciler/core/ailment.h"
#include "reconciler/core/candidate.h"
#include "reconciler/core/hosts.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/timing.h"

#define TEXT_BYTES_MAX ((size_t)4096)

struct explained_part explain_part(const struct engine *engine,
                                   const struct workload_item *workload,
                                   const struct placement *placement, struct arena *arena)
{
    const struct host_workload *observed = placement->observed;
    const struct subject subject = {
        .verdict = &placement->verdict,
        .retry = &placement->retry,
        .workload = workload,
        .placement = placement,
    };
    const char *text = reason_text(engine, &subject, arena);
    const char *ailment = ailment_text(engine, placement, arena);

    return (struct explained_part){
        .name = workload->item.name,
        .wanted = placement->wanted,
        .running = observed != NULL ? observed->count : 0,
        .image = observed != NULL ? observed->image : "",
        .reason = text[0] == '\0' && ailment != NULL ? ailment : text,
    };
}

static void add_parts(const struct engine *engine, const struct host_item *host,
                      struct arena *arena, struct explanation *item)
{
    const struct item_list *table = &engine->tables[ITEM_WORKLOAD];
    struct explained_part *parts = NULL;
    size_t capacity = 0;

    for (size_t i = 0; i < table->count; i++) {
        const struct workload_item *workload =
            (const struct workload_item *)table->items[i];

        for (size_t j = 0; j < workload->placements_count; j++) {
            const struct placement *placement = workload->placements[j];

            if (placement->host != host ||
                (placement->observed == NULL && !placement_counts(placement, workload))) {
                continue;
            }
            parts = arena_grow(arena, parts, item->parts_count, &capacity, sizeof *parts);
            parts[item->parts_count++] = explain_part(engine, workload, placement, arena);
        }
    }
    item->parts = parts;
}

static const char *observed_text(const struct host_item *host, struct arena *arena)
{
    const struct inventory *inventory = host->inventory;
    struct text text;

    if (inventory == NULL || !host_is_present(host)) {
        return "not there";
    }
    text_init(&text, arena, TEXT_BYTES_MAX);
    text_append(&text, "%s, version %s, up %lld s, runs %zu", host_name(host),
                inventory->version, (long long)host->uptime_s,
                inventory->workloads_count);
    for (size_t i = 0; i < inventory->labels.count; i++) {
        text_append(&text, "%s%s=%s", i == 0 ? ", labels " : ",",
                    inventory->labels.items[i].key, inventory->labels.items[i].value);
    }
    return text.bytes;
}

static const char *heard_text(const struct engine *engine, const struct host_item *host,
                              struct arena *arena)
{
    const int64_t late_ms = host->interval_ms + host->interval_ms / 4 + HOST_SLACK_MS;

    return arena_print(arena,
                       "last heard of %lld s ago: asked after when that is %lld s, and "
                       "gone after %lld s",
                       (long long)(engine->now.ms - host->heard.ms) / 1000,
                       (long long)(late_ms + 999) / 1000,
                       (long long)(host_silence_ms(engine, host) + 999) / 1000);
}

static void explain_present(const struct engine *engine, const struct host_item *host,
                            struct arena *arena, struct explanation *item)
{
    item->word = "up";
    item->since = INSTANT_NEVER;
    item->decision = "it gets what is wanted there";
    item->reason = heard_text(engine, host, arena);
    if (candidate_is_draining(host)) {
        item->decision = "empty it: it has the label trellis.dev/drain=true";
    } else if (candidate_is_cordoned(host)) {
        item->decision = "nothing new: it has the label trellis.dev/cordon=true";
    } else if (instant_is_before(engine->now, host->young_until)) {
        item->decision = arena_print(
            arena, "nothing for %lld s more, for it has only just started",
            (long long)(instant_left(engine->now, host->young_until) + 999) / 1000);
    }
    if (host_is_mute(engine, host)) {
        item->word = "silent";
        item->since = host->untold_at;
        item->reason = host_mute_text(engine, host, arena);
    }
}

void explain_host(const struct engine *engine, const struct host_item *host,
                  struct arena *arena, struct explanation *ret_explanation)
{
    struct explanation *item = ret_explanation;

    item->desired = "";
    item->observed = observed_text(host, arena);
    item->ledger = "";
    item->waits_for = (struct status_wait){NULL, NULL};
    add_parts(engine, host, arena, item);
    switch (host->state) {
    case HOST_UP:
        explain_present(engine, host, arena, item);
        return;
    case HOST_SUSPECT:
        item->word = "suspect";
        item->since = host->gone_at;
        item->decision = "ask it once more";
        item->reason = arena_print(arena, "nobody listened at its subject %lld s ago",
                                   (long long)(engine->now.ms - host->gone_at.ms) / 1000);
        return;
    case HOST_GONE:
        item->word = "gone";
        item->since = host->gone_at;
        item->decision = "what ran there runs elsewhere";
        item->reason = arena_print(
            arena, "it stopped, or was silent or unreachable too long, %lld s ago",
            (long long)(engine->now.ms - host->gone_at.ms) / 1000);
        return;
    case HOST_UNKNOWN:
        item->word = "unknown";
        item->since = INSTANT_NEVER;
        item->decision = "nothing, before it tells what it runs";
        item->reason = "only the store or an answer to a survey names it";
        return;
    }
    abort();
}
