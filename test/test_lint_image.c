/* References to images: which can be one, and which of them stay what they are. */
#include "manifest/lint_image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static void assert_kind(const char *const *images, size_t count, enum lint_image kind)
{
    for (size_t i = 0; i < count; i++) {
        const enum lint_image found = lint_image_kind(images[i]);

        if (found != kind) {
            fail_msg("'%s' is of kind %d, not %d", images[i], (int)found, (int)kind);
        }
    }
}

static void test_fixed(void **state)
{
    static const char *const images[] = {
        "ghcr.io/wasmcloud/http-server:0.27.0",
        "ghcr.io/Mattilsynet/map-nats-kv:v0.0.2-vendor-test-1",
        "oci://ghcr.io/wasmcloud/http-server:0.27.0",
        "localhost:5000/web:1",
        "localhost/web:1",
        "127.0.0.1:5000/a/b/c:_1",
        "[::1]:5000/web:1",
        "[::1]/web:1",
        "registry/web:latest-1",
        "web:1",
        "a_b/c__d/e--f.g:1",
        "web@sha256:0123456789abcdef0123456789abcdef",
        "reg.example.com:443/web:latest@sha256:0123456789abcdef0123456789abcdef",
        "file://./build/web.wasm",
        "file:///srv/a web.wasm",
        "wasmcloud+builtin://http-server",
        "https://example.com/web.wasm",
        "http://example.com/web.wasm",
    };

    (void)state;
    assert_kind(images, COUNT_OF(images), LINT_IMAGE_FIXED);
}

static void test_floating(void **state)
{
    static const char *const images[] = {
        "ghcr.io/wasmcloud/http-server:latest",
        "ghcr.io/wasmcloud/http-server",
        "oci://ghcr.io/wasmcloud/http-server",
        "localhost:5000/web",
        "[::1]:5000/web",
        "web",
    };

    (void)state;
    assert_kind(images, COUNT_OF(images), LINT_IMAGE_FLOATING);
}

static void test_impossible(void **state)
{
    static const char *const images[] = {
        "ghcr.io/a web:1",
        "web:",
        "web:a b",
        "web:.1",
        "web:-1",
        ":1",
        "/web:1",
        "reg.example.com/:1",
        "reg.example.com//web:1",
        "reg.example.com/web/:1",
        "reg.example.com:port/web:1",
        "reg.example.com:/web:1",
        "[::1/web:1",
        "[::1]x/web:1",
        "[]:5000/web:1",
        "reg.example.com/a..b:1",
        "reg.example.com/a___b:1",
        "reg.example.com/-a:1",
        "reg.example.com/a-:1",
        "reg.example.com/a/b:c/d",
        "reg.example.com/caf\xc3\xa9:1",
        "web@sha256",
        "web@sha256:0123",
        "web@:0123456789abcdef0123456789abcdef",
        "web@sha256:0123456789abcdef0123456789abcdefg",
        "@sha256:0123456789abcdef0123456789abcdef",
        "{{ image }}",
        "file://",
        "wasmcloud+builtin://",
        "https://",
        "oci://",
        "ftp://example.com/web:1",
        "FILE:///web",
    };

    (void)state;
    assert_kind(images, COUNT_OF(images), LINT_IMAGE_IMPOSSIBLE);
}

/* length letters behind prefix. */
static enum lint_image kind_of_long(const char *prefix, size_t length)
{
    char image[512];
    const size_t prefix_length = strlen(prefix);

    assert_true(prefix_length + length < sizeof image);
    memcpy(image, prefix, prefix_length);
    memset(image + prefix_length, 'a', length);
    image[prefix_length + length] = '\0';
    return lint_image_kind(image);
}

static void test_length(void **state)
{
    (void)state;
    assert_int_equal(kind_of_long("reg.example.com/", 239), LINT_IMAGE_FLOATING);
    assert_int_equal(kind_of_long("reg.example.com/", 240), LINT_IMAGE_IMPOSSIBLE);
    assert_int_equal(kind_of_long("web:", 128), LINT_IMAGE_FIXED);
    assert_int_equal(kind_of_long("web:", 129), LINT_IMAGE_IMPOSSIBLE);
}

static void test_http_server(void **state)
{
    static const char *const servers[] = {
        "ghcr.io/wasmcloud/http-server:0.27.0",
        "wasmcloud.azurecr.io/httpserver:0.19.1",

        "wasmcloud+builtin://http-server",
        "file://./build/http-server.par.gz",
        "http_server",
    };
    static const char *const others[] = {
        "ghcr.io/wasmcloud/http-client:0.13.1",
        "http-server/web:1",
        "http-servers:1",
        "my-http-server:1",
        "",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(servers); i++) {
        assert_true(lint_image_is_http_server(servers[i]));
    }
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        assert_false(lint_image_is_http_server(others[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"a version, a digest and a file stay what they are", test_fixed, NULL, NULL,
         NULL},
        {"latest, and no tag at all, may change", test_floating, NULL, NULL, NULL},
        {"what no host can fetch is told", test_impossible, NULL, NULL, NULL},
        {"names have up to 255 bytes and tags 128", test_length, NULL, NULL, NULL},
        {"the HTTP server is known by its name", test_http_server, NULL, NULL, NULL},
    };

    return cmocka_run_group_tests_name("lint_image", tests, NULL, NULL);
}
