/*
 * inventory_digest.h - whether a host says anything new, at a glance.
 *
 * Whoever reads an inventory makes the digests, so that one without change, as nearly
 * every heartbeat is, costs the engine the same however much runs there.
 */
#ifndef RECONCILER_CORE_INVENTORY_DIGEST_H
#define RECONCILER_CORE_INVENTORY_DIGEST_H

#include "reconciler/core/event.h"

/* Of all that workload says; never 0. */
uint64_t workload_digest(const struct host_workload *workload);

/*
 * Of its labels and of all its workloads, whose digests are made; of no order, and never
 * 0.  Its uptime, which changes always, is left out.
 */
uint64_t inventory_digest(const struct inventory *inventory);

#endif
