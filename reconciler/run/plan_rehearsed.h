/*
 * plan_rehearsed.h - what apply would send, found by doing it to a copy of the lattice.
 *
 * The manifests are put into the store in a transaction that is taken back, a fresh
 * engine is given the store and rehearses on a simulated lattice that runs what the
 * real one was observed to run.  So the plan is apply's own, and nothing is sent.
 */
#ifndef RECONCILER_RUN_PLAN_REHEARSED_H
#define RECONCILER_RUN_PLAN_REHEARSED_H

#include "linkstore/store.h"
#include "reconciler/core/engine.h"
#include "reconciler/wire/api.h"

struct plan_input {
    const struct engine *engine; /* what it observes is the lattice as it is */
    struct store *store;         /* as it was, afterwards */
    const char *lattice;
};

/*
 * Plan manifests.  Errors as deploy_manifests, and ERR_UNREACHABLE when engine does not
 * see the lattice; ret_report's findings are set whatever the code.
 */
enum err_code plan_rehearsed(const struct plan_input *input,
                             const struct api_manifests *manifests, struct arena *arena,
                             struct api_plan_report *ret_report, struct err *err)
    __attribute__((warn_unused_result));

#endif
