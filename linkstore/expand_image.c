#include "linkstore/expand_image.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "manifest/text.h"

/* A byte that a path segment of a file URL cannot hold as it is. */
static bool needs_percent(unsigned char byte)
{
    return byte <= ' ' || byte >= 0x7f || strchr("\"#%<>?\\`{}", byte) != NULL;
}

static void append_encoded(struct text *url, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (needs_percent((unsigned char)bytes[i])) {
            text_append(url, "%%%02X", (unsigned)(unsigned char)bytes[i]);
        } else {
            text_append_bytes(url, &bytes[i], 1);
        }
    }
}

/* Append the segments of path, each after a slash; "." and empty ones vanish. */
static void append_path(struct text *url, const char *path, size_t length)
{
    const char *const end = path + length;

    while (path < end) {
        const char *slash = memchr(path, '/', (size_t)(end - path));
        const size_t segment = (size_t)((slash != NULL ? slash : end) - path);

        if (segment > 0 && !(segment == 1 && *path == '.')) {
            text_append(url, "/");
            append_encoded(url, path, segment);
        }
        path += segment + 1;
    }
}

const char *expand_image(const char *image, const char *source, struct arena *arena)
{
    static const char scheme[] = "file://";
    const size_t scheme_length = sizeof scheme - 1;
    const char *path;
    struct text url;

    if (source[0] != '/' || strncmp(image, scheme, scheme_length) != 0) {
        return image;
    }
    path = image + scheme_length;
    if (path[0] == '/' || path[0] == '\0') {
        return image;
    }
    text_init(&url, arena, 3 * (strlen(source) + strlen(image)));
    text_append(&url, "%s", scheme);
    append_path(&url, source, (size_t)(strrchr(source, '/') - source));
    append_path(&url, path, strlen(path));
    assert(!url.is_cut);
    return url.bytes;
}
