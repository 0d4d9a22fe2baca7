/*
 * provider_image.h - what is known of a provider by the name of its image.  Internal to
 * core/.
 */
#ifndef RECONCILER_CORE_PROVIDER_IMAGE_H
#define RECONCILER_CORE_PROVIDER_IMAGE_H

#include <stdbool.h>

/* Part of the host: "wasmcloud+builtin://NAME", or one of the names that are left of it
 * in an inventory. */
bool provider_image_is_builtin(const char *image);

/*
 * Does such a provider take a link back that it has lost?  Built-in ones do, and those
 * of old_sdk.h in a later release: "NAME:1.2.3" or "NAME:v1.2", whatever the registry.
 * A digest, another tag, a pre-release of the last bad release and all other images are
 * not known to.
 */
bool provider_image_is_good(const char *image);

#endif
