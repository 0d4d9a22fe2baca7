/*
 * files.h - manifests from where the command line says.
 */
#ifndef RECONCILER_RUN_FILES_H
#define RECONCILER_RUN_FILES_H

#include "manifest/arena.h"
#include "manifest/err.h"
#include "reconciler/run/options.h"
#include "reconciler/wire/api.h"

/*
 * Read what the operands of options name into arena: a file; a folder, for the .yaml,
 * .yml and .json files in and below it, in order of their paths, see walk.h; an http or
 * https URL, see fetch.h; or -, for standard input.  Every source is an absolute path, so
 * that relative images can be resolved, a URL, or "standard input".
 *
 * ERR_NOTFOUND no such file; ERR_LIMIT larger than MANIFEST_BYTES_MAX; ERR_IO with what
 * the system says; for URLs, as fetch.h.
 */
enum err_code files_read(const struct options *options, struct arena *arena,
                         struct api_manifests *ret_manifests, struct err *err)
    __attribute__((warn_unused_result));

/* The same, but a path is a source as it was given: for what is shown and not kept. */
enum err_code files_read_as_given(const struct options *options, struct arena *arena,
                                  struct api_manifests *ret_manifests, struct err *err)
    __attribute__((warn_unused_result));

/* One manifest file. */
enum err_code files_read_one(const char *path, struct arena *arena,
                             struct api_manifest *ret_manifest, struct err *err)
    __attribute__((warn_unused_result));

#endif
