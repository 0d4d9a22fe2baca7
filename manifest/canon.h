/*
 * canon.h - an application as canonical text: same meaning, same bytes.
 *
 * manifest_read accepts it, and its canon is itself: the round trip is a test.
 * Components, links, configs and interfaces keep their order, maps are sorted, what
 * equals a default is left out, and links are nested.  What has no effect is gone:
 * comments, unknown keys, traits of unknown types, policies.
 */
#ifndef MANIFEST_CANON_H
#define MANIFEST_CANON_H

#include "manifest/model.h"
#include "manifest/text.h"

/* Append application, which is valid, as YAML. */
void canon_print(const struct oam_application *application, struct text *text);

#endif
