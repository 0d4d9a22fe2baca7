/*
 * taint.h - components that somebody had a host update in place.  Internal to core/.
 *
 * component.update swaps the image in the inventory, at an unchanged count, while the
 * image before serves on: also when the component is scaled to 0 and up again, until the
 * host process ends.  Nothing that can be sent heals that, so it is said.
 *
 * Where nobody looked meanwhile, an image that is not the one started last, at the count
 * that is wanted, is taken for such an update: a scale to another image changes both, and
 * nobody can tell who took it down and started another one.
 *
 * Source: wasmCloud 1.9.2 as run; reference real-host section 2.
 */
#ifndef RECONCILER_CORE_TAINT_H
#define RECONCILER_CORE_TAINT_H

#include "reconciler/core/state.h"

/* The host of placement tells of told where it told of before: is that an update? */
void taint_look(struct engine *engine, struct placement *placement,
                const struct host_workload *before, const struct host_workload *told);

/*
 * It may be one: what runs at placement is left alone until that is certain, for an old
 * message looks the same.  False when it is certain, either way.
 */
bool taint_must_wait(struct engine *engine, struct workload_item *workload,
                     struct placement *placement);

/* It was one, by the ledger. */
bool taint_is_on(const struct placement *placement);

/*
 * Nothing runs at placement any more, and nothing is to: its row is dropped.  If it was
 * tainted, one that is nobody's takes its place, for as long as the host is there: see
 * ledger.h.
 */
void taint_keep(struct engine *engine, const struct workload_item *workload,
                struct placement *placement);
/* The store has such a row of placement. */
void taint_recall(struct engine *engine, struct placement *placement);
/* The host of placement is gone; before the row of its last start is dropped. */
void taint_drop(struct engine *engine, const struct workload_item *workload,
                struct placement *placement);

#endif
