/*
 * migrate.h - a manifest of wasmCloud 0.82 written anew for 1.x.
 *
 * The words that are older names become the newer ones, a linkdef becomes a link of the
 * side that calls, and contracts go.  All else stays as it is, byte for byte, comments
 * on lines of their own among it; those right above or within a linkdef that moves, move.
 * Images stay: those of 0.82 do not run on hosts of 1.x.
 */
#ifndef MANIFEST_MIGRATE_H
#define MANIFEST_MIGRATE_H

#include "manifest/diag.h"
#include "manifest/err.h"

/*
 * Append length bytes of YAML or JSON at text, which came from source, to output, as far
 * as it can be migrated.
 *
 * ERR_OK: it is a manifest of 1.x now, or was one: then it is as it was.  ERR_INVALID:
 * diags says what a human has to write anew, with its place in text, or, with that in
 * output and "source, migrated" for source, what is wrong for another reason.
 * ERR_SYNTAX, ERR_LIMIT: as manifest_read; nothing is appended.
 */
// NOLINTNEXTLINE(readability-function-size): a text and its origin, and three results
enum err_code migrate_print(const char *text, size_t length, const char *source,
                            struct diags *diags, struct text *output, struct err *err)
    __attribute__((warn_unused_result));

#endif
