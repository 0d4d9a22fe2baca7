/*
 * Any bytes as an image and, behind a NUL, the file whose manifest names it.  What comes
 * back is the image, or an absolute file URL that needs no encoding and is left alone
 * from then on.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "linkstore/expand_image.h"
#include "test/fuzz/fuzz.h"

#define SCHEME "file://"

static void require(bool is_so)
{
    if (!is_so) {
        abort();
    }
}

static void check_url(const char *url)
{
    require(strncmp(url, SCHEME, strlen(SCHEME)) == 0);
    /* Of dots in the root nothing is left. */
    require(url[strlen(SCHEME)] == '/' || url[strlen(SCHEME)] == '\0');
    for (const char *at = url; *at != '\0'; at++) {
        require(*at > ' ' && *at < 0x7f && strchr("\"#<>?\\`{}", *at) == NULL);
    }
    require(strstr(url + strlen(SCHEME), "//") == NULL);
    require(strstr(url, "/./") == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    const char *image = arena_text(&arena, (const char *)data, size);
    const size_t length = strlen(image);
    const char *source = length < size ? image + length + 1 : "/srv/app.yaml";
    const char *expanded = expand_image(image, source, &arena);

    if (expanded != image) {
        require(source[0] == '/');
        require(strncmp(image, SCHEME, strlen(SCHEME)) == 0);
        check_url(expanded);
        require(expand_image(expanded, source, &arena) == expanded);
    }
    arena_free(&arena);
    return 0;
}
