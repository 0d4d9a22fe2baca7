/*
 * claim.h - which applications want a row.  Internal to core/.
 *
 * Two applications may want the same row with the same content; that they want it with
 * other content was refused before anything was declared.
 */
#ifndef RECONCILER_CORE_CLAIM_H
#define RECONCILER_CORE_CLAIM_H

#include "reconciler/core/state.h"
#include "reconciler/core/wish.h"

/* All that one application wants. */
struct application {
    const char *name;
    struct arena arena; /* of desired */
    struct wishes desired;
    struct claim *claims; /* one a row */
    size_t claims_count;
    TAILQ_ENTRY(application) others; /* by name */
};

/* All that an application wants, instead of what it wanted before. */
void claim_declare(struct engine *engine, const struct desired *desired);

/*
 * It wants nothing any more.  is_pruned: nobody asked for that, so a provider that links
 * of others name stays; when somebody does later, it goes after all.
 */
void claim_retract(struct engine *engine, const char *name, bool is_pruned);

/* Forget all applications; the items are not touched. */
void claim_free(struct engine *engine);

/* The row that counts; NULL when nobody wants one. */
const struct config_row *claim_config(const struct config_item *config);
const struct link_wish *claim_link(const struct link_item *link);
const struct workload_row *claim_workload(const struct workload_item *workload);

/* Is application one of those who want it? */
bool claim_is_of(const struct claim *claims, const char *application);

/* Who wants it: the first application by name; claims must not be NULL. */
const char *claim_application(const struct claim *claims);

#endif
