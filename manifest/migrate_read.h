/*
 * migrate_read.h - what a linkdef of 0.82 says, as far as it can be said anew.  Part of
 * migrate.c.
 */
#ifndef MANIFEST_MIGRATE_READ_H
#define MANIFEST_MIGRATE_READ_H

#include "manifest/migrate_link.h"

/* A linkdef, and whom it is about. */
struct migrate_linkdef {
    const char *component; /* NULL: it has no name */
    const struct tree_node *trait;
    const struct tree_node *type;     /* the value that says linkdef */
    const struct tree_node *provider; /* NULL: there is none of that name */
};

/*
 * Read linkdef into *ret_link.  False when a human has to say it anew: diags has an error
 * then, which says what and where.
 */
bool migrate_read(const struct migrate_linkdef *linkdef, const struct edits *edits,
                  struct diags *diags, struct migrate_link *ret_link);

#endif
