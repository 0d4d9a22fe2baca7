/*
 * foreign.h - links of others that name a workload of ours.  Internal to core/.
 *
 * Who made them counts on what they name: it does not go without being asked for.
 */
#ifndef RECONCILER_CORE_FOREIGN_H
#define RECONCILER_CORE_FOREIGN_H

#include "reconciler/core/state.h"

/* It is in the lattice, and it is not ours. */
bool link_is_foreign(const struct link_item *link);

/* A link in the lattice that is not ours and has workload as its source or target; NULL
 * when there is none. */
const struct link_item *foreign_link(const struct workload_item *workload);

/* Why placement, which no application wants, is stopped. */
const char *foreign_end(struct engine *engine, const struct workload_item *workload,
                        const struct placement *placement);

/* Nobody asked for the end of placement, a provider that links of others name: it stays
 * until they go, and *ret_verdict says so. */
bool foreign_holds(struct workload_item *workload, const struct placement *placement,
                   struct verdict *ret_verdict);

/* "web -(wasi:http)-> app", in arena. */
const char *link_name(const struct link *link, struct arena *arena);
/* "web -[default wasi:http]-> app", in arena: no two links have the same. */
const char *link_key(const struct link *link, struct arena *arena);

#endif
