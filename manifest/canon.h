/*
 * canon.h - an application as canonical text: same meaning, same bytes.
 *
 * manifest_read accepts it, and its canon is itself: the round trip is a test.
 * Lists whose order means nothing are ordered as canon_order.h says, maps are sorted,
 * what equals a default is left out, links are nested, and those that are one to a host
 * are one.  What has no effect is gone: comments, unknown keys, traits of unknown types,
 * second scalers, weights where there is nothing to share.  An id stays as it is, even
 * when it is the one that would be made of the names.
 */
#ifndef MANIFEST_CANON_H
#define MANIFEST_CANON_H

#include "manifest/model.h"
#include "manifest/text.h"

/* Append application, which is valid, as YAML. */
void canon_print(const struct oam_application *application, struct text *text);

/* Append all applications of manifest, with "---" between them, in their order. */
void canon_print_manifest(const struct manifest *manifest, struct text *text);

/* Append string as a scalar on one line: in quotes where it must be. */
void canon_print_scalar(const char *string, struct text *text);

#endif
