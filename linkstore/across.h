/*
 * across.h - what several applications cannot want together.
 *
 * Pure.  Between applications the meaning is that of store_check, which looks at those
 * that are deployed: they conflict where both claim an id, a config or a slot of a link,
 * and do not mean the same by it.  Here everything is found, with both places.
 */
#ifndef LINKSTORE_ACROSS_H
#define LINKSTORE_ACROSS_H

#include "manifest/model.h"

/*
 * Hold the applications of count valid manifests, for one lattice, against each other.
 *
 * Errors: duplicate-application, duplicate-id, config-conflict, link-slot; shared-cycle,
 * shared-reference where an application that is given does not share what is asked for.
 * Warnings: http-port; unknown-shared where a shared application is not among several
 * manifests.  With is_complete false some more manifests could not be read, and
 * nothing is missed.
 *
 * The manifests must live as long as diags, which is sorted in the end.
 */
void across_check(const struct manifest *manifests, size_t count, bool is_complete,
                  struct diags *diags);

#endif
