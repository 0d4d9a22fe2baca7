/*
 * decode_scaler.h - the properties of spreadscaler and daemonscaler, which are alike.
 */
#ifndef MANIFEST_DECODE_SCALER_H
#define MANIFEST_DECODE_SCALER_H

#include "manifest/decode_shape.h"

/* Fill all of *scaler but kind and span from the mapping node. */
void decode_scaler(struct decode *decode, const struct tree_node *node,
                   struct oam_scaler *scaler);

#endif
