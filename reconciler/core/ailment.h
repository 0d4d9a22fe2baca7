/*
 * ailment.h - what is wrong with something that runs as it is wanted, and that no command
 * of ours heals: said in the status, and nothing follows from it.  Internal to core/.
 */
#ifndef RECONCILER_CORE_AILMENT_H
#define RECONCILER_CORE_AILMENT_H

#include "reconciler/core/state.h"

/* What ails placement, in one sentence in arena; NULL when nothing does. */
const char *ailment_text(const struct engine *engine, const struct placement *placement,
                         struct arena *arena);

#endif
