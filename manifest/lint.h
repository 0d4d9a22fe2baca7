/*
 * lint.h - what is accepted, and may not do what was meant: warnings.
 */
#ifndef MANIFEST_LINT_H
#define MANIFEST_LINT_H

#include "manifest/model.h"

/*
 * Warn of images that nobody can fetch (image-reference) or that change (floating-tag);
 * of links of a component to itself (self-link), between two providers (provider-link),
 * and like another in all but the name (same-link); and of configs that nobody reads
 * (unused-config).
 *
 * application was decoded and may be invalid: what is not there is not looked at.
 */
void lint_application(const struct oam_application *application, struct diags *diags);

#endif
