/*
 * kept_text.h - what the text of a version that the store keeps says.
 */
#ifndef RECONCILER_RUN_KEPT_TEXT_H
#define RECONCILER_RUN_KEPT_TEXT_H

#include "linkstore/store_versions.h"
#include "manifest/manifest.h"

/* The application that text is of, in arena.  ERR_IO it is not in there; else as
 * manifest_read. */
enum err_code kept_text_read(const struct store_text *text, struct arena *arena,
                             const struct oam_application **ret_application,
                             struct err *err) __attribute__((warn_unused_result));

#endif
