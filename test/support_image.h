/*
 * support_image.h - the files of a store as they are, to be put back.
 *
 * A point at which a disk dies is reached once, and what it left is looked at twice: as
 * it is, and after the power was cut, too.
 */
#ifndef TEST_SUPPORT_IMAGE_H
#define TEST_SUPPORT_IMAGE_H

#include "manifest/arena.h"
#include "manifest/digest.h"

#define IMAGE_FILES_COUNT 3 /* the database, and the two logs that may be beside it */

struct image {
    struct {
        const char *bytes; /* NULL: there is no such file */
        size_t length;
    } files[IMAGE_FILES_COUNT];
    char digest[DIGEST_HEX_BYTES]; /* of all of them: equal where they are */
};

/* Of the store at path, which no process has open. */
struct image image_read(const char *path, struct arena *arena);

/* The store at path, whatever it was, becomes that of the image. */
void image_write(const struct image *image, const char *path);

#endif
