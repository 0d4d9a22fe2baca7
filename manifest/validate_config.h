/*
 * validate_config.h - the configs of an application side by side.
 */
#ifndef MANIFEST_VALIDATE_CONFIG_H
#define MANIFEST_VALIDATE_CONFIG_H

#include "manifest/model.h"

/* Whether both name the same configs in the same order, with the same properties. */
bool validate_configs_are_equal(const struct oam_configs *a, const struct oam_configs *b);

/*
 * Report configs of one name: given with properties by two ends of links, or with
 * properties that differ.
 */
void validate_configs(const struct oam_application *application, struct arena *scratch,
                      struct diags *diags);

#endif
