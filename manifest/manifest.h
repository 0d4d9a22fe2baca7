/*
 * manifest.h - the door of this folder: OAM text in, validated model and findings out.
 */
#ifndef MANIFEST_MANIFEST_H
#define MANIFEST_MANIFEST_H

#include "manifest/diag.h"
#include "manifest/err.h"
#include "manifest/model.h"

/*
 * Read and validate length bytes of YAML or JSON that came from source.
 *
 * Findings are added to diags, in source order, whether or not the text is accepted;
 * diags->source is source from then on.
 * Returns ERR_OK when none of them is an error; *ret_manifest then holds one
 * application a document.  Otherwise ERR_SYNTAX, ERR_INVALID or ERR_LIMIT, with the
 * first error and its place in *err.  Everything lives in arena; text is not kept.
 */
enum err_code manifest_read(const char *text, size_t length, const char *source,
                            struct arena *arena, struct diags *diags,
                            struct manifest *ret_manifest, struct err *err)
    __attribute__((warn_unused_result));

#endif
