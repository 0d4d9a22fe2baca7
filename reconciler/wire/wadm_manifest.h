/*
 * wadm_manifest.h - an application in the JSON in which wadm keeps and shows it.
 *
 * Older names are the newer ones, targets are objects, maps are sorted.  A spread always
 * has its requirements, which wadm leaves out when there are none and cannot read again.
 * Traits that have no effect are not in it.
 *
 * Source: wadm-types 0.8.3; reference wadm-behaviour 1.4 and appendix A.
 */
#ifndef RECONCILER_WIRE_WADM_MANIFEST_H
#define RECONCILER_WIRE_WADM_MANIFEST_H

#include "manifest/model.h"
#include "manifest/text.h"

/* Append application, which is valid, as it is known under version. */
void wadm_encode_manifest(const struct oam_application *application, const char *version,
                          struct text *text);

#endif
