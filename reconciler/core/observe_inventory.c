#include "reconciler/core/moment.h"
#include "reconciler/core/observe.h"

#include <assert.h>
#include <string.h>

#include "reconciler/core/asking.h"
#include "reconciler/core/behind.h"
#include "reconciler/core/delivery.h"
#include "reconciler/core/keep.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/retry.h"
#include "reconciler/core/silent.h"
#include "reconciler/core/taint.h"
#include "reconciler/core/timing.h"

static int workload_compare(const struct host_workload *a, const struct host_workload *b)
{
    const int order = strcmp(a->id, b->id);

    return order != 0 ? order : (int)a->kind - (int)b->kind;
}

static bool digests_are_equal(const struct host_workload *a,
                              const struct host_workload *b)
{
    return a->digest != 0 && a->digest == b->digest;
}

/* Of one key. */
static bool workload_is_equal(const struct host_workload *a,
                              const struct host_workload *b)
{
    return digests_are_equal(a, b) ||
           (a->count == b->count && strcmp(a->image, b->image) == 0 &&
            strcmp(a->application, b->application) == 0 &&
            strcmp(a->manager, b->manager) == 0);
}

/* host has told that told is there now (NULL: is not), which was before. */
static struct placement *set_placement(struct engine *engine, struct host_item *host,
                                       const struct host_workload *before,
                                       const struct host_workload *told)
{
    const struct host_workload *key = told != NULL ? told : before;
    struct workload_item *workload;
    struct placement *placement;

    assert(key != NULL);
    workload = state_workload(engine, key->id);
    placement = state_placement(engine, workload, host, key->kind);
    placement->observed = told;
    if (told != NULL) {
        moment_set(engine, placement, MOMENT_OFF, (struct instant){0});
        moment_set(engine, placement, MOMENT_DENIED, INSTANT_NEVER);
    } else {
        moment_set(engine, placement, MOMENT_UNWELL, INSTANT_NEVER);
    }
    if (before != NULL && told != NULL && workload_is_equal(before, told)) {
        return placement;
    }
    taint_look(engine, placement, before, told);
    if (before == NULL && key->kind == WORKLOAD_PROVIDER && host->inventory != NULL) {
        moment_set(engine, placement, MOMENT_READY,
                   instant_after(engine->now, PROVIDER_WINDOW_MS));
        moment_set(engine, placement, MOMENT_BEGUN, engine->now);
        asking_look_at_start(engine, workload);
        delivery_note_start(engine, workload);
    }
    state_mark(engine, &workload->item);
    state_changed(engine, &workload->item);
    return placement;
}

/* What we started on host, which lives, is gone from there or was changed. */
static void note_undone(struct engine *engine, const struct host_item *host,
                        const struct host_workload *before,
                        const struct host_workload *told)
{
    const struct workload_item *workload =
        (const struct workload_item *)state_find(engine, ITEM_WORKLOAD, before->id);
    struct placement *placement =
        workload != NULL ? state_find_placement(workload, host, before->kind) : NULL;

    if (placement == NULL || placement->flight.command != 0 || placement->wanted == 0 ||
        !observe_was_put(workload->claims, &placement->verdict, placement->ledger)) {
        return;
    }
    if (told == NULL || told->count != before->count ||
        strcmp(told->image, before->image) != 0) {
        retry_undone(engine, &placement->retry);
    }
}

/* Which of two lists has the lesser workload at its place; one that has ended has not. */
static int compare_next(const struct inventory *before, size_t b,
                        const struct inventory *inventory, size_t n)
{
    if (b == before->workloads_count) {
        return 1;
    }
    if (n == inventory->workloads_count) {
        return -1;
    }
    if (digests_are_equal(&before->workloads[b], &inventory->workloads[n])) {
        return 0;
    }
    return workload_compare(&before->workloads[b], &inventory->workloads[n]);
}

/* What host says of itself, in arena; its workloads are left out. */
static struct inventory *copy_head(const struct inventory *inventory, struct arena *arena)
{
    struct inventory *copy = arena_alloc(arena, sizeof *copy);

    *copy = *inventory;
    copy->host = arena_copy(arena, inventory->host);
    copy->name = arena_copy(arena, inventory->name);
    copy->version = arena_copy(arena, inventory->version);
    copy->labels = properties_copy(&inventory->labels, arena);
    copy->workloads = NULL;
    return copy;
}

/* One step through both lists: was and told are of one key, or one of them is NULL. */
static struct placement *take_workload(struct engine *engine, struct host_item *host,
                                       const struct host_workload *was,
                                       const struct host_workload *told)
{
    struct placement *placement;

    if (was != NULL) {
        note_undone(engine, host, was, told);
    }
    placement = set_placement(engine, host, was, told);
    if (was != NULL) {
        forget_workload(&engine->pool, was);
    }
    return placement;
}

/* What is as it was, as most is, moves on with its placement, and nothing is looked up.
 */
void observe_inventory(struct engine *engine, struct host_item *host,
                       const struct inventory *inventory)
{
    const struct inventory none = {0};
    const bool is_back = host->inventory == NULL;
    const struct inventory *before = host->inventory != NULL ? host->inventory : &none;
    struct arena arena = {0};
    struct inventory *kept = copy_head(inventory, &arena);
    struct host_workload *workloads =
        arena_array(&arena, inventory->workloads_count, sizeof *workloads);
    struct placement **placements =
        arena_array(&arena, inventory->workloads_count, sizeof(struct placement *));
    size_t b = 0;
    size_t n = 0;

    while (b < before->workloads_count || n < inventory->workloads_count) {
        const int order = compare_next(before, b, inventory, n);
        const struct host_workload *was = order <= 0 ? &before->workloads[b] : NULL;
        const struct host_workload *told = order >= 0 ? &inventory->workloads[n] : NULL;

        if (told == NULL) {
            (void)take_workload(engine, host, was, NULL);
        } else if (was != NULL && workload_is_equal(was, told)) {
            workloads[n] = *was;
            placements[n] = host->placements[b];
            placements[n]->observed = &workloads[n];
            moment_set(engine, placements[n], MOMENT_OFF, (struct instant){0});
        } else {
            workloads[n] = keep_workload(&engine->pool, told);
            placements[n] = take_workload(engine, host, was, &workloads[n]);
        }
        b += order <= 0;
        n += order >= 0;
    }
    arena_free(&host->inventory_arena);
    kept->workloads = workloads;
    host->inventory_arena = arena;
    host->inventory = kept;
    host->placements = placements;
    if (is_back) {
        behind_returned(engine, host);
        silent_returned(engine, host);
    }
}

void observe_drop_inventory(struct engine *engine, struct host_item *host)
{
    if (host->inventory == NULL) {
        return;
    }
    for (size_t i = 0; i < host->inventory->workloads_count; i++) {
        forget_workload(&engine->pool, &host->inventory->workloads[i]);
    }
    host->inventory = NULL;
    host->placements = NULL;
    arena_free(&host->inventory_arena);
}

void observe_nothing(struct engine *engine, struct host_item *host)
{
    if (host->inventory == NULL) {
        return;
    }
    for (size_t i = 0; i < host->inventory->workloads_count; i++) {
        (void)set_placement(engine, host, &host->inventory->workloads[i], NULL);
    }
    observe_drop_inventory(engine, host);
}
