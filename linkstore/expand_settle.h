/*
 * expand_settle.h - rows as a manifest gives them, made one a key and sorted.
 *
 * Each returns how many of the count rows are left, at the beginning.
 */
#ifndef LINKSTORE_EXPAND_SETTLE_H
#define LINKSTORE_EXPAND_SETTLE_H

#include "linkstore/desired.h"

/* Of one name, the first of the manifest is kept. */
size_t settle_configs(struct config_row *rows, size_t count);

/* Of one key, the first is kept, with the interfaces of all as a set, in arena. */
size_t settle_links(struct link_row *rows, size_t count, struct arena *arena);

/* Of one id, the first is kept. */
size_t settle_workloads(struct workload_row *rows, size_t count);

#endif
