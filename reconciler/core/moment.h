/*
 * moment.h - what seldom happens to a placement, and when.  Internal to core/.
 *
 * Kept apart from it, for most placements have none of these.
 */
#ifndef RECONCILER_CORE_MOMENT_H
#define RECONCILER_CORE_MOMENT_H

#include "reconciler/core/state.h"

/* With what it is when nothing was said of it. */
enum moment {
    MOMENT_READY, /* a provider's: its link mutations wait until then; 0 */
    MOMENT_BEGUN, /* it was started after that, by what was told; 0: before */
    /* Somebody may have had it updated in place: certain then; NEVER: nobody has. */
    MOMENT_SUSPECT,
    /* Its built-in seems to be switched off there: not tried again before; 0. */
    MOMENT_OFF,
    /* What failed to start here is not tried again before; 0; see rollout.h. */
    MOMENT_TRIAL,
    /* It says so when its host asks it.  Said in the status, and no reason to do
     * anything; NEVER: it is well, or nobody knows. */
    MOMENT_UNWELL,
    /* It was tainted, and no row of the ledger of ours says so any more, since then;
     * NEVER: it was not. */
    MOMENT_TAINTED,
    /* Its host said of the last start that it failed; NEVER: it was seen. */
    MOMENT_DENIED,
};
#define MOMENTS_COUNT 8

struct moments {
    struct instant of[MOMENTS_COUNT];
};

struct instant moment_of(const struct placement *placement, enum moment moment);
void moment_set(struct engine *engine, struct placement *placement, enum moment moment,
                struct instant instant);

void moments_free(struct engine *engine, struct placement *placement);

#endif
