#include "reconciler/core/candidate.h"

#include <stdlib.h>
#include <string.h>

#include "reconciler/core/claim.h"
#include "reconciler/core/moment.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/rollout.h"
#include "reconciler/core/timing.h"

static const struct property cordon = {"trellis.dev/cordon", "true"};
static const struct property drain = {"trellis.dev/drain", "true"};

static bool has_label(const struct host_item *host, const struct property *label)
{
    static const struct properties none = {0};
    const struct properties *labels =
        host->inventory != NULL ? &host->inventory->labels : &none;

    for (size_t i = 0; i < labels->count; i++) {
        if (strcmp(labels->items[i].key, label->key) == 0) {
            return strcmp(labels->items[i].value, label->value) == 0;
        }
    }
    return false;
}

bool candidate_is_cordoned(const struct host_item *host)
{
    return has_label(host, &cordon) || has_label(host, &drain);
}

bool candidate_is_draining(const struct host_item *host)
{
    return has_label(host, &drain);
}

bool candidate_fits(const struct spread_row *spread, const struct host_item *host)
{
    for (size_t i = 0; i < spread->requirements.count; i++) {
        if (!has_label(host, &spread->requirements.items[i])) {
            return false;
        }
    }
    return true;
}

bool candidate_fits_any(const struct workload_row *row, const struct host_item *host)
{
    for (size_t i = 0; i < row->spreads_count; i++) {
        if (candidate_fits(&row->spreads[i], host)) {
            return true;
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
    if (candidate_is_cordoned(host)) {
        return REASON_CORDON;
    }
    if (placement != NULL && placement->observed != NULL &&
        !placement_is_ours(placement, workload)) {
        return REASON_FOREIGN;
    }
    if (placement != NULL &&
        instant_is_before(engine->now, moment_of(placement, MOMENT_OFF))) {
        state_wake(engine, &workload->item, moment_of(placement, MOMENT_OFF));
        return REASON_OFF;
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

static size_t load_of(const struct host_item *host)
{
    return host->flights_count +
           (host->inventory != NULL ? host->inventory->workloads_count : 0);
}

static void set_spot(const struct engine *engine, struct candidate *candidate,
                     const struct workload_item *workload, uint32_t most)
{
    const struct placement *placement = candidate->placement;
    struct place_spot *spot = &candidate->spot;

    if (placement != NULL) {
        spot->current = placement_instances(engine, placement, workload);
        /* What comes as it is wanted is kept before what comes and is to be replaced. */
        spot->min = candidate->is_draining || rollout_is_stray(workload, placement)
                        ? 0
                        : placement_coming(placement);
        spot->seen = placement->observed != NULL && placement_is_ours(placement, workload)
                         ? placement->observed->count
                         : 0;
        /* Elsewhere it would run beside what comes late; here the last word counts. */
        spot->late = placement_may_appear(engine, placement) &&
                             rollout_is_sent(workload, placement)
                         ? placement->asked
                         : 0;
    }
    spot->max = candidate->reason == REASON_NONE ? most : spot->current;
    spot->tier = candidate->is_draining ? TIER_DRAIN : 0;
}

void candidates_find(struct engine *engine, struct workload_item *workload,
                     struct arena *arena, struct candidates *ret_candidates)
{
    const enum workload_kind kind = claim_workload(workload)->kind;
    const struct item_list *table = &engine->tables[ITEM_HOST];
    const bool is_waiting = must_wait(engine, workload);
    struct candidates found = {.items =
                                   arena_array(arena, table->count, sizeof *found.items)};

    for (size_t i = 0; i < table->count; i++) {
        struct host_item *host = (struct host_item *)table->items[i];
        struct candidate *candidate = &found.items[found.count];

        if (!host_is_present(host)) {
            continue;
        }
        candidate->host = host;
        candidate->placement = state_find_placement(workload, host, kind);
        candidate->was_goal =
            candidate->placement != NULL && candidate->placement->goal > 0;
        candidate->load = load_of(host);
        candidate->is_outgoing =
            candidate->placement != NULL && candidate->placement->is_outgoing;
        candidate->is_draining = candidate_is_draining(host);
        candidate->reason = refusal(engine, workload, host, candidate->placement);
        if (candidate->reason == REASON_NONE && is_waiting) {
            candidate->reason = REASON_YOUNG;
        }
        set_spot(engine, candidate, workload, kind == WORKLOAD_PROVIDER ? 1 : UINT32_MAX);
        found.count++;
    }
    *ret_candidates = found;
}

static int compare_numbers(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

static int candidate_compare(const void *a, const void *b)
{
    const struct candidate *left = a;
    const struct candidate *right = b;
    int order = compare_numbers(left->spot.tier, right->spot.tier);

    if (order == 0) {
        order = compare_numbers(right->company, left->company);
    }
    if (order == 0) {
        order = compare_numbers(left->load, right->load);
    }
    return order != 0 ? order : strcmp(left->host->item.name, right->host->item.name);
}

void candidates_sort(const struct candidates *candidates)
{
    qsort(candidates->items, candidates->count, sizeof *candidates->items,
          candidate_compare);
}
