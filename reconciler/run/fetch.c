#include "reconciler/run/fetch.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "manifest/limits.h"
#include "manifest/text.h"
#include "reconciler/run/library.h"

/* A redirect from http to https, and one to where the file really is; and to spare. */
#define REDIRECTS_MAX 5L

#define AGENT     "trellis/" TRELLIS_VERSION
#define PROTOCOLS "http,https"
#define MEGABYTE  ((size_t)1024 * 1024)

/* What is used of libcurl. */
struct curl {
    CURL *(*easy_init)(void);
    CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
    CURLcode (*easy_perform)(CURL *);
    CURLcode (*easy_getinfo)(CURL *, CURLINFO, ...);
    const char *(*easy_strerror)(CURLcode);
    void (*easy_cleanup)(CURL *);
};

/* A transfer under way. */
struct fetch {
    struct curl curl;
    CURL *handle;
    const char *source;
    struct text body;
    char message[CURL_ERROR_SIZE]; /* libcurl's own, when it has one */
};

bool fetch_is_url(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789+-.";
    const size_t length = strspn(name, letters);

    return length > 0 && strncmp(name + length, "://", 3) == 0;
}

/* url without what may be secret. */
static const char *source_of(const char *url, struct arena *arena)
{
    const char *host = strstr(url, "://") + 3;
    const size_t host_length = strcspn(host, "/?#");
    const char *end = host + strcspn(host, "?#");

    for (const char *at = host; at < host + host_length; at++) {
        if (*at == '@') {
            host = at + 1; /* of several the last one counts */
        }
    }
    return arena_print(arena, "%.*s%.*s", (int)(strstr(url, "://") + 3 - url), url,
                       (int)(end - host), host);
}

static enum err_code load(struct curl *curl, struct err *err)
{
    static const char *const files[] = {"libcurl.so.4", "libcurl-gnutls.so.4", NULL};
    static const struct library library = {files, "URLs are read", "libcurl4"};
    const struct library_function functions[] = {
        {"curl_easy_init", &curl->easy_init},
        {"curl_easy_setopt", &curl->easy_setopt},
        {"curl_easy_perform", &curl->easy_perform},
        {"curl_easy_getinfo", &curl->easy_getinfo},
        {"curl_easy_strerror", &curl->easy_strerror},
        {"curl_easy_cleanup", &curl->easy_cleanup},
    };

    return library_load(&library, functions, sizeof functions / sizeof *functions, err);
}

/* libcurl's callback for what arrives: taking less than all ends the transfer. */
static size_t take(char *bytes, size_t size, size_t count, void *context)
{
    struct fetch *fetch = context;
    const size_t length = size * count;

    if (length > MANIFEST_BYTES_MAX - fetch->body.count) {
        return 0;
    }
    text_append_bytes(&fetch->body, bytes, length);
    return length;
}

static bool set_up(struct fetch *fetch, const char *url, int64_t timeout_ms)
{
    CURLcode (*const set)(CURL *, CURLoption, ...) = fetch->curl.easy_setopt;
    const long at_most = timeout_ms > 0 ? (long)timeout_ms : 1; /* 0 would be for ever */
    CURL *handle = fetch->handle;

    return set(handle, CURLOPT_ERRORBUFFER, fetch->message) == CURLE_OK &&
           set(handle, CURLOPT_URL, url) == CURLE_OK &&
           set(handle, CURLOPT_PROTOCOLS_STR, PROTOCOLS) == CURLE_OK &&
           set(handle, CURLOPT_REDIR_PROTOCOLS_STR, PROTOCOLS) == CURLE_OK &&
           set(handle, CURLOPT_FOLLOWLOCATION, 1L) == CURLE_OK &&
           set(handle, CURLOPT_MAXREDIRS, REDIRECTS_MAX) == CURLE_OK &&
           set(handle, CURLOPT_TIMEOUT_MS, at_most) == CURLE_OK &&
           set(handle, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)MANIFEST_BYTES_MAX) ==
               CURLE_OK &&
           set(handle, CURLOPT_ACCEPT_ENCODING, "") == CURLE_OK &&
           set(handle, CURLOPT_USERAGENT, AGENT) == CURLE_OK &&
           set(handle, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
           set(handle, CURLOPT_WRITEDATA, fetch) == CURLE_OK;
}

static enum err_code code_of(CURLcode result)
{
    switch ((int)result) {
    case CURLE_URL_MALFORMAT:
        return ERR_USAGE;
    case CURLE_FILESIZE_EXCEEDED:
    case CURLE_WRITE_ERROR: /* take did not take it */
        return ERR_LIMIT;
    case CURLE_UNSUPPORTED_PROTOCOL: /* of a redirect */
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_BAD_CONTENT_ENCODING:
        return ERR_IO;
    default: /* of some forty kinds of trouble with a connection */
        return ERR_UNREACHABLE;
    }
}

static enum err_code refuse_transfer(const struct fetch *fetch, CURLcode result,
                                     struct err *err)
{
    const enum err_code code = code_of(result);

    if (code == ERR_LIMIT) {
        return err_set(err, code, "%s: larger than %zu MB", fetch->source,
                       MANIFEST_BYTES_MAX / MEGABYTE);
    }
    return err_set(err, code, "%s: %s", fetch->source,
                   fetch->message[0] != '\0' ? fetch->message
                                             : fetch->curl.easy_strerror(result));
}

/* What the server says of the page: a manifest is nothing but 200 and the like. */
static enum err_code check_status(const struct fetch *fetch, long status, struct err *err)
{
    if (status >= 200 && status <= 299) {
        return ERR_OK;
    }
    if (status == 404 || status == 410) {
        return err_set(err, ERR_NOTFOUND, "%s: the server has no such page (%ld)",
                       fetch->source, status);
    }
    if (status == 401 || status == 403) {
        return err_set(err, ERR_IO, "%s: the server wants to know who asks (%ld)",
                       fetch->source, status);
    }
    return err_set(err, status >= 500 ? ERR_UNREACHABLE : ERR_IO,
                   "%s: the server answers with status %ld, expected 200", fetch->source,
                   status);
}

static enum err_code transfer(struct fetch *fetch, const char *url, int64_t timeout_ms,
                              struct err *err)
{
    long status = 0;
    CURLcode result;

    if (!set_up(fetch, url, timeout_ms)) {
        return err_set(err, ERR_IO, "libcurl is too old: 7.85 or later is expected");
    }
    result = fetch->curl.easy_perform(fetch->handle);
    if (result != CURLE_OK) {
        return refuse_transfer(fetch, result, err);
    }
    (void)fetch->curl.easy_getinfo(fetch->handle, CURLINFO_RESPONSE_CODE, &status);
    return check_status(fetch, status, err);
}

enum err_code fetch_url(const char *url, int64_t timeout_ms, struct arena *arena,
                        struct api_manifest *ret_manifest, struct err *err)
{
    struct fetch fetch = {.source = source_of(url, arena)};
    enum err_code code;

    if (strncasecmp(url, "http://", 7) != 0 && strncasecmp(url, "https://", 8) != 0) {
        return err_set(err, ERR_USAGE, "%s: only http and https are fetched",
                       fetch.source);
    }
    code = load(&fetch.curl, err);
    if (code != ERR_OK) {
        return code;
    }
    assert(fetch.curl.easy_init != NULL);
    fetch.handle = fetch.curl.easy_init();
    if (fetch.handle == NULL) {
        return err_set(err, ERR_IO, "libcurl does not start");
    }
    text_init(&fetch.body, arena, MANIFEST_BYTES_MAX + 1);
    code = transfer(&fetch, url, timeout_ms, err);
    fetch.curl.easy_cleanup(fetch.handle);
    if (code == ERR_OK) {
        *ret_manifest =
            (struct api_manifest){fetch.source, fetch.body.bytes, fetch.body.count};
    }
    return code;
}
