/*
 * entry.h - how large the entry of a source is in the bucket of links.  Internal to
 * core/.
 *
 * Hosts write all links of a source as one entry, and what is larger than the server's
 * max_payload cannot be written: then no link of the source can be changed by anybody.
 */
#ifndef RECONCILER_CORE_ENTRY_H
#define RECONCILER_CORE_ENTRY_H

#include "reconciler/core/state.h"

/* The bytes of its entry when link, which is not there, has been put as it is wanted. */
size_t entry_bytes_with(const struct link_item *link);

/* More of max_payload is not used, for others want to change the entry, too; SIZE_MAX
 * while it is not known. */
size_t entry_bytes_max(const struct engine *engine);

#endif
