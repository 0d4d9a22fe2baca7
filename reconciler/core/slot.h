/*
 * slot.h - the links of one source that share their namespace, package and name: what a
 * link.del cannot tell apart.  Internal to core/.
 *
 * A host keeps several of them when their targets differ and their interfaces have none
 * in common; link.del removes the first, in the order of the source's entry.
 *
 * Source: reference lattice-protocol-v1 sections 2.12 and 2.13.
 */
#ifndef RECONCILER_CORE_SLOT_H
#define RECONCILER_CORE_SLOT_H

#include "reconciler/core/item.h"

/* What link.del would remove now for the slot of link, which is observed. */
struct link_item *slot_first(const struct link_item *link);

/* Another link of the slot of the one at index that is there and is not ours: link.del
 * could remove it.  NULL when there is none. */
const struct link_item *slot_find_foreign(const struct source_item *source, size_t index);

/* Another link of the slot that is there, and that a host would not hold beside wanted,
 * the one at index.  NULL when there is none. */
const struct link_item *slot_find_conflict(const struct source_item *source, size_t index,
                                           const struct link *wanted);

/* The content that is there of link is ours: we have seen it so, or sent it. */
bool link_is_ours(const struct link_item *link);

#endif
