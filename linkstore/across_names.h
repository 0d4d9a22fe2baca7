/*
 * across_names.h - names of one application that differ, and become the same.
 */
#ifndef LINKSTORE_ACROSS_NAMES_H
#define LINKSTORE_ACROSS_NAMES_H

#include "manifest/model.h"

/*
 * Report components of application, a valid model, that get one id, and configs and
 * secrets of other content that get one name (duplicate-id, config-conflict).
 *
 * wadm does not see this, and has them overwrite each other.
 */
void across_check_names(const struct oam_application *application, struct diags *diags);

#endif
