/*
 * config_user.h - who names a config that no application wants any more.  Internal to
 * core/.
 *
 * Looks at everything: for the few configs of which it is asked, not for every plan.
 */
#ifndef RECONCILER_CORE_CONFIG_USER_H
#define RECONCILER_CORE_CONFIG_USER_H

#include "reconciler/core/state.h"

/* One of these, or neither: only a wish names it. */
struct config_user {
    const struct link_item *link;
    const struct workload_item *workload;
    bool is_leaving; /* all who name it are ours, and are being removed or replaced */
};

/* Of several users one that stays. */
struct config_user config_find_user(const struct engine *engine,
                                    const struct config_item *config);

/* A host that is not there, but may come back with what was started with config; NULL:
 * none. */
const struct host_item *config_find_absent_user(const struct engine *engine,
                                                const struct config_item *config);

#endif
