/*
 * migrate_parts.h - the edits that migrate one document.  Part of migrate.c.
 */
#ifndef MANIFEST_MIGRATE_PARTS_H
#define MANIFEST_MIGRATE_PARTS_H

#include "manifest/migrate_edit.h"

/*
 * Add the edits for the document root.  What a human has to do is an error in diags, and
 * stays as it is.
 */
void migrate_document(const struct tree_node *root, struct edits *edits,
                      struct diags *diags);

#endif
