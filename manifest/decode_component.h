/*
 * decode_component.h - one component or capability provider.
 */
#ifndef MANIFEST_DECODE_COMPONENT_H
#define MANIFEST_DECODE_COMPONENT_H

#include "manifest/decode_shape.h"

/* Fill *component, which is all zero, from the mapping node. */
void decode_component(struct decode *decode, const struct tree_node *node,
                      struct oam_component *component);

#endif
