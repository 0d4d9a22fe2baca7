/*
 * difference.h - how what is there differs from what is wanted, in words.  Internal to
 * core/.
 *
 * Static, or in arena.  Contents of configs are never in it.
 */
#ifndef RECONCILER_CORE_DIFFERENCE_H
#define RECONCILER_CORE_DIFFERENCE_H

#include "reconciler/core/rollout.h"

const char *difference_of_config(const struct config_item *config);

/* Interfaces or config names, or that it is missing, or not wanted; NULL: none of it. */
const char *difference_of_link(const struct link_item *link, struct arena *arena);

/* Why what runs at placement must be replaced to be as start; NULL when it need not. */
const char *difference_of_start(const struct placement *placement,
                                const struct start *start, struct arena *arena);

/* How many run of what is wanted, and how many are wanted. */
const char *difference_of_count(const struct workload_item *workload,
                                const struct placement *placement, struct arena *arena);

/* Whichever of the two says it, or that nobody wants it; of what is to run there instead
 * of on another host, what runs on that. */
const char *difference_of_placement(const struct workload_item *workload,
                                    const struct placement *placement,
                                    struct arena *arena);

#endif
