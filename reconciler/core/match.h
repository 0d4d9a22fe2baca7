/*
 * match.h - what somebody calls things, and how they are found by it.  Internal to core/.
 */
#ifndef RECONCILER_CORE_MATCH_H
#define RECONCILER_CORE_MATCH_H

#include "reconciler/core/explain.h"
#include "reconciler/core/state.h"

/* There is, was, or is to be something of that kind under the id of workload. */
bool match_has_kind(const struct workload_item *workload, enum workload_kind kind);

/* The link of that full key; NULL when there is none. */
const struct link_item *match_link(const struct engine *engine, const char *key);

#endif
