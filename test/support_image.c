#include "test/support_image.h"

#include <unistd.h>

#include "manifest/text.h"
#include "test/support_linkstore.h"
#include "test/support_manifest.h"

static const char *const suffixes[IMAGE_FILES_COUNT] = {"", "-wal", "-journal"};

struct image image_read(const char *path, struct arena *arena)
{
    struct image image = {0};
    struct arena scratch = {0};
    char digests[IMAGE_FILES_COUNT][DIGEST_HEX_BYTES] = {{0}};

    for (size_t i = 0; i < IMAGE_FILES_COUNT; i++) {
        const char *name = arena_print(&scratch, "%s%s", path, suffixes[i]);

        if (access(name, F_OK) == 0) {
            image.files[i].bytes = support_file_read(name, arena, &image.files[i].length);
            digest_bytes(image.files[i].bytes, image.files[i].length, digests[i]);
        }
    }
    digest_bytes(digests[0], sizeof digests, image.digest);
    arena_free(&scratch);
    return image;
}

void image_write(const struct image *image, const char *path)
{
    struct arena scratch = {0};

    linkstore_remove_store(path);
    for (size_t i = 0; i < IMAGE_FILES_COUNT; i++) {
        if (image->files[i].bytes != NULL) {
            support_file_write(arena_print(&scratch, "%s%s", path, suffixes[i]),
                               image->files[i].bytes, image->files[i].length);
        }
    }
    arena_free(&scratch);
}
