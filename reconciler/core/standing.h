/*
 * standing.h - how a resource stands: the worst that is the matter with it, and since
 * when it stands so.  Internal to core/.
 */
#ifndef RECONCILER_CORE_STANDING_H
#define RECONCILER_CORE_STANDING_H

#include "reconciler/core/state.h"

/* What counts for a resource. */
struct worst {
    enum status_word word;
    bool is_conflict; /* any of its verdicts is one */
    bool is_halted;   /* any says that a rollout is */
    struct subject subject;
    const struct placement *ailing; /* it says more than subject; or NULL */
};

struct worst worst_of_config(const struct engine *engine,
                             const struct config_item *config);
struct worst worst_of_link(const struct engine *engine, const struct link_item *link);
/* Of the parts of workload that are of kind. */
struct worst worst_of_workload(const struct engine *engine,
                               const struct workload_item *workload,
                               enum workload_kind kind);

/* Why it stands so, in one sentence, in arena; "" when all is as desired. */
const char *standing_text(const struct engine *engine, const struct worst *worst,
                          struct arena *arena);

/* Nobody wants it, and placement may be left of it: what ran on a host that is gone went
 * with it, but blind is not dead. */
bool standing_may_be_left(const struct engine *engine, const struct placement *placement);

/* item was planned: its standing is as of now, if its word is another one. */
void standing_note(const struct engine *engine, struct item *item);

#endif
