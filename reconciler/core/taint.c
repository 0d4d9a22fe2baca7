#include "reconciler/core/taint.h"

#include <string.h>

#include "reconciler/core/hosts.h"
#include "reconciler/core/moment.h"
#include "reconciler/core/placement.h"

bool taint_is_on(const struct placement *placement)
{
    return placement->ledger != NULL && record_past(placement->ledger).is_tainted;
}

/* Our own commands change an image through 0 only, and to the one in the ledger. */
static bool is_update(const struct placement *placement,
                      const struct host_workload *before,
                      const struct host_workload *told)
{
    return before != NULL && told != NULL && told->kind == WORKLOAD_COMPONENT &&
           before->count == told->count && strcmp(before->image, told->image) != 0 &&
           placement->ledger != NULL &&
           strcmp(told->image, placement->ledger->u.start->image) != 0;
}

void taint_look(struct engine *engine, struct placement *placement,
                const struct host_workload *before, const struct host_workload *told)
{
    moment_set(engine, placement, MOMENT_SUSPECT, INSTANT_NEVER);
    if (is_update(placement, before, told)) {
        moment_set(engine, placement, MOMENT_SUSPECT,
                   instant_after(engine->now, CONTRARY_MS));
        host_look(engine, placement->host);
    }
}

bool taint_must_wait(struct engine *engine, struct workload_item *workload,
                     struct placement *placement)
{
    struct ledger_row row;

    if (moment_of(placement, MOMENT_SUSPECT).ms == INSTANT_NEVER.ms) {
        return false;
    }
    if (instant_is_before(engine->now, moment_of(placement, MOMENT_SUSPECT))) {
        state_wake(engine, &workload->item, moment_of(placement, MOMENT_SUSPECT));
        return true;
    }
    moment_set(engine, placement, MOMENT_SUSPECT, INSTANT_NEVER);
    if (placement->ledger == NULL || taint_is_on(placement)) {
        return false;
    }
    row = placement_row(placement);
    row.unsure_ms = instant_left(engine->now, placement->unsure_until);
    row.u.workload.past.is_tainted = true;
    placement_put_ledger(engine, workload, placement, &row);
    return false;
}

bool taint_keep(struct engine *engine, struct workload_item *workload,
                struct placement *placement)
{
    struct ledger_row row;

    if (!taint_is_on(placement) || workload->claims == NULL) {
        return false;
    }
    row = placement_row(placement);
    if (row.u.workload.past.good_image != NULL || row.u.workload.configs.count > 0) {
        row.unsure_ms = 0;
        row.u.workload.configs = (struct names){0};
        row.u.workload.past = (struct ledger_past){.is_tainted = true};
        placement_put_ledger(engine, workload, placement, &row);
    }
    return true;
}
