#include "reconciler/core/window.h"

#include <string.h>

#include "reconciler/core/moment.h"
#include "reconciler/core/placement.h"

/* When the last provider of workload that is starting will take links; past: none is. */
static struct instant ready_at(const struct workload_item *workload)
{
    struct instant latest = {0};

    for (size_t i = 0; i < workload->placements_count; i++) {
        const struct placement *placement = workload->placements[i];

        if (placement->observed != NULL &&
            instant_is_before(latest, moment_of(placement, MOMENT_READY))) {
            latest = moment_of(placement, MOMENT_READY);
        }
    }
    return latest;
}

/* A start of a source rewrites its links; a component as a target does not care. */
static bool is_starting(const struct workload_item *workload, bool is_source)
{
    for (size_t i = 0; i < workload->placements_count; i++) {
        const struct placement *placement = workload->placements[i];

        if (placement_is_starting(placement) &&
            (is_source || placement->kind == WORKLOAD_PROVIDER)) {
            return true;
        }
    }
    return false;
}

bool window_must_wait(struct engine *engine, struct source_item *source,
                      struct workload_item *workload, struct verdict *ret_verdict)
{
    struct instant ready;

    if (workload == NULL) {
        return false;
    }
    ready = ready_at(workload);
    if (!is_starting(workload, strcmp(workload->item.name, source->item.name) == 0) &&
        !instant_is_before(engine->now, ready)) {
        return false;
    }
    state_wait(&source->item, &workload->item);
    if (instant_is_before(engine->now, ready)) {
        state_wake(engine, &source->item, ready);
    }
    *ret_verdict = (struct verdict){REASON_STARTING, &workload->item};
    return true;
}

bool window_must_let_appear(struct engine *engine, struct source_item *source,
                            struct workload_item *workload, struct verdict *ret_verdict)
{
    for (size_t i = 0; workload != NULL && i < workload->placements_count; i++) {
        const struct placement *placement = workload->placements[i];

        if (placement->kind == WORKLOAD_PROVIDER &&
            placement_may_appear(engine, placement)) {
            state_wait(&source->item, &workload->item);
            state_wake(engine, &source->item, placement->unsure_until);
            *ret_verdict = (struct verdict){REASON_STARTING, &workload->item};
            return true;
        }
    }
    return false;
}

static bool is_open(const struct engine *engine, const struct workload_item *workload)
{
    for (size_t i = 0; i < workload->placements_count; i++) {
        const struct placement *placement = workload->placements[i];

        if (placement->kind == WORKLOAD_PROVIDER &&
            (placement_is_starting(placement) ||
             placement_may_appear(engine, placement) ||
             (placement->observed != NULL &&
              instant_is_before(engine->now, moment_of(placement, MOMENT_READY))))) {
            return true;
        }
    }
    return false;
}

static bool was_open(const struct engine *engine, const struct workload_item *workload)
{
    for (size_t i = 0; i < workload->placements_count; i++) {
        const struct placement *placement = workload->placements[i];

        if (placement->kind == WORKLOAD_PROVIDER &&
            (instant_is_before(engine->now, placement->unsure_until) ||
             instant_is_before(engine->now, moment_of(placement, MOMENT_READY)))) {
            return true;
        }
    }
    return false;
}

bool window_is_open_to(const struct engine *engine, const struct link_item *link)
{
    const struct workload_item *source = link->source->workload;

    return is_open(engine, link->target) || (source != NULL && is_open(engine, source));
}

bool window_was_open_to(const struct engine *engine, const struct link_item *link)
{
    const struct workload_item *source = link->source->workload;

    return was_open(engine, link->target) || (source != NULL && was_open(engine, source));
}
