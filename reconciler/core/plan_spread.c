#include <string.h>

#include "reconciler/core/claim.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/plan.h"
#include "reconciler/core/spreading.h"

/* Do instances of workload move for the sake of evenness? */
static bool is_rebalancing(const struct workload_item *workload)
{
    return claim_workload(workload)->kind == WORKLOAD_COMPONENT &&
           workload->claims->application->desired.is_rebalancing;
}

static void find_fits(struct spreading *spreading)
{
    const struct workload_row *row = spreading->row;
    struct arena *arena = &spreading->arena;
    const size_t count = spreading->count;

    spreading->spots = arena_array(arena, count, sizeof *spreading->spots);
    spreading->fits =
        arena_array(arena, row->spreads_count * count, sizeof *spreading->fits);
    spreading->shares =
        arena_array(arena, row->spreads_count * count, sizeof *spreading->shares);
    for (size_t j = 0; j < count; j++) {
        const struct candidate *candidate = &spreading->candidates.items[j];

        spreading->spots[j] = candidate->spot;
        spreading->spots[j].is_fixed =
            candidate->reason != REASON_NONE || candidate->spot.tier > 0;
        for (size_t i = 0; i < row->spreads_count; i++) {
            const bool fits = candidate_fits(&row->spreads[i], candidate->host);

            spreading->fits[i * count + j] = fits;
            spreading->spots[j].is_held |=
                fits && (candidate->is_draining || spreading->partners.count > 0 ||
                         is_rebalancing(spreading->workload));
        }
    }
}

/*
 * A rollout: what runs on one host moves to hosts that have nothing of it yet, if there
 * are any; nothing else moves.  What is bound to its host by partners stays there.
 */
static void roll(struct spreading *spreading)
{
    const struct candidates *candidates = &spreading->candidates;

    for (size_t i = 0; i < candidates->count; i++) {
        spreading->is_rolling |= candidates->items[i].is_outgoing;
    }
    spreading->is_rolling &= spreading->partners.count == 0;
    for (size_t i = 0; spreading->is_rolling && i < candidates->count; i++) {
        struct place_spot *spot = &spreading->spots[i];

        spot->is_fixed = true;
        if (candidates->items[i].is_outgoing) {
            spot->tier |= TIER_OUTGOING;
            spot->is_held = true;
        } else if (spot->current > 0 && spot->current < spot->max) {
            spot->max = spot->current;
        }
    }
}

/* Where all is in the end, before anything holds it up. */
static void note_goals(const struct spreading *spreading)
{
    for (size_t i = 0; i < spreading->count; i++) {
        spreading->candidates.items[i].spot.wanted = spreading->spots[i].wanted;
    }
}

/* On each host that fits a spread, as part of the first that it fits. */
static void spread_on_each(struct spreading *spreading)
{
    const struct workload_row *row = spreading->row;
    const uint32_t each =
        row->kind == WORKLOAD_PROVIDER && row->instances > 0 ? 1 : row->instances;
    bool has_any = false;

    for (size_t i = 0; i < spreading->count && each > 0; i++) {
        struct place_spot *spot = &spreading->spots[i];
        size_t spread = 0;

        while (spread < row->spreads_count &&
               !spreading->fits[spread * spreading->count + i]) {
            spread++;
        }
        if (spread == row->spreads_count) {
            continue;
        }
        has_any = true;
        if (spreading->candidates.items[i].is_draining) {
            continue; /* it leaves, and there is nowhere else to go */
        }
        spot->wanted = each < spot->max ? each : spot->max;
        spreading->shares[spread * spreading->count + i] = spot->wanted;
        if (spot->max < each) {
            spreading_miss(spreading, spread, each - spot->max);
        }
    }
    if (!has_any && each > 0) {
        spreading_miss(spreading, 0, 1);
    }
    note_goals(spreading);
}

static struct place_part *make_parts(struct spreading *spreading)
{
    const struct workload_row *row = spreading->row;
    struct arena *scratch = &spreading->arena;
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
        parts[i].shares = &spreading->shares[i * spreading->count];
    }
    return parts;
}

/* Of the way from where they are to their goals, the next step. */
static void move(struct spreading *spreading)
{
    uint64_t before = 0;
    uint64_t after = 0;

    for (size_t i = 0; i < spreading->count; i++) {
        const struct place_spot *spot = &spreading->spots[i];

        before += spot->current;
        after += spot->wanted;
        spreading->is_draining |=
            spreading->candidates.items[i].is_draining && spot->wanted < spot->current;
    }
    if (is_rebalancing(spreading->workload)) {
        spreading->is_raised = before >= after;
        place_next(spreading->spots, spreading->count);
    }
    place_hold(spreading->spots, spreading->count);
}

/* So many in all, divided among the spreads. */
static void spread_over_all(struct spreading *spreading)
{
    struct arena *scratch = &spreading->arena;
    struct place_part *parts = make_parts(spreading);
    const size_t parts_count = spreading->row->spreads_count;

    place_parts(spreading->spots, spreading->count, parts, parts_count, scratch);
    for (size_t i = 0; i < parts_count; i++) {
        if (parts[i].missing > 0) {
            spreading_miss(spreading, i, parts[i].missing);
        }
    }
    if (is_rebalancing(spreading->workload)) {
        place_level(spreading->spots, spreading->count, parts, parts_count, scratch);
    }
    note_goals(spreading);
    move(spreading);
}

static const char *spread_name(const struct spreading *spreading, size_t candidate)
{
    const struct workload_row *row = spreading->row;
    const size_t count = spreading->count;
    const char *name = "";

    for (size_t i = row->spreads_count; i > 0; i--) {
        if (spreading->shares[(i - 1) * count + candidate] > 0 ||
            (name[0] == '\0' && spreading->fits[(i - 1) * count + candidate])) {
            name = row->spreads[i - 1].name;
        }
    }
    return name;
}

/* Why a host gets more, or keeps less, than the count alone explains; else NULL. */
static const char *cause(const struct spreading *spreading, size_t i)
{
    const struct candidate *candidate = &spreading->candidates.items[i];
    const struct place_spot *spot = &spreading->spots[i];

    if (candidate->is_draining && spot->wanted < spot->current) {
        return "its host is to be emptied";
    }
    if (spreading->is_rolling && candidate->is_outgoing && spot->wanted < spot->current) {
        return "something else is wanted, and runs on another host instead";
    }
    if (spot->min > 0 && spot->current == 0) {
        return "to run beside what is linked with it";
    }
    if (spot->wanted < spot->current && spreading->row->instances > 0 &&
        !candidate_fits_any(spreading->row, candidate->host)) {
        return "its host lacks labels that each of its spreads requires";
    }
    if (spot->wanted <= spot->current) {
        return NULL;
    }
    if (spreading->is_draining) {
        return "instead of on a host to be emptied";
    }
    if (spreading->is_rolling) {
        return "before what it replaces goes down on another host";
    }
    return spreading->is_raised ? "to be even" : NULL;
}

static void want(const struct spreading *spreading, size_t i)
{
    const struct candidate *candidate = &spreading->candidates.items[i];
    struct place_spot *spot = &spreading->spots[i];
    struct placement *placement;

    if (candidate->must_stay && spot->wanted == 0 && spot->current > 0 &&
        candidate_fits_any(spreading->row, candidate->host)) {
        spot->wanted = 1;
    }
    if (spot->wanted == 0 && candidate->placement == NULL) {
        return;
    }
    placement = state_placement(spreading->engine, spreading->workload, candidate->host,
                                spreading->row->kind);
    placement->wanted = spot->wanted;
    placement->goal = candidate->spot.wanted;
    placement->spread = spot->wanted > 0 ? spread_name(spreading, i) : "";
    placement->cause = cause(spreading, i);
}

/* Whoever runs beside workload is told where it is now, and is to be. */
static void tell(struct engine *engine, struct workload_item *workload)
{
    const bool is_builtin = beside_is_builtin(claim_workload(workload));
    bool has_changed = false;

    for (size_t i = 0; i < workload->placements_count; i++) {
        struct placement *placement = workload->placements[i];
        const unsigned char told = (unsigned char)((placement->goal > 0 ? 1 : 0) |
                                                   (placement->wanted > 0 ? 2 : 0));

        has_changed |= placement->told != told;
        placement->told = told;
    }
    if (has_changed && is_builtin) {
        beside_mark(engine, workload);
    } else if (has_changed) {
        beside_mark_builtins(engine, workload);
    }
}

/* What is not as it should be waits for other hosts, what has to stay for its partners.
 */
static void wait_for_change(const struct spreading *spreading)
{
    struct item *item = &spreading->workload->item;
    bool is_moving = false;

    for (size_t i = 0; i < spreading->count; i++) {
        is_moving |=
            spreading->spots[i].wanted > spreading->candidates.items[i].spot.wanted;
    }
    for (size_t i = 0; is_moving && i < spreading->partners.count; i++) {
        state_wait(item, &spreading->partners.items[i].workload->item);
    }
    if (spreading->workload->verdict.reason != REASON_NONE || spreading->row->is_daemon ||
        is_rebalancing(spreading->workload) ||
        (spreading->partners.count > 0 && spreading->row->kind == WORKLOAD_PROVIDER)) {
        state_wait(item, &spreading->engine->hosts);
    }
}

/* Where it was to be until now. */
static void forget(struct workload_item *workload)
{
    for (size_t i = 0; i < workload->placements_count; i++) {
        struct placement *placement = workload->placements[i];

        placement->wanted = 0;
        placement->goal = 0;
        placement->spread = "";
        placement->cause = NULL;
    }
}

static void find_places(struct spreading *spreading)
{
    struct engine *engine = spreading->engine;

    candidates_find(engine, spreading->workload, &spreading->arena,
                    &spreading->candidates);
    forget(spreading->workload);
    beside_find(engine, spreading->workload, &spreading->partners);
    beside_bind(spreading->workload, &spreading->partners, &spreading->candidates);
    spreading->count = spreading->candidates.count;
    find_fits(spreading);
    roll(spreading);
    if (spreading->row->is_daemon) {
        spread_on_each(spreading);
    } else {
        spread_over_all(spreading);
    }
    spreading_judge(spreading);
    for (size_t i = 0; i < spreading->count; i++) {
        want(spreading, i);
    }
    wait_for_change(spreading);
}

void plan_spread(struct engine *engine, struct workload_item *workload)
{
    struct spreading spreading = {
        .engine = engine, .workload = workload, .row = claim_workload(workload)};

    workload->missing = 0;
    workload->verdict = (struct verdict){REASON_NONE, NULL};
    if (spreading.row != NULL) {
        find_places(&spreading);
        arena_free(&spreading.arena); /* many workloads are planned in one step */
    } else {
        forget(workload);
    }
    tell(engine, workload);
}
