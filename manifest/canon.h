/*
 * canon.h - an application as canonical text: same meaning, same bytes.
 *
 * manifest_read accepts it, and its canon is itself: the round trip is a test.
 */
#ifndef MANIFEST_CANON_H
#define MANIFEST_CANON_H

#include "manifest/model.h"
#include "manifest/text.h"

void canon_print(const struct oam_application *application, struct text *text);

#endif
