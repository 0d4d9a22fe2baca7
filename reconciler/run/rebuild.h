/*
 * rebuild.h - a store that was lost, made anew from manifests and from what is seen of
 * the lattice.
 *
 * What the manifests ask for, and the lattice has, is taken over as apply would do; the
 * rest is somebody else's from then on, for nobody knows any more who put it.  Nothing
 * is sent to the lattice but questions.
 */
#ifndef RECONCILER_RUN_REBUILD_H
#define RECONCILER_RUN_REBUILD_H

#include "reconciler/run/options.h"
#include "reconciler/wire/api.h"

/* What the lattice has and the new store does not know. */
struct rebuild_rest {
    const char *kind;        /* "config", "link", "component", "provider" */
    const char *name;        /* "a -[default wasi:http]-> b" of a link */
    const char *host;        /* by its friendly name; "" of what is on none */
    const char *application; /* that it says it is of; "" when it does not say */
};

struct rebuilt {
    size_t applications_count;
    size_t claimed_count;
    const struct rebuild_rest *rest;
    size_t rest_count;
    const char *findings; /* about the manifests, a line each, whatever the code */
};

/*
 * Make the store of options.  ERR_CONFLICT: there is one, or a daemon of this lattice
 * answers, which has its own; ERR_TIMEOUT: the lattice cannot be seen; a manifest is
 * refused as in deploy.h.  After an error there is none, as before.
 */
enum err_code rebuild_store(const struct options *options,
                            const struct api_manifests *manifests, struct arena *arena,
                            struct rebuilt *ret_rebuilt, struct err *err)
    __attribute__((warn_unused_result));

#endif
