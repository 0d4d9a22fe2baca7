/*
 * validate_secret.h - rules about secrets and the policies they are fetched by.
 */
#ifndef MANIFEST_VALIDATE_SECRET_H
#define MANIFEST_VALIDATE_SECRET_H

#include "manifest/model.h"

/*
 * Report secrets whose policy is none of application's, or not one for secrets, or says
 * no backend.
 */
void validate_secrets(const struct oam_application *application, struct diags *diags);

/* The policy name of application; NULL when there is none.  Of several of one name, wadm
 * takes the last. */
const struct oam_policy *validate_find_policy(const struct oam_application *application,
                                              const char *name);

#endif
