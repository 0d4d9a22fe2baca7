/*
 * across_shared.h - applications that use components of others.
 */
#ifndef LINKSTORE_ACROSS_SHARED_H
#define LINKSTORE_ACROSS_SHARED_H

#include "linkstore/desired.h"

/* An application, and the manifest that it is in. */
struct across_application {
    const struct oam_application *application;
    const struct manifest *manifest;
};

/*
 * Report, of count applications, references to others among them that share no such
 * component (shared-reference), and those that lead back to where they come from
 * (shared-cycle), so that none of these applications can be the first; with is_complete
 * warn of references to applications that are not among them (unknown-shared).
 *
 * Source: wadm v0.21.1 server/handlers.rs, deploy.
 */
void across_check_shared(const struct across_application *applications, size_t count,
                         bool is_complete, struct diags *diags);

/*
 * desired: what each of count applications wants, as expanded.  Give the links that name
 * what others among them share the ids that these give it; in arena.
 */
void across_resolve_shared(const struct across_application *applications,
                           struct desired *desired, size_t count, struct arena *arena);

#endif
