/*
 * expand_check.h - what a manifest may ask for, and this version does not do.
 */
#ifndef LINKSTORE_EXPAND_CHECK_H
#define LINKSTORE_EXPAND_CHECK_H

#include "manifest/model.h"

/*
 * Report what of application, a valid model, no row can stand for, so that it is refused
 * and not half done: components of other applications.
 */
void expand_check(const struct oam_application *application, struct diags *diags);

#endif
