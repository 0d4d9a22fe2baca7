/*
 * expand_image.h - images that are named relative to their manifest.
 */
#ifndef LINKSTORE_EXPAND_IMAGE_H
#define LINKSTORE_EXPAND_IMAGE_H

#include "manifest/arena.h"

/*
 * The file:// image as hosts can find it, where it is not absolute and source is: against
 * the folder of source, "." left out, ".." left as it is, percent-encoded.  Any other
 * image is returned as it is, and source is not looked for on the disk.
 *
 * Source: wash 0.43 does so with the images of a file before it sends them.
 */
const char *expand_image(const char *image, const char *source, struct arena *arena);

#endif
