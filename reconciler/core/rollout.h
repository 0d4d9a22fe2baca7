/*
 * rollout.h - what is to run on a host while one image, or one list of configs, takes the
 * place of another.  Internal to core/.
 *
 * A rollout goes host by host.  Where what is wanted fails to start, while the ledger
 * knows of something that ran, the rollout halts: whatever is missing comes up with what
 * ran last, and nothing that runs is touched until what is wanted is tried again, which
 * is as seldom as anything is, or something else is wanted.  Where what ran last is what
 * failed, for it runs on another host, it backs off as after any failure.
 */
#ifndef RECONCILER_CORE_ROLLOUT_H
#define RECONCILER_CORE_ROLLOUT_H

#include "reconciler/core/state.h"

/* What a workload is started with. */
struct start {
    const char *image;
    struct names configs;
};

/* Note where the rollout of workload is halted, and have it planned again in time; or
 * which of its placements is to be replaced next. */
void rollout_look(struct engine *engine, struct workload_item *workload);

/* What is to run at placement of a workload that is wanted: what its row says or, while
 * the rollout is halted, what ran there last, or else elsewhere. */
struct start rollout_start(const struct workload_item *workload,
                           const struct placement *placement);

/* Is that what the row of workload says? */
bool rollout_is_wanted(const struct workload_item *workload, const struct start *start);

/* Was placement of a workload that is wanted started last with what is to run there? */
bool rollout_is_sent(const struct workload_item *workload,
                     const struct placement *placement);

/* What was sent to placement last is neither wanted nor, where a rollout is halted, what
 * is to run there meanwhile. */
bool rollout_is_stray(const struct workload_item *workload,
                      const struct placement *placement);

/*
 * The failure of a start may never be told: when something else is to run, the one under
 * way at placement is not waited for, but for OVERTAKE_MS.  It may still come about then.
 */
void rollout_give_up(struct engine *engine, struct workload_item *workload,
                     struct placement *placement);

/*
 * Another start, of what is not wanted any more, was not answered or not seen, and may
 * come up first: a host that is to change the count or the configs then notes the image
 * of start in its inventory, and serves the other one.  It takes configs for changed at
 * each scale when there are secrets among them: it does not keep the names of those.
 * Of the same image with other configs, nothing tells which of the two came about.
 */
bool rollout_may_mix(struct engine *engine, const struct placement *placement,
                     const struct start *start);

/* The command in flight at placement has failed, in the host's own words. */
void rollout_fail(struct engine *engine, struct workload_item *workload,
                  struct placement *placement, const char *text);

/* What placement waits for while others are replaced, in one sentence in arena. */
const char *rollout_wait_text(const struct workload_item *workload,
                              const struct placement *placement, struct arena *arena);

/* Why the rollout of workload is halted, which it is, in one sentence in arena. */
const char *rollout_halt_text(const struct engine *engine,
                              const struct workload_item *workload, struct arena *arena);

/* Something else is wanted of workload: what failed counts no more. */
void rollout_restart(struct engine *engine, struct workload_item *workload);

/* Is the ledger row of placement needed, though nothing runs there and nothing is to? */
bool rollout_needs(const struct workload_item *workload,
                   const struct placement *placement);

#endif
