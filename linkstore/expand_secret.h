/*
 * expand_secret.h - what hosts keep of a secret: where to fetch it from, never its value.
 *
 * It is an entry of the bucket of configs, under a name that begins with SECRET, and is
 * put and deleted as configs are.  Pure.
 *
 * Source: wadm v0.21.1 secretscaler.rs; wasmCloud 1.9.2 secrets-types.
 */
#ifndef LINKSTORE_EXPAND_SECRET_H
#define LINKSTORE_EXPAND_SECRET_H

#include "manifest/model.h"

/* Of all names of secrets; hosts take any config that is named so for one. */
#define EXPAND_SECRET_PREFIX "SECRET_"

/*
 * The canonical content of the entry of secret, which is one of application, a valid
 * model: name, type, backend, key, field and version where there are any, and policy.
 */
const char *expand_secret_content(const struct oam_application *application,
                                  const struct oam_secret *secret, struct arena *arena);

/*
 * The text of the field policy: a JSON object of type and properties, which are sorted.
 * Others write them in any order, and mean the same.
 */
const char *expand_secret_policy(const char *type, const struct properties *properties,
                                 struct arena *arena);

#endif
