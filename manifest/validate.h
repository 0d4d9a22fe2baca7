/*
 * validate.h - the rules across the fields of an application.
 */
#ifndef MANIFEST_VALIDATE_H
#define MANIFEST_VALIDATE_H

#include "manifest/model.h"

/*
 * Report what application, as decode_application leaves it, breaks.  Fields that are
 * NULL were reported before and break nothing more.
 */
void validate_application(const struct oam_application *application, struct diags *diags);

#endif
