/*
 * lint_image.h - what a reference to an image says.  Pure tests of strings.
 */
#ifndef MANIFEST_LINT_IMAGE_H
#define MANIFEST_LINT_IMAGE_H

#include <stdbool.h>

enum lint_image {
    LINT_IMAGE_FIXED,      /* always the same, or a file, or a part of the host */
    LINT_IMAGE_FLOATING,   /* with the tag "latest", or no tag and no digest */
    LINT_IMAGE_IMPOSSIBLE, /* no host can fetch it */
};

/*
 * What image is: file://PATH, wasmcloud+builtin://NAME, http(s)://URL, or a reference to
 * a registry with or without oci:// before it.
 *
 * Source: wasmCloud 1.9.2 for the schemes, and that a host takes upper-case letters for
 * lower-case ones; the OCI distribution's grammar of references for the rest.
 */
enum lint_image lint_image_kind(const char *image);

/*
 * Is image, whatever its version and wherever it comes from, the HTTP server of
 * wasmCloud?  By its name alone: http-server, or httpserver as it once was.
 */
bool lint_image_is_http_server(const char *image);

#endif
