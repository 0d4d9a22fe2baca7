#include "reconciler/core/provider_image.h"

#include <stddef.h>
#include <string.h>

#include "linkstore/old_sdk.h"

#define BUILTIN "wasmcloud+builtin://"

/* No number in a tag is that long; one that is says nothing. */
#define DIGITS_MAX 9

bool provider_image_is_builtin(const char *image)
{
    static const char *const names[] = {"http-client", "http-server", "messaging-nats"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(image, names[i]) == 0) {
            return true;
        }
    }
    return strncmp(image, BUILTIN, strlen(BUILTIN)) == 0;
}

/* Read a number at *at, which moves past it. */
static bool read_number(const char **at, uint32_t *ret_number)
{
    uint32_t number = 0;
    size_t digits = 0;

    while ((*at)[digits] >= '0' && (*at)[digits] <= '9' && digits < DIGITS_MAX) {
        number = number * 10 + (uint32_t)((*at)[digits] - '0');
        digits++;
    }
    *at += digits;
    *ret_number = number;
    return digits > 0;
}

/* "1", "1.2", "v1.2.3": what is not said is 0.  False for any other tag. */
static bool read_release(const char *tag, uint32_t ret_release[static 3])
{
    const char *at = tag + (*tag == 'v');

    memset(ret_release, 0, 3 * sizeof *ret_release);
    for (size_t i = 0; i < 3; i++) {
        if (!read_number(&at, &ret_release[i])) {
            return false;
        }
        if (*at == '\0') {
            return true;
        }
        if (*at++ != '.') {
            return false;
        }
    }
    return false;
}

static bool is_later(const uint32_t release[static 3], const uint32_t other[static 3])
{
    for (size_t i = 0; i < 3; i++) {
        if (release[i] != other[i]) {
            return release[i] > other[i];
        }
    }
    return false;
}

bool provider_image_is_good(const char *image)
{
    const char *slash = strrchr(image, '/');
    const char *name = slash != NULL ? slash + 1 : image;
    const size_t length = strcspn(name, ":@");
    uint32_t release[3];

    if (provider_image_is_builtin(image)) {
        return true;
    }
    if (name[length] != ':' || !read_release(name + length + 1, release)) {
        return false;
    }
    for (size_t i = 0; i < OLD_SDK_COUNT; i++) {
        if (strlen(old_sdk[i].name) == length &&
            strncmp(old_sdk[i].name, name, length) == 0) {
            return is_later(release, old_sdk[i].last_bad);
        }
    }
    return false;
}
