#include "reconciler/core/taint.h"

#include <string.h>

#include "reconciler/core/hosts.h"
#include "reconciler/core/moment.h"
#include "reconciler/core/placement.h"

bool taint_is_on(const struct placement *placement)
{
    return moment_of(placement, MOMENT_TAINTED).ms != INSTANT_NEVER.ms ||
           (placement->ledger != NULL && record_past(placement->ledger).is_tainted);
}

/* Nobody saw what was there before, but what was started last ran, and nothing of ours
 * could have changed it since. */
static bool was_unseen(const struct engine *engine, const struct placement *placement)
{
    return placement->host->inventory == NULL &&
           placement->ledger->state == LEDGER_CONFIRMED && placement->ledger->has_run &&
           placement->flight.command == 0 &&
           !instant_is_before(engine->now, placement->unsure_until);
}

/* Our own commands change an image through 0 only, and to the one in the ledger. */
static bool is_update(const struct engine *engine, const struct placement *placement,
                      const struct host_workload *before,
                      const struct host_workload *told)
{
    if (told == NULL || told->kind != WORKLOAD_COMPONENT || placement->ledger == NULL ||
        strcmp(told->image, placement->ledger->u.start->image) == 0) {
        return false;
    }
    return before != NULL
               ? before->count == told->count && strcmp(before->image, told->image) != 0
               : was_unseen(engine, placement);
}

void taint_look(struct engine *engine, struct placement *placement,
                const struct host_workload *before, const struct host_workload *told)
{
    moment_set(engine, placement, MOMENT_SUSPECT, INSTANT_NEVER);
    placement->is_unseen = before == NULL;
    if (is_update(engine, placement, before, told)) {
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
    if (placement->ledger == NULL || taint_is_on(placement) ||
        (placement->is_unseen && placement->observed->count != placement->wanted)) {
        return false;
    }
    row = placement_row(placement);
    row.unsure_ms = instant_left(engine->now, placement->unsure_until);
    row.u.workload.past.is_tainted = true;
    placement_put_ledger(engine, workload, placement, &row);
    return false;
}

void taint_keep(struct engine *engine, const struct workload_item *workload,
                struct placement *placement)
{
    struct ledger_row row;

    if (placement->ledger == NULL || !taint_is_on(placement)) {
        placement_drop_ledger(engine, workload, placement);
        return;
    }
    row = (struct ledger_row){
        .kind = LEDGER_COMPONENT,
        .state = LEDGER_SENT,
        .application = "",
        .u.workload =
            {
                .host = placement->host->item.name,
                .id = workload->item.name,
                .image = "",
                .past.is_tainted = true,
            },
    };
    placement_drop_ledger(engine, workload, placement);
    state_note_ledger(engine, LEDGER_PUT, &row);
    moment_set(engine, placement, MOMENT_TAINTED, engine->now);
}

void taint_recall(struct engine *engine, struct placement *placement)
{
    moment_set(engine, placement, MOMENT_TAINTED, engine->now);
}

void taint_drop(struct engine *engine, const struct workload_item *workload,
                struct placement *placement)
{
    const struct ledger_row row = {
        .kind = LEDGER_COMPONENT,
        .application = "",
        .u.workload =
            {
                .host = placement->host->item.name,
                .id = workload->item.name,
                .image = "",
            },
    };

    if (moment_of(placement, MOMENT_TAINTED).ms == INSTANT_NEVER.ms) {
        return;
    }
    state_note_ledger(engine, LEDGER_DROP, &row);
    moment_set(engine, placement, MOMENT_TAINTED, INSTANT_NEVER);
}
