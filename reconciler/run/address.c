#include "reconciler/run/address.h"

#include <stdint.h>
#include <string.h>

#include "manifest/text.h"

#define SHOWN_BYTES_MAX 256
#define PORT_MAX        65535

/* One part of an address; none of it ends in a NUL. */
struct part {
    const char *scheme;
    size_t scheme_length; /* with "://" */
    const char *host;     /* and port */
    size_t host_length;
};

static struct part split(const char *start, size_t length)
{
    struct part part = {.scheme = start, .host = start};
    const char *end = start + length;
    const char *mark = strstr(start, "://");

    if (mark != NULL && mark < end) {
        part.host = mark + strlen("://");
        part.scheme_length = (size_t)(part.host - start);
    }
    for (const char *at = part.host; at < end; at++) {
        if (*at == '@') {
            part.host = at + 1; /* the last one: a password may hold others */
        }
    }
    part.host_length = (size_t)(end - part.host);
    return part;
}

static bool has_scheme(const struct part *part, const char *scheme)
{
    return part->scheme_length == strlen(scheme) &&
           strncmp(part->scheme, scheme, part->scheme_length) == 0;
}

/* Is it a host with, perhaps, a port?  [::1]:4222 is one too. */
static bool is_host(const char *host, size_t length)
{
    const char *bracket = memchr(host, ']', length);
    const char *from = bracket != NULL ? bracket : host;
    const char *colon = memchr(from, ':', length - (size_t)(from - host));
    const char *end = host + length;
    uint32_t port = 0;

    for (const char *at = host; at < end; at++) {
        if ((unsigned char)*at <= ' ' || *at == '/' || *at == 0x7f) {
            return false;
        }
    }
    if (colon == NULL) {
        return length > 0;
    }
    for (const char *at = colon + 1; at < end && port <= PORT_MAX; at++) {
        if (*at < '0' || *at > '9') {
            return false;
        }
        port = port * 10 + (uint32_t)(*at - '0');
    }
    return colon > host && colon + 1 < end && port <= PORT_MAX;
}

enum err_code address_read(const char *url, struct arena *arena,
                           struct address *ret_address, struct err *err)
{
    struct address address = {
        .urls = arena_array(arena, ADDRESS_PARTS_MAX, sizeof *address.urls)};
    const char *wrong = NULL;
    const char *at = url;
    struct text shown;

    text_init(&shown, arena, SHOWN_BYTES_MAX);
    for (;;) {
        const size_t length = strcspn(at, ",");
        const struct part part = split(at, length);

        if (address.urls_count == ADDRESS_PARTS_MAX) {
            return err_set(err, ERR_LIMIT, "over %zu servers are too many",
                           ADDRESS_PARTS_MAX);
        }
        address.urls[address.urls_count++] = arena_text(arena, at, length);
        text_append_bytes(&shown, part.scheme, part.scheme_length);
        text_append_bytes(&shown, part.host, part.host_length);
        address.is_secure = address.is_secure || has_scheme(&part, "tls://");
        if (part.scheme_length > 0 && !has_scheme(&part, "tls://") &&
            !has_scheme(&part, "nats://")) {
            wrong = "it begins with neither nats:// nor tls://";
        } else if (!is_host(part.host, part.host_length)) {
            wrong = "it is not of the form nats://HOST:PORT";
        }
        if (at[length] == '\0') {
            break;
        }
        text_append_bytes(&shown, ",", 1);
        at += length + 1;
    }
    if (wrong != NULL) {
        return err_set(err, ERR_USAGE, "'%s' is no address of a NATS server: %s",
                       shown.bytes, wrong);
    }
    address.shown = shown.bytes;
    *ret_address = address;
    return ERR_OK;
}
