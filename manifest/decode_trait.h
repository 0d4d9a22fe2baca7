/*
 * decode_trait.h - the traits of a component: its scaler and its links.
 */
#ifndef MANIFEST_DECODE_TRAIT_H
#define MANIFEST_DECODE_TRAIT_H

#include "manifest/decode_shape.h"

/* Set the scaler and the links of component from the list node, which may be NULL. */
void decode_traits(struct decode *decode, const struct tree_node *node,
                   struct oam_component *component);

#endif
