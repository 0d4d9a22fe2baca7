/*
 * Which providers take a link back that they have lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reconciler/core/provider_image.h"

struct image_case {
    const char *image;
    bool is_good;
};

static const struct image_case image_cases[] = {
    /* the last release with the fault of each, and the next */
    {"ghcr.io/wasmcloud/http-server:0.25.0", false},
    {"ghcr.io/wasmcloud/http-server:0.25.1", true},
    {"ghcr.io/wasmcloud/http-client:0.12.1", false},
    {"ghcr.io/wasmcloud/http-client:0.12.2", true},
    {"ghcr.io/wasmcloud/keyvalue-redis:0.28.2", false},
    {"ghcr.io/wasmcloud/keyvalue-redis:0.29.0", true},
    {"ghcr.io/wasmcloud/keyvalue-nats:0.3.1", false},
    {"ghcr.io/wasmcloud/keyvalue-nats:0.3.2", true},
    {"ghcr.io/wasmcloud/keyvalue-vault:0.11.1", false},
    {"ghcr.io/wasmcloud/keyvalue-vault:0.11.2", true},
    {"ghcr.io/wasmcloud/messaging-nats:0.24.0", false},
    {"ghcr.io/wasmcloud/messaging-nats:0.24.1", true},
    {"ghcr.io/wasmcloud/messaging-kafka:0.9.0", false},
    {"ghcr.io/wasmcloud/messaging-kafka:0.9.1", true},
    {"ghcr.io/wasmcloud/blobstore-fs:0.10.2", false},
    {"ghcr.io/wasmcloud/blobstore-fs:0.10.3", true},
    {"ghcr.io/wasmcloud/blobstore-s3:0.11.1", false},
    {"ghcr.io/wasmcloud/blobstore-s3:0.11.2", true},
    {"ghcr.io/wasmcloud/blobstore-azure:0.5.1", false},
    {"ghcr.io/wasmcloud/blobstore-azure:0.5.2", true},
    {"ghcr.io/wasmcloud/sqldb-postgres:0.7.2", false},
    {"ghcr.io/wasmcloud/sqldb-postgres:0.7.3", true},
    {"ghcr.io/wasmcloud/blobstore-nats:0.1.0", true},
    /* numbers are compared as numbers */
    {"http-server:0.3.0", false},
    {"http-server:0.100.0", true},
    {"http-server:1", true},
    {"http-server:0.26", true},
    {"http-server:v0.26.0", true},
    {"http-server:v0.22.0", false},
    /* whatever the registry, and however it is reached */
    {"registry.example:5000/a/b/http-server:0.26.0", true},
    {"oci://registry.example/http-server:0.26.0", true},
    {"registry.example:5000/a/b/http-server:0.22.0", false},
    {"localhost:5000/http-server", false},
    /* what says nothing */
    {"ghcr.io/wasmcloud/http-server", false},
    {"ghcr.io/wasmcloud/http-server:", false},
    {"ghcr.io/wasmcloud/http-server:latest", false},
    {"ghcr.io/wasmcloud/http-server:0.26.0-rc1", false},
    {"ghcr.io/wasmcloud/http-server:0.26.0.1", false},
    {"ghcr.io/wasmcloud/http-server:0..1", false},
    {"ghcr.io/wasmcloud/http-server:0.26.", false},
    {"ghcr.io/wasmcloud/http-server:1000000000.0.0", false},
    {"ghcr.io/wasmcloud/http-server@sha256:0123", false},
    {"ghcr.io/wasmcloud/http-server:0.26.0@sha256:0123", false},
    {"ghcr.io/acme/http-servers:9.0.0", false},
    {"ghcr.io/acme/http:9.0.0", false},
    {"ghcr.io/acme/my-http-server:9.0.0", false},
    {"file:///srv/providers/http-server.par.gz", false},
    {"", false},
    /* part of the host, named in full or as it gives it back */
    {"wasmcloud+builtin://http-server", true},
    {"wasmcloud+builtin://anything", true},
    {"messaging-nats", true},
    {"anything", false},
};

static void test_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof image_cases / sizeof *image_cases; i++) {
        const struct image_case *t = &image_cases[i];

        if (provider_image_is_good(t->image) != t->is_good) {
            fail_msg("%s is %sgood", t->image, t->is_good ? "not " : "");
        }
    }
}

static void test_builtin(void **state)
{
    (void)state;
    assert_true(provider_image_is_builtin("wasmcloud+builtin://http-server"));
    assert_true(provider_image_is_builtin("http-client"));
    assert_false(provider_image_is_builtin("http-client:1"));
    assert_false(provider_image_is_builtin("ghcr.io/wasmcloud/http-server:0.26.0"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"an image is good when it is known to be", test_good, NULL, NULL, NULL},
        {"built-in providers have a scheme, or one of three names", test_builtin, NULL,
         NULL, NULL},
    };

    return cmocka_run_group_tests_name("provider_image", tests, NULL, NULL);
}
