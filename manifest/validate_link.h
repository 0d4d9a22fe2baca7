/*
 * validate_link.h - the links of one component side by side.
 */
#ifndef MANIFEST_VALIDATE_LINK_H
#define MANIFEST_VALIDATE_LINK_H

#include "manifest/model.h"

/*
 * Report links that a host could not hold at once: an interface linked twice under one
 * link name, and two links to one target that differ only in their configs.
 */
void validate_links(const struct oam_component *component, struct arena *scratch,
                    struct diags *diags);

#endif
