/*
 * decode_config.h - lists of configs and secrets, as components and both ends of a link
 * have them.
 */
#ifndef MANIFEST_DECODE_CONFIG_H
#define MANIFEST_DECODE_CONFIG_H

#include "manifest/decode_shape.h"

/* The configs in the list node; what names its key in messages. */
struct oam_configs decode_configs(struct decode *decode, const struct tree_node *node,
                                  const char *what);

/* The secrets in the list node. */
struct oam_secrets decode_secrets(struct decode *decode, const struct tree_node *node);

#endif
