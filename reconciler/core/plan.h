/*
 * plan.h - the decision, key by key: what one dirty item needs next.  Internal to core/.
 *
 * Each compares all sides of its item, sends what may be sent now, and leaves behind in
 * the verdicts why the rest is not as desired.  What cannot go on waits for the item in
 * its way.
 *
 * Order where the lattice needs it: configs before links, links before the providers
 * and components they concern; a link is deleted, seen gone, and put; a workload is
 * stopped, seen gone, and started.  When an application goes: links, workloads, configs.
 */
#ifndef RECONCILER_CORE_PLAN_H
#define RECONCILER_CORE_PLAN_H

#include "reconciler/core/state.h"

void plan_sight(struct engine *engine);
void plan_host(struct engine *engine, struct host_item *host);
void plan_config(struct engine *engine, struct config_item *config);
void plan_source(struct engine *engine, struct source_item *source);
void plan_workload(struct engine *engine, struct workload_item *workload);

/*
 * Blind: not connected, no survey since, a bucket not known, or no host.  Then nothing
 * is sent, for blind is not dead and absent is not empty.
 */
bool plan_is_blind(const struct engine *engine);

/* If blind, item waits until we see again, and *ret_verdict says so. */
bool plan_must_see(struct engine *engine, struct item *item, struct verdict *ret_verdict);

/* A config that names depend on and that is not there, or not with the content that an
 * application wants; NULL when there is none. */
struct config_item *plan_config_in_way(struct engine *engine, const struct names *names);

/* It is ours to put, and nothing but time seems to be in the way of that. */
bool plan_config_is_coming(const struct config_item *config);

/* Something is going to happen to link before long, so what depends on it waits. */
bool plan_link_is_pending(const struct link_item *link);

/*
 * Links that concern workload go first: hosts hand them over at the start, and a start
 * rewrites the links of its id.  Then workload waits, and *ret_verdict says so.
 */
bool plan_must_let_links(struct engine *engine, struct workload_item *workload,
                         enum workload_kind kind, struct verdict *ret_verdict);

/* What before says is about to be sent again: with is_same, it was right once. */
static inline void plan_note_drift(struct engine *engine, const struct record *before,
                                   bool is_same)
{
    engine->drifts_count +=
        before != NULL && before->state == LEDGER_CONFIRMED && is_same;
}

/* Where instances of workload go; sets wanted of its placements, and missing. */
void plan_spread(struct engine *engine, struct workload_item *workload);

#endif
