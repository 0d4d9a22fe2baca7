#include "reconciler/core/beside.h"

#include <stdlib.h>
#include <string.h>

#include "reconciler/core/claim.h"
#include "reconciler/core/placement.h"

#define SCHEME "wasmcloud+builtin://"

bool beside_is_builtin(const struct workload_row *row)
{
    return row != NULL && row->kind == WORKLOAD_PROVIDER &&
           strncmp(row->image, SCHEME, sizeof SCHEME - 1) == 0;
}

/* One of them is a built-in provider, the other a component, and both are to run. */
static bool is_pair(const struct workload_item *workload,
                    const struct workload_item *other)
{
    const struct workload_row *row = claim_workload(workload);
    const struct workload_row *second = other != NULL ? claim_workload(other) : NULL;

    return row != NULL && second != NULL && row->kind != second->kind &&
           (beside_is_builtin(row) || beside_is_builtin(second)) && row->instances > 0 &&
           second->instances > 0;
}

static int partner_compare(const void *a, const void *b)
{
    const struct partner *left = a;
    const struct partner *right = b;

    return strcmp(left->workload->item.name, right->workload->item.name);
}

/* Sort, and make one of all links with the same partner. */
static size_t settle(struct partner *items, size_t count)
{
    size_t kept = 0;

    if (count == 0) {
        return 0;
    }
    qsort(items, count, sizeof *items, partner_compare);
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && items[kept - 1].workload == items[i].workload) {
            items[kept - 1].is_source |= items[i].is_source;
            items[kept - 1].is_target |= items[i].is_target;
        } else {
            items[kept++] = items[i];
        }
    }
    return kept;
}

void beside_find(struct engine *engine, const struct workload_item *workload,
                 struct partners *ret_partners)
{
    const struct workload_row *row = claim_workload(workload);
    const bool is_provider = row->kind == WORKLOAD_PROVIDER;
    const struct source_item *source = workload->source;
    const struct link_item *link;
    struct partner *items = NULL;
    size_t capacity = 0;
    size_t count = 0;

    *ret_partners = (struct partners){0};
    if (is_provider && !beside_is_builtin(row)) {
        return;
    }
    for (size_t i = 0; source != NULL && i < source->links_count; i++) {
        link = source->links[i];
        if (link->claims != NULL && is_pair(workload, link->target)) {
            items = arena_grow(&engine->scratch, items, count, &capacity, sizeof *items);
            items[count++] = (struct partner){link->target, is_provider, !is_provider};
        }
    }
    LIST_FOREACH(link, &workload->inbound, inbound)
    {
        struct workload_item *other = link->source->workload;

        if (link->claims != NULL && is_pair(workload, other)) {
            items = arena_grow(&engine->scratch, items, count, &capacity, sizeof *items);
            items[count++] = (struct partner){other, !is_provider, is_provider};
        }
    }
    *ret_partners = (struct partners){items, settle(items, count)};
}

const struct placement *beside_there(const struct workload_item *other,
                                     const struct candidate *candidate)
{
    return state_find_placement(other, candidate->host, claim_workload(other)->kind);
}

static bool is_seen(const struct workload_item *other, const struct placement *placement)
{
    return placement != NULL && placement->observed != NULL &&
           placement_is_ours(placement, other);
}

/* It is not to be there in the end, but until its replacement serves. */
static bool is_leaving(const struct placement *placement)
{
    return placement != NULL && placement->wanted > 0 && placement->goal == 0;
}

/* What replaces something serves when whom it is to run beside is there, too. */
static void need(struct candidate *candidate, const struct workload_item *other,
                 const struct placement *placement)
{
    if (placement != NULL && placement->goal > 0 && !is_seen(other, placement)) {
        candidate->spot.seen = 0;
    }
}

/* The component goes where the built-in is to be. */
static void follow(const struct partner *partner, struct candidate *candidate)
{
    const struct placement *there = beside_there(partner->workload, candidate);
    const bool is_wanted = there != NULL && there->goal > 0;

    if (partner->is_source) {
        candidate->must_stay |= is_leaving(there);
        if (is_wanted && candidate->spot.max > 0) {
            candidate->spot.min = candidate->spot.min > 0 ? candidate->spot.min : 1;
        }
    }
    if (partner->is_target) {
        candidate->spot.tier += !is_wanted;
        need(candidate, partner->workload, there);
    }
}

/* Could the component run there at all? */
static bool may_run(const struct workload_item *other, const struct candidate *candidate,
                    const struct placement *there)
{
    return candidate_fits_any(claim_workload(other), candidate->host) &&
           (there == NULL || there->observed == NULL || placement_is_ours(there, other));
}

/* The built-in goes where its component may run, first where it does. */
static void lead(const struct partner *partner, struct candidate *candidate)
{
    const struct placement *there = beside_there(partner->workload, candidate);

    const bool may = may_run(partner->workload, candidate, there);

    candidate->company += (is_seen(partner->workload, there) ? 2U : 0U) + (may ? 1U : 0U);
    candidate->company += candidate->was_goal ? 3U : 0U; /* or they would have to move */
    if (partner->is_source) {
        candidate->spot.tier += !may;
        need(candidate, partner->workload, there);
    }
}

static bool is_better(const struct candidate *candidate, const struct candidate *best)
{
    if (candidate->spot.min != best->spot.min) {
        return candidate->spot.min > best->spot.min;
    }
    return candidate->spot.current > 0 && best->spot.current == 0;
}

/* Of the hosts that spread fits one at least is to have the built-in row. */
static void cover(const struct workload_row *row, const struct candidates *candidates,
                  const struct spread_row *spread)
{
    struct candidate *best = NULL;

    for (size_t i = 0; i < candidates->count; i++) {
        struct candidate *candidate = &candidates->items[i];

        if (candidate->spot.max > 0 && !candidate->is_draining &&
            candidate_fits(spread, candidate->host) &&
            candidate_fits_any(row, candidate->host) &&
            (best == NULL || is_better(candidate, best))) {
            best = candidate;
        }
    }
    if (best != NULL) {
        best->spot.min = 1;
    }
}

/* A component that calls the built-in finds it somewhere for each of its spreads. */
static void cover_all(const struct workload_row *row, const struct workload_row *caller,
                      const struct candidates *candidates)
{
    for (size_t i = 0; caller->is_daemon && i < candidates->count; i++) {
        struct candidate *candidate = &candidates->items[i];

        if (candidate->spot.max > 0 && !candidate->is_draining &&
            candidate_fits_any(caller, candidate->host)) {
            candidate->spot.min = 1;
        }
    }
    for (size_t i = 0; !caller->is_daemon && i < caller->spreads_count; i++) {
        if (caller->spreads[i].weight > 0) {
            cover(row, candidates, &caller->spreads[i]);
        }
    }
}

/* A built-in that is called stays as long as who calls it there. */
static void stay(const struct partners *partners, struct candidate *candidate)
{
    bool is_needed = false;

    for (size_t i = 0; i < partners->count; i++) {
        const struct workload_item *other = partners->items[i].workload;
        const struct placement *there = beside_there(other, candidate);

        if (partners->items[i].is_source) {
            return; /* it goes first: the component stays for it, see follow */
        }
        is_needed |= is_seen(other, there) && there->goal == 0;
    }
    candidate->must_stay = is_needed;
}

void beside_bind(const struct workload_item *workload, const struct partners *partners,
                 const struct candidates *candidates)
{
    const struct workload_row *row = claim_workload(workload);

    for (size_t i = 0; i < partners->count; i++) {
        for (size_t j = 0; j < candidates->count; j++) {
            if (row->kind == WORKLOAD_COMPONENT) {
                follow(&partners->items[i], &candidates->items[j]);
            } else {
                lead(&partners->items[i], &candidates->items[j]);
            }
        }
    }
    candidates_sort(candidates);
    if (row->kind == WORKLOAD_COMPONENT) {
        return;
    }
    for (size_t i = 0; i < candidates->count; i++) {
        stay(partners, &candidates->items[i]);
    }
    for (size_t i = 0; i < partners->count; i++) {
        if (partners->items[i].is_target) {
            cover_all(row, claim_workload(partners->items[i].workload), candidates);
        }
    }
}

static void mark(struct engine *engine, struct workload_item *workload)
{
    if (workload != NULL && workload->claims != NULL) {
        state_mark(engine, &workload->item);
    }
}

static void mark_linked(struct engine *engine, const struct workload_item *workload,
                        void (*mark_one)(struct engine *engine,
                                         struct workload_item *workload))
{
    const struct source_item *source = workload->source;
    const struct link_item *link;

    for (size_t i = 0; source != NULL && i < source->links_count; i++) {
        mark_one(engine, source->links[i]->target);
    }
    LIST_FOREACH(link, &workload->inbound, inbound)
    {
        mark_one(engine, link->source->workload);
    }
}

void beside_mark(struct engine *engine, const struct workload_item *workload)
{
    mark_linked(engine, workload, mark);
}

static void mark_builtin(struct engine *engine, struct workload_item *workload)
{
    if (workload != NULL && beside_is_builtin(claim_workload(workload))) {
        mark(engine, workload);
    }
}

void beside_mark_builtins(struct engine *engine, const struct workload_item *workload)
{
    mark_linked(engine, workload, mark_builtin);
}

void beside_mark_link(struct engine *engine, const struct link_item *link)
{
    struct workload_item *source = link->source->workload;

    if (beside_is_builtin(claim_workload(link->target)) ||
        (source != NULL && beside_is_builtin(claim_workload(source)))) {
        mark(engine, source);
        mark(engine, link->target);
    }
}
