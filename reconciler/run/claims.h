/*
 * claims.h - who stands behind an application: a file of the daemon's folder, or whoever
 * put it through the API.
 *
 * Neither takes the other's away by mistake: a name that both claim is a conflict, which
 * names both.  What nobody stands behind (put directly, without a daemon) anybody may
 * take.  Within the folder an application may move from one file to another, but two
 * files that declare it are a conflict, too.
 */
#ifndef RECONCILER_RUN_CLAIMS_H
#define RECONCILER_RUN_CLAIMS_H

#include "reconciler/run/deploy.h"

struct claims {
    struct store *store;
    const char *root; /* of the folder, with a slash at the end; NULL: there is none */
    /* Is there a file at path, as the folder was last seen?  May be NULL without root. */
    bool (*has_file)(void *context, const char *path);
    void *context;
};

struct claims_outcome {
    struct deployment deployment;
    struct names gone; /* deleted: their file is there and declares them no more */
};

/*
 * Deploy manifests as deploy_manifests does, all from the folder or all from elsewhere.
 * From the folder, what its files declared before and nobody does now is deleted with it.
 *
 * ERR_CONFLICT also when somebody else stands behind one of them, with who.
 */
enum err_code claims_deploy(const struct claims *claims,
                            const struct api_manifests *manifests, struct arena *arena,
                            struct claims_outcome *ret_outcome, struct err *err)
    __attribute__((warn_unused_result));

/* As deploy_keep does, from elsewhere than the folder. */
enum err_code claims_keep(const struct claims *claims,
                          const struct api_manifest *manifest, struct arena *arena,
                          struct deploy_kept *ret_kept, struct err *err)
    __attribute__((warn_unused_result));

/*
 * ERR_CONFLICT when a file of the folder, which is there at this moment, declares the
 * application called name: it would be back with the next look at that file.  Who wants
 * it no more deletes the file.
 */
enum err_code claims_check_removal(const struct claims *claims, const char *name,
                                   struct arena *arena, struct err *err)
    __attribute__((warn_unused_result));

/*
 * ERR_CONFLICT when a file of the folder declares application, and would have it back:
 * who wants another version changes that file.
 */
enum err_code claims_check(const struct claims *claims,
                           const struct store_application *application, struct err *err)
    __attribute__((warn_unused_result));

/* Does application belong to the folder?  Then a file below root declared it. */
bool claims_is_folders(const struct claims *claims,
                       const struct store_application *application);

#endif
