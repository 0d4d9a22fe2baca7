/*
 * lint_allow.h - comments that say which warnings are not wanted.
 *
 *     image: registry.example.com/web:latest # trellis: allow floating-tag
 *
 * Behind something, such a comment is about its own line, and alone about the next one.
 */
#ifndef MANIFEST_LINT_ALLOW_H
#define MANIFEST_LINT_ALLOW_H

#include "manifest/diag.h"
#include "manifest/tree.h"

/*
 * Make diags->allowances those of the comments in length bytes at text, which documents
 * were read from; they live in arena.  What looks like a comment inside a scalar is none.
 *
 * Reports rules that nobody knows (unknown-rule).
 */
void lint_allow_read(const char *text, size_t length,
                     const struct tree_documents *documents, struct arena *arena,
                     struct diags *diags);

#endif
