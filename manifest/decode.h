/*
 * decode.h - from the tree of a document to an application.
 *
 * What the manifest language is, key by key, stands in the tables of decode*.c.  A key
 * is added there, and the field it fills in model.h.
 */
#ifndef MANIFEST_DECODE_H
#define MANIFEST_DECODE_H

#include "manifest/decode_shape.h"

/*
 * Read the document root into *ret_application, which points into the tree.  Where a
 * string is missing or wrong, its field is NULL and diags has an error.
 */
void decode_application(struct decode *decode, const struct tree_node *root,
                        struct oam_application *ret_application);

#endif
