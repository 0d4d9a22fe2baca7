/*
 * deploy.h - manifests into the store: read, validated, kept and wanted, all or none.
 *
 * The one way in for the directory, the API, apply and plan.
 */
#ifndef RECONCILER_RUN_DEPLOY_H
#define RECONCILER_RUN_DEPLOY_H

#include "linkstore/store.h"
#include "manifest/manifest.h"
#include "reconciler/wire/api.h"

struct deployment {
    struct api_apply_report report;
    const char *const *applications; /* their names, for driver_reload */
    size_t count;
};

/*
 * Put every application of manifests into store and want it from now on, as one
 * transaction.  An application without a version gets one, or keeps the one under which
 * the same text is known.
 *
 * ERR_SYNTAX, ERR_INVALID or ERR_LIMIT: a manifest is refused.  ERR_CONFLICT: two
 * applications claim the same thing, named with file and line.  Otherwise as store.h.
 * After an error the store is as it was, and ret_deployment holds nothing but
 * report.findings: whatever the code, every finding about all manifests, a line each.
 */
enum err_code deploy_manifests(struct store *store, const struct api_manifests *manifests,
                               struct arena *arena, struct deployment *ret_deployment,
                               struct err *err) __attribute__((warn_unused_result));

/* The same, but after success the transaction is open still, for store_rollback. */
enum err_code deploy_tentatively(struct store *store,
                                 const struct api_manifests *manifests,
                                 struct arena *arena, struct deployment *ret_deployment,
                                 struct err *err) __attribute__((warn_unused_result));

struct deploy_kept {
    const char *application;
    const char *version;
    size_t versions_count;
};

/*
 * Put the one application of manifest into store, without wanting it.  ERR_CONFLICT
 * "Manifest version v1 already exists" when that version is there, whatever its content;
 * the first finding, with its place, when the manifest is refused.
 */
enum err_code deploy_keep(struct store *store, const struct api_manifest *manifest,
                          struct arena *arena, struct deploy_kept *ret_kept,
                          struct err *err) __attribute__((warn_unused_result));

/*
 * Read all, keep nothing.  Every finding is added to diags, which says which warnings are
 * not wanted.
 */
enum err_code deploy_check(const struct api_manifests *manifests, struct arena *arena,
                           struct diags *diags, struct err *err)
    __attribute__((warn_unused_result));

/* Findings as text, a line each. */
const char *deploy_print(const struct diags *diags, struct arena *arena);

/* A version for one that has none: a ULID, newer ones sort after older ones. */
#define DEPLOY_VERSION_BYTES 27
void deploy_make_version(int64_t unix_ms, char ret_version[static DEPLOY_VERSION_BYTES]);

#endif
