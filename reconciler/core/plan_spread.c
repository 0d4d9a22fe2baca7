#include <stdlib.h>
#include <string.h>

#include "reconciler/core/claim.h"
#include "reconciler/core/place.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/plan.h"
#include "reconciler/core/timing.h"

#define EXPLANATION_BYTES_MAX ((size_t)1024)

/* A host that is there. */
struct candidate {
    struct host_item *host;
    size_t load;
    uint32_t current;
    uint32_t max;
    enum reason reason; /* why it cannot have more; NONE: it can */
};

/* Where the instances of one workload go, while that is found out. */
struct spreading {
    struct engine *engine;
    struct workload_item *workload;
    const struct workload_row *row;
    struct candidate *candidates;
    size_t count;
    bool *fits; /* spread by spread: which candidates */
};

static int candidate_compare(const void *a, const void *b)
{
    const struct candidate *left = a;
    const struct candidate *right = b;

    if (left->load != right->load) {
        return left->load < right->load ? -1 : 1;
    }
    return strcmp(left->host->item.name, right->host->item.name);
}

static const struct property cordon = {"trellis.dev/cordon", "true"};

static bool has_label(const struct properties *labels, const struct property *label)
{
    for (size_t i = 0; i < labels->count; i++) {
        if (strcmp(labels->items[i].key, label->key) == 0) {
            return strcmp(labels->items[i].value, label->value) == 0;
        }
    }
    return false;
}

/* Why a host cannot have new instances of workload, if it cannot. */
static enum reason refusal(struct engine *engine, struct workload_item *workload,
                           const struct host_item *host,
                           const struct placement *placement)
{
    if (host->state != HOST_UP || host->connection != engine->connection) {
        return REASON_HOSTS;
    }
    if (instant_is_before(engine->now, host->young_until)) {
        state_wake(engine, &workload->item, host->young_until);
        return REASON_YOUNG;
    }
    if (host->inventory != NULL && has_label(&host->inventory->labels, &cordon)) {
        return REASON_CORDON;
    }
    if (placement != NULL && placement->observed != NULL &&
        !placement_is_ours(placement, workload)) {
        return REASON_FOREIGN;
    }
    return REASON_NONE;
}

/*
 * Hosts that were started together come of age one after the other, and the first is not
 * to get everything: what is new waits for those that are nearly there.
 */
static bool must_wait(struct engine *engine, struct workload_item *workload)
{
    const struct item_list *table = &engine->tables[ITEM_HOST];
    const struct instant soon = instant_after(engine->now, HOST_TOGETHER_MS);

    for (size_t i = 0; i < table->count; i++) {
        const struct host_item *host = (const struct host_item *)table->items[i];

        if (host_is_present(host) && instant_is_before(engine->now, host->young_until) &&
            instant_is_before(host->young_until, soon)) {
            state_wake(engine, &workload->item, host->young_until);
            return true;
        }
    }
    return false;
}

/* Of several reasons, the one that says most of what is to come. */
static enum reason foremost(enum reason a, enum reason b)
{
    static const enum reason order[] = {REASON_FOREIGN, REASON_YOUNG, REASON_CORDON,
                                        REASON_LABELS, REASON_HOSTS};

    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (a == order[i] || b == order[i]) {
            return order[i];
        }
    }
    return REASON_NONE;
}

static size_t load_of(const struct host_item *host)
{
    return host->flights_count +
           (host->inventory != NULL ? host->inventory->workloads_count : 0);
}

/* All hosts that are there, those with least to do first. */
static void find_candidates(struct spreading *spreading)
{
    struct engine *engine = spreading->engine;
    struct workload_item *workload = spreading->workload;
    const enum workload_kind kind = spreading->row->kind;
    const struct item_list *table = &engine->tables[ITEM_HOST];
    const bool is_waiting = must_wait(engine, workload);
    const uint32_t max = kind == WORKLOAD_PROVIDER ? 1 : UINT32_MAX;

    spreading->candidates =
        arena_array(&engine->scratch, table->count, sizeof *spreading->candidates);
    for (size_t i = 0; i < table->count; i++) {
        struct host_item *host = (struct host_item *)table->items[i];
        const struct placement *placement = state_find_placement(workload, host, kind);
        struct candidate *candidate = &spreading->candidates[spreading->count];

        if (!host_is_present(host)) {
            continue;
        }
        candidate->host = host;
        candidate->load = load_of(host);
        candidate->current =
            placement != NULL ? placement_instances(placement, workload) : 0;
        candidate->reason = refusal(engine, workload, host, placement);
        if (candidate->reason == REASON_NONE && is_waiting) {
            candidate->reason = REASON_YOUNG;
        }
        candidate->max = candidate->reason == REASON_NONE ? max : candidate->current;
        spreading->count++;
    }
    qsort(spreading->candidates, spreading->count, sizeof *spreading->candidates,
          candidate_compare);
}

static bool fits(const struct spread_row *spread, const struct host_item *host)
{
    static const struct properties none = {0};
    const struct properties *labels =
        host->inventory != NULL ? &host->inventory->labels : &none;

    for (size_t i = 0; i < spread->requirements.count; i++) {
        if (!has_label(labels, &spread->requirements.items[i])) {
            return false;
        }
    }
    return true;
}

static void find_fits(struct spreading *spreading)
{
    const struct workload_row *row = spreading->row;

    spreading->fits =
        arena_array(&spreading->engine->scratch, row->spreads_count * spreading->count,
                    sizeof *spreading->fits);
    for (size_t i = 0; i < row->spreads_count; i++) {
        for (size_t j = 0; j < spreading->count; j++) {
            spreading->fits[i * spreading->count + j] =
                fits(&row->spreads[i], spreading->candidates[j].host);
        }
    }
}

/* No host fits spread: how many each of its requirements leaves out. */
static void explain(struct spreading *spreading, const struct spread_row *spread)
{
    struct workload_item *workload = spreading->workload;
    struct text text;

    arena_free(&workload->missing_arena);
    text_init(&text, &workload->missing_arena, EXPLANATION_BYTES_MAX);
    text_append(&text, "none of %zu host%s fits spread %s:", spreading->count,
                spreading->count == 1 ? "" : "s", spread->name);
    for (size_t i = 0; i < spread->requirements.count; i++) {
        const struct property *label = &spread->requirements.items[i];
        const struct spread_row alone = {.requirements = {label, 1}};
        size_t removed = 0;

        for (size_t j = 0; j < spreading->count; j++) {
            removed += !fits(&alone, spreading->candidates[j].host);
        }
        text_append(&text, "%s %s=%s leaves out %zu", i > 0 ? "," : "", label->key,
                    label->value, removed);
    }
    workload->missing_text = text.bytes;
}

/* count instances of spread found no place. */
static void miss(struct spreading *spreading, size_t spread, uint32_t count)
{
    struct workload_item *workload = spreading->workload;
    const bool *of_spread = &spreading->fits[spread * spreading->count];
    enum reason reason = REASON_HOSTS;
    bool fits_any = false;

    workload->missing += count;
    for (size_t i = 0; i < spreading->count; i++) {
        fits_any |= of_spread[i];
        if (of_spread[i]) {
            reason = foremost(reason, spreading->candidates[i].reason);
        }
    }
    if (!fits_any && spreading->count > 0) {
        reason = REASON_LABELS;
        explain(spreading, &spreading->row->spreads[spread]);
    }
    workload->verdict.reason = foremost(workload->verdict.reason, reason);
}

/* A host gets so many, as part of spread. */
static void want(const struct spreading *spreading, size_t candidate, size_t spread,
                 uint32_t count)
{
    struct placement *placement =
        state_placement(spreading->engine, spreading->workload,
                        spreading->candidates[candidate].host, spreading->row->kind);

    if (placement->wanted == 0) {
        placement->spread = spreading->row->spreads[spread].name;
    }
    placement->wanted += count;
}

/* On each host that fits a spread, as part of the first that it fits. */
static void spread_on_each(struct spreading *spreading)
{
    const struct workload_row *row = spreading->row;
    const uint32_t each =
        row->kind == WORKLOAD_PROVIDER && row->instances > 0 ? 1 : row->instances;
    bool has_any = false;

    for (size_t i = 0; i < spreading->count && each > 0; i++) {
        const struct candidate *candidate = &spreading->candidates[i];
        const uint32_t count = each < candidate->max ? each : candidate->max;
        size_t spread = 0;

        while (spread < row->spreads_count &&
               !spreading->fits[spread * spreading->count + i]) {
            spread++;
        }
        if (spread == row->spreads_count) {
            continue;
        }
        has_any = true;
        if (count > 0) {
            want(spreading, i, spread, count);
        }
        if (candidate->max < each) {
            miss(spreading, spread, each - candidate->max);
        }
    }
    if (!has_any && each > 0) {
        miss(spreading, 0, 1);
    }
}

static struct place_part *make_parts(const struct spreading *spreading)
{
    const struct workload_row *row = spreading->row;
    struct arena *scratch = &spreading->engine->scratch;
    struct place_part *parts = arena_array(scratch, row->spreads_count, sizeof *parts);
    uint32_t *weights = arena_array(scratch, row->spreads_count, sizeof *weights);
    uint32_t *totals = arena_array(scratch, row->spreads_count, sizeof *totals);

    for (size_t i = 0; i < row->spreads_count; i++) {
        weights[i] = row->spreads[i].weight;
    }
    place_divide(weights, row->spreads_count, row->instances, totals, scratch);
    for (size_t i = 0; i < row->spreads_count; i++) {
        parts[i].total = totals[i];
        parts[i].fits = &spreading->fits[i * spreading->count];
        parts[i].shares = arena_array(scratch, spreading->count, sizeof(uint32_t));
    }
    return parts;
}

/* So many in all, divided among the spreads. */
static void spread_over_all(struct spreading *spreading)
{
    const size_t count = spreading->count;
    struct arena *scratch = &spreading->engine->scratch;
    struct place_part *parts = make_parts(spreading);
    struct place_spot *spots = arena_array(scratch, count, sizeof *spots);

    for (size_t i = 0; i < count; i++) {
        spots[i].current = spreading->candidates[i].current;
        spots[i].max = spreading->candidates[i].max;
    }
    place_parts(spots, count, parts, spreading->row->spreads_count, scratch);
    for (size_t i = 0; i < spreading->row->spreads_count; i++) {
        for (size_t j = 0; j < count; j++) {
            if (parts[i].shares[j] > 0) {
                want(spreading, j, i, parts[i].shares[j]);
            }
        }
        if (parts[i].missing > 0) {
            miss(spreading, i, parts[i].missing);
        }
    }
}

void plan_spread(struct engine *engine, struct workload_item *workload)
{
    struct spreading spreading = {
        .engine = engine, .workload = workload, .row = claim_workload(workload)};

    workload->missing = 0;
    workload->verdict = (struct verdict){REASON_NONE, NULL};
    for (size_t i = 0; i < workload->placements_count; i++) {
        workload->placements[i]->wanted = 0;
        workload->placements[i]->spread = "";
    }
    if (spreading.row == NULL) {
        return;
    }
    find_candidates(&spreading);
    find_fits(&spreading);
    if (spreading.row->is_daemon) {
        spread_on_each(&spreading);
    } else {
        spread_over_all(&spreading);
    }
    if (workload->missing > 0 || spreading.row->is_daemon) {
        state_wait(&workload->item, &engine->hosts);
    }
}
