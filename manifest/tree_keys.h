/*
 * tree_keys.h - keys that a mapping has twice.  Part of tree.c.
 */
#ifndef MANIFEST_TREE_KEYS_H
#define MANIFEST_TREE_KEYS_H

#include "manifest/tree.h"

/*
 * Report every key of mapping that is not the first of its text, as duplicate-key.
 * Keys that are no scalars are not looked at.  Sorts copies where there are many.
 */
void tree_keys_check(const struct tree_node *mapping, struct arena *scratch,
                     struct diags *diags);

#endif
