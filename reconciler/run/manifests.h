/*
 * manifests.h - the daemon's folder of manifests, kept deployed.
 *
 * What its files declare is deployed, together if that can be; what they do not declare
 * any more goes, as far as prune.h lets it.  A file that is broken takes nothing away:
 * what it declared before stays, and the notes say so.
 */
#ifndef RECONCILER_RUN_MANIFESTS_H
#define RECONCILER_RUN_MANIFESTS_H

#include "reconciler/run/claims.h"
#include "reconciler/run/options.h"
#include "reconciler/run/reconciler.h"

struct manifests;

/* Of options, the folder and how it is kept.  reconciler is borrowed; its loop is told of
 * the folder's descriptor.  ERR_NOTFOUND no such folder; ERR_IO. */
enum err_code manifests_open(struct reconciler *reconciler, const struct options *options,
                             struct manifests **ret_manifests, struct err *err)
    __attribute__((warn_unused_result));
void manifests_close(struct manifests *manifests); /* NULL is fine */

/* Before a wait, when the deadline has come; and after it. */
void manifests_before_turn(struct manifests *manifests);
void manifests_after_turn(struct manifests *manifests);
struct instant manifests_deadline(const struct manifests *manifests);

/* Look at once. */
void manifests_look(struct manifests *manifests);

/* What stands behind applications, for others who put some. */
struct claims manifests_claims(struct manifests *manifests);

/* The applications that are held though their files are gone, and why, in one sentence;
 * NULL: none are. */
const struct names *manifests_held(const struct manifests *manifests);
const char *manifests_held_reason(const struct manifests *manifests);
/* They may go. */
void manifests_confirm(struct manifests *manifests);

/* What is wrong with files: a sentence each, which names the file; in arena. */
struct names manifests_notes(const struct manifests *manifests, struct arena *arena);

#endif
