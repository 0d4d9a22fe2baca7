#include "manifest/lint_image.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

/* Of the grammar of references. */
#define NAME_BYTES_MAX  ((size_t)255)
#define TAG_BYTES_MAX   ((size_t)128)
#define HASH_DIGITS_MIN ((size_t)32)

/* length bytes of a reference; at need not end in a NUL. */
struct part {
    const char *at;
    size_t length;
};

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* How many of the first bytes of part are in set. */
static size_t count_of(const struct part *part, const char *set)
{
    size_t count = 0;

    while (count < part->length && strchr(set, part->at[count]) != NULL) {
        count++;
    }
    return count;
}

static bool is_made_of(const struct part *part, const char *set)
{
    return part->length > 0 && count_of(part, set) == part->length;
}

static struct part rest_of(const struct part *part, size_t from)
{
    assert(from <= part->length);
    return (struct part){part->at + from, part->length - from};
}

/* Cut part before the first byte at, and return what is behind that; all of length 0
 * when there is none. */
static struct part cut(struct part *part, char at)
{
    const char *found = memchr(part->at, at, part->length);
    struct part behind = {part->at + part->length, 0};

    if (found != NULL) {
        behind = rest_of(part, (size_t)(found - part->at) + 1);
        part->length = (size_t)(found - part->at);
    }
    return behind;
}

/* Letters and digits with '.', '_', '__' or any number of '-' between them. */
static bool is_segment(struct part segment)
{
    for (;;) {
        const size_t word = count_of(&segment, LETTERS DIGITS);
        size_t dashes;

        if (word == 0) {
            return false;
        }
        segment = rest_of(&segment, word);
        if (segment.length == 0) {
            return true;
        }
        dashes = count_of(&segment, "-");
        if (dashes == 0) {
            dashes = segment.length > 1 && memcmp(segment.at, "__", 2) == 0 ? 2 : 1;
            if (segment.at[0] != '.' && segment.at[0] != '_') {
                return false;
            }
        }
        segment = rest_of(&segment, dashes);
    }
}

/* [IPv6 address], and what is behind it in *ret_rest. */
static bool is_bracketed(struct part registry, struct part *ret_rest)
{
    struct part address = rest_of(&registry, 1);

    *ret_rest = cut(&address, ']');
    return address.length + 1 < registry.length &&
           is_made_of(&address, DIGITS "abcdefABCDEF:");
}

/* A host name or an address, and perhaps ':' and a port. */
static bool is_registry(struct part registry)
{
    struct part rest;
    size_t length;

    if (registry.length > 0 && registry.at[0] == '[') {
        if (!is_bracketed(registry, &rest)) {
            return false;
        }
    } else {
        length = count_of(&registry, LETTERS DIGITS "-.");
        if (length == 0) {
            return false;
        }
        rest = rest_of(&registry, length);
    }
    if (rest.length == 0) {
        return true;
    }
    registry = rest_of(&rest, 1);
    return rest.at[0] == ':' && is_made_of(&registry, DIGITS);
}

/* Is the first segment of a name a registry? */
static bool names_registry(const struct part *segment)
{
    return memchr(segment->at, '.', segment->length) != NULL ||
           memchr(segment->at, ':', segment->length) != NULL ||
           (segment->length == 9 && memcmp(segment->at, "localhost", 9) == 0);
}

static bool is_name(struct part name)
{
    bool is_first = true;

    if (name.length == 0 || name.length > NAME_BYTES_MAX) {
        return false;
    }
    for (;;) {
        const bool has_more = memchr(name.at, '/', name.length) != NULL;
        const struct part behind = cut(&name, '/');
        const bool is_host = is_first && has_more && names_registry(&name);

        if (!(is_host ? is_registry(name) : is_segment(name))) {
            return false;
        }
        if (!has_more) {
            return true;
        }
        name = behind;
        is_first = false;
    }
}

static bool is_tag(const struct part *tag)
{
    return tag->length <= TAG_BYTES_MAX && is_made_of(tag, LETTERS DIGITS "_.-") &&
           tag->at[0] != '.' && tag->at[0] != '-';
}

static bool is_digest(struct part algorithm)
{
    const struct part hash = cut(&algorithm, ':');

    return is_made_of(&algorithm, LETTERS DIGITS "+._-") &&
           hash.length >= HASH_DIGITS_MIN && is_made_of(&hash, DIGITS "abcdefABCDEF");
}

/* Cut the tag off name: it is behind a ':' with no '/' after it. */
static bool cut_tag(struct part *name, struct part *ret_tag)
{
    for (size_t i = name->length; i > 0 && name->at[i - 1] != '/'; i--) {
        if (name->at[i - 1] == ':') {
            *ret_tag = rest_of(name, i);
            name->length = i - 1;
            return true;
        }
    }
    return false;
}

static enum lint_image kind_of_reference(const char *reference)
{
    struct part name = {reference, strlen(reference)};
    const bool has_digest = strchr(reference, '@') != NULL;
    const struct part digest = cut(&name, '@');
    struct part tag = {0};
    const bool has_tag = cut_tag(&name, &tag);

    if (!is_name(name) || (has_tag && !is_tag(&tag)) ||
        (has_digest && !is_digest(digest))) {
        return LINT_IMAGE_IMPOSSIBLE;
    }
    if (has_digest) {
        return LINT_IMAGE_FIXED;
    }
    return !has_tag || (tag.length == 6 && memcmp(tag.at, "latest", 6) == 0)
               ? LINT_IMAGE_FLOATING
               : LINT_IMAGE_FIXED;
}

enum lint_image lint_image_kind(const char *image)
{
    static const char *const schemes[] = {"file://", "wasmcloud+builtin://", "http://",
                                          "https://"};

    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (starts_with(image, schemes[i])) {
            return image[strlen(schemes[i])] != '\0' ? LINT_IMAGE_FIXED
                                                     : LINT_IMAGE_IMPOSSIBLE;
        }
    }
    return kind_of_reference(starts_with(image, "oci://") ? image + 6 : image);
}

bool lint_image_is_http_server(const char *image)
{
    static const char *const names[] = {"http-server", "httpserver", "http_server"};
    const char *slash = strrchr(image, '/');
    const char *name = slash != NULL ? slash + 1 : image;
    const size_t length = strcspn(name, ":@.");

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0) {
            return true;
        }
    }
    return false;
}
