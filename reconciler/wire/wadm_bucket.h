/*
 * wadm_bucket.h - what wadm keeps of applications, in its bucket wadm_manifests.
 *
 * Key {lattice} is a list of names, key {lattice}-{name} all versions of one application,
 * oldest first, and which of them is deployed.
 *
 * Source: wadm 0.21.1; reference wadm-behaviour 1.13 and appendix A.
 */
#ifndef RECONCILER_WIRE_WADM_BUCKET_H
#define RECONCILER_WIRE_WADM_BUCKET_H

#include "manifest/arena.h"
#include "manifest/err.h"
#include "manifest/model.h"
#include "manifest/text.h"

#define WADM_BUCKET "wadm_manifests"

struct wadm_kept_version {
    const char *version;
    const char *text; /* a manifest, in JSON */
};

struct wadm_kept {
    const struct wadm_kept_version *items;
    size_t count;
    const char *deployed;    /* NULL: none is */
    const char *application; /* by its manifests; NULL: they disagree, or say nothing */
};

/* The names of the applications of a lattice.  ERR_SYNTAX, ERR_INVALID or ERR_LIMIT. */
enum err_code wadm_decode_names(const char *bytes, size_t length, struct arena *arena,
                                struct names *ret_names, struct err *err)
    __attribute__((warn_unused_result));

/*
 * One application.  What wadm drops when it writes a manifest and misses when it reads it
 * is there again: annotations, with the version, and the requirements of spreads that
 * have none.  Errors as before.
 */
enum err_code wadm_decode_kept(const char *bytes, size_t length, struct arena *arena,
                               struct wadm_kept *ret_kept, struct err *err)
    __attribute__((warn_unused_result));

/* Append the same: names, which are sorted, and one application without its name, which
 * is in the texts. */
void wadm_encode_names(const struct names *names, struct text *text);
void wadm_encode_kept(const struct wadm_kept *kept, struct text *text);

#endif
