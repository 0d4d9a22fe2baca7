/*
 * explain_host.h - the part of explain.h that is about hosts.  Internal to core/.
 */
#ifndef RECONCILER_CORE_EXPLAIN_HOST_H
#define RECONCILER_CORE_EXPLAIN_HOST_H

#include "reconciler/core/explain.h"
#include "reconciler/core/state.h"

/* What placement has of workload, but for its name. */
struct explained_part explain_part(const struct engine *engine,
                                   const struct workload_item *workload,
                                   const struct placement *placement,
                                   struct arena *arena);

/* All of host but its commands. */
void explain_host(const struct engine *engine, const struct host_item *host,
                  struct arena *arena, struct explanation *ret_explanation);

#endif
