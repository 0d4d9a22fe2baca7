#include "manifest/decode_name.h"

#include <stddef.h>
#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define ALNUMS  LETTERS "0123456789"

#define LABEL_PREFIX_BYTES_MAX ((size_t)253)
#define LABEL_PART_BYTES_MAX   ((size_t)63)

/* Whether byte is one of set; never for a NUL. */
static bool is_in(char byte, const char *set)
{
    return byte != '\0' && strchr(set, byte) != NULL;
}

/* Whether length bytes at text are all in set, and there are some, but not too many. */
static bool is_part(const char *text, size_t length, const char *set)
{
    return length > 0 && length <= LABEL_PART_BYTES_MAX && strspn(text, set) >= length &&
           is_in(text[length - 1], ALNUMS);
}

bool decode_name_is_application(const char *name)
{
    if (*name == '\0') {
        return false;
    }
    for (; *name != '\0'; name++) {
        if ((unsigned char)*name < 0x80 && !is_in(*name, ALNUMS "-_")) {
            return false;
        }
    }
    return true;
}

/* length bytes at prefix: parts with a '.' between them, each as in a host name. */
static bool is_prefix(const char *prefix, size_t length)
{
    if (length > LABEL_PREFIX_BYTES_MAX) {
        return false;
    }
    for (;;) {
        const char *dot = memchr(prefix, '.', length);
        const size_t part = dot == NULL ? length : (size_t)(dot - prefix);

        if (!is_part(prefix, part, ALNUMS "-") || !is_in(prefix[0], LETTERS)) {
            return false;
        }
        if (dot == NULL) {
            return true;
        }
        prefix += part + 1;
        length -= part + 1;
    }
}

bool decode_name_is_label(const char *key)
{
    const char *slash = strchr(key, '/');

    if (slash != NULL) {
        if (!is_prefix(key, (size_t)(slash - key))) {
            return false;
        }
        key = slash + 1;
    }
    return is_part(key, strlen(key), ALNUMS "-_.") && is_in(key[0], ALNUMS);
}

bool decode_name_is_bucket_key(const char *name)
{
    const size_t length = strlen(name);

    return length > 0 && strspn(name, ALNUMS "-/_=.") == length && name[0] != '.' &&
           name[length - 1] != '.';
}
