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

#endif
