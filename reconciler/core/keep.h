/*
 * keep.h - the rows of the lattice in the engine's pool.  Internal to core/.
 *
 * A kept value holds kept texts only; who keeps it forgets it again, with all of them.
 */
#ifndef RECONCILER_CORE_KEEP_H
#define RECONCILER_CORE_KEEP_H

#include "manifest/pool.h"
#include "reconciler/core/event.h"

/* The one link that is equal to link. */
const struct link *keep_link(struct pool *pool, const struct link *link);
void forget_link(struct pool *pool, const struct link *link);

struct host_workload keep_workload(struct pool *pool,
                                   const struct host_workload *workload);
void forget_workload(struct pool *pool, const struct host_workload *workload);

#endif
