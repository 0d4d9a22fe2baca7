#include <stdlib.h>
#include <string.h>

#include "reconciler/core/claim.h"
#include "reconciler/core/place.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/plan.h"
#include "reconciler/core/timing.h"

/* A host that may have instances, and how much it has to do already. */
struct candidate {
    struct host_item *host;
    size_t load;
    uint32_t current;
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

/* Of several refusals, the one that says most of what is to come. */
static enum reason foremost(enum reason a, enum reason b)
{
    if (a == REASON_FOREIGN || b == REASON_FOREIGN) {
        return REASON_FOREIGN;
    }
    return a == REASON_YOUNG ? a : b;
}

static size_t load_of(const struct host_item *host)
{
    return host->flights_count +
           (host->inventory != NULL ? host->inventory->workloads_count : 0);
}

/*
 * The hosts that have instances of workload, or may have them; those with least to do
 * first.  Why others may not goes to the verdict of workload.
 */
static struct candidate *find_candidates(struct engine *engine,
                                         struct workload_item *workload,
                                         enum workload_kind kind, size_t *ret_count)
{
    const struct item_list *table = &engine->tables[ITEM_HOST];
    const bool is_waiting = must_wait(engine, workload);
    struct candidate *candidates =
        arena_array(&engine->scratch, table->count, sizeof *candidates);
    size_t count = 0;

    for (size_t i = 0; i < table->count; i++) {
        struct host_item *host = (struct host_item *)table->items[i];
        const struct placement *placement = state_find_placement(workload, host, kind);
        const uint32_t current =
            placement != NULL ? placement_instances(placement, workload) : 0;
        enum reason reason = refusal(engine, workload, host, placement);

        if (reason == REASON_NONE && is_waiting) {
            reason = REASON_YOUNG;
        }
        if (host_is_present(host) && (current > 0 || reason == REASON_NONE)) {
            candidates[count].host = host;
            candidates[count].current = current;
            candidates[count].load = load_of(host);
            count++;
        } else {
            workload->verdict.reason = foremost(workload->verdict.reason, reason);
        }
    }
    qsort(candidates, count, sizeof *candidates, candidate_compare);
    *ret_count = count;
    return candidates;
}

/* What each candidate should have: even over all, or the same on each. */
static struct place_spot *spread(struct engine *engine, struct workload_item *workload,
                                 const struct candidate *candidates, size_t count)
{
    const struct workload_row *row = claim_workload(workload);
    const bool is_provider = row->kind == WORKLOAD_PROVIDER;
    struct place_spot *spots = arena_array(&engine->scratch, count, sizeof *spots);

    for (size_t i = 0; i < count; i++) {
        spots[i].current = candidates[i].current;
        spots[i].wanted = is_provider && row->instances > 0 ? 1 : row->instances;
    }
    if (row->is_daemon) {
        workload->missing = count == 0 && row->instances > 0 ? 1 : 0;
    } else {
        workload->missing =
            place_even(spots, count, row->instances, is_provider ? 1 : UINT32_MAX);
    }
    return spots;
}

void plan_spread(struct engine *engine, struct workload_item *workload)
{
    const struct workload_row *row = claim_workload(workload);
    const struct candidate *candidates;
    const struct place_spot *spots;
    size_t count;

    workload->missing = 0;
    workload->verdict = (struct verdict){REASON_NONE, NULL};
    for (size_t i = 0; i < workload->placements_count; i++) {
        workload->placements[i]->wanted = 0;
    }
    if (row == NULL) {
        return;
    }
    candidates = find_candidates(engine, workload, row->kind, &count);
    spots = spread(engine, workload, candidates, count);
    for (size_t i = 0; i < count; i++) {
        if (spots[i].wanted > 0) {
            state_placement(workload, candidates[i].host, row->kind)->wanted =
                spots[i].wanted;
        }
    }
    if (workload->missing == 0) {
        workload->verdict.reason = REASON_NONE;
    } else if (workload->verdict.reason == REASON_NONE) {
        workload->verdict.reason = REASON_HOSTS;
    }
    if (workload->missing > 0 || row->is_daemon) {
        state_wait(&workload->item, &engine->hosts);
    }
}
