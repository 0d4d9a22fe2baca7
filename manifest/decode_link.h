/*
 * decode_link.h - the properties of a link trait, in its nested and its flat form.
 */
#ifndef MANIFEST_DECODE_LINK_H
#define MANIFEST_DECODE_LINK_H

#include "manifest/decode_shape.h"

/* Fill all of *link but span from the mapping node. */
void decode_link(struct decode *decode, const struct tree_node *node,
                 struct oam_link *link);

#endif
