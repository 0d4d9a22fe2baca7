/*
 * decode_interface.h - the interfaces of a link.
 */
#ifndef MANIFEST_DECODE_INTERFACE_H
#define MANIFEST_DECODE_INTERFACE_H

#include "manifest/decode_shape.h"

/*
 * The interfaces in the list node, in their order; link has its namespace and package
 * already, the latter from package_node.
 *
 * Reports an empty list, what is listed twice, and, in a namespace that is well known,
 * the package or the interfaces nobody has heard of.
 */
struct names decode_interfaces(struct decode *decode, const struct tree_node *node,
                               const struct tree_node *package_node,
                               const struct oam_link *link);

#endif
