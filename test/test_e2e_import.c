/*
 * From wadm to trellis: what wadm keeps is imported, and what it runs goes on as it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "support_peer.h"
#include "support_stage.h"
#include "support_wash.h"

/* Annotations of wadm: see fixtures/wire/samples.jsonl. */
#define ANNOTATIONS                                                                      \
    "\"annotations\":{\"wasmcloud.dev/appspec\":\"hello-world\","                        \
    "\"wasmcloud.dev/managed-by\":\"wadm\",\"wasmcloud.dev/scaler\":\"42\","             \
    "\"wasmcloud.dev/spread_name\":\"anywhere\"}"

/* What wadm has brought about: all instances are on one host. */
static const char running[] = STAGE_QUICKSTART(5);

/* Have the lattice do what wadm asks of it. */
static void ask(struct stage *stage, const char *verb, const char *token,
                const char *body)
{
    char subject[256];
    json_t *reply;

    (void)snprintf(subject, sizeof subject, "wasmbus.ctl.v1.default.%s%s%s", verb,
                   token[0] != '\0' ? "." : "", token);
    reply = reader_ask(stage->reader, subject, body);
    assert_true(json_is_true(json_object_get(reply, "success")));
    json_decref(reply);
}

static void start(struct stage *stage, const char *verb, const char *host,
                  const char *what)
{
    char body[1024];

    (void)snprintf(body, sizeof body,
                   "{%s,\"host_id\":\"%s\",\"config\":[]," ANNOTATIONS "}", what, host);
    ask(stage, verb, host, body);
}

static void run_as_wadm_does(struct stage *stage)
{
    char first[STAGE_ID_BYTES];
    char second[STAGE_ID_BYTES];

    stage_host_id(stage, "host-1", first);
    stage_host_id(stage, "host-2", second);
    ask(stage, "config.put", "hello_world-default_http",
        "{\"address\":\"127.0.0.1:8080\"}");
    ask(stage, "config.put", "hello_world-redis_url",
        "{\"url\":\"redis://127.0.0.1:6379\"}");
    start(stage, "provider.start", first,
          "\"provider_id\":\"hello_world-kvredis\",\"provider_ref\":"
          "\"ghcr.io/wasmcloud/keyvalue-redis:0.27.0\"");
    start(stage, "provider.start", second,
          "\"provider_id\":\"hello_world-httpserver\",\"provider_ref\":"
          "\"ghcr.io/wasmcloud/http-server:0.22.0\"");
    start(stage, "component.scale", first,
          "\"component_id\":\"hello_world-http_component\",\"component_ref\":"
          "\"ghcr.io/wasmcloud/components/http-hello-world-rust:0.1.0\",\"count\":5,"
          "\"allow_update\":false");
    reader_expect_line(stage->reader, "component hello_world-http_component", STAGE_MS);
    ask(stage, "link.put", "",
        "{\"source_id\":\"hello_world-http_component\",\"target\":"
        "\"hello_world-kvredis\",\"name\":\"default\",\"wit_namespace\":\"wasi\","
        "\"wit_package\":\"keyvalue\",\"interfaces\":[\"atomics\",\"store\"],"
        "\"source_config\":[],\"target_config\":[\"hello_world-redis_url\"]}");
    ask(stage, "link.put", "",
        "{\"source_id\":\"hello_world-httpserver\",\"target\":"
        "\"hello_world-http_component\",\"name\":\"default\",\"wit_namespace\":\"wasi\","
        "\"wit_package\":\"http\",\"interfaces\":[\"incoming-handler\"],"
        "\"source_config\":[\"hello_world-default_http\"],\"target_config\":[]}");
    reader_expect(stage->reader, running, STAGE_MS);
}

/* The bucket of a wadm: two lattices, of which one has a name that begins another's. */
static void keep_as_wadm_does(struct stage *stage)
{
    struct peer *wadm = peer_start(server_url(stage->server));
    static char text[65536];
    FILE *file = fopen("fixtures/e2e/wadm-kept.json", "re");
    size_t length;

    assert_non_null(file);
    length = fread(text, 1, sizeof text - 1, file);
    assert_int_equal(fclose(file), 0);
    text[length] = '\0';
    peer_make_bucket(wadm, "wadm_manifests", 1);
    (void)peer_put(wadm, "wadm_manifests", "default-hello-world", text);
    (void)peer_put(wadm, "wadm_manifests", "default", "[\"hello-world\"]");
    (void)peer_put(wadm, "wadm_manifests", "default-hello", "[\"world\"]");
    peer_stop(wadm);
}

static void what_wadm_runs_goes_on_untouched(void **state)
{
    struct stage *stage = *state;
    const json_t *versions;
    json_t *reply;

    stage_simulate(stage, NULL);
    run_as_wadm_does(stage);
    keep_as_wadm_does(stage);

    assert_int_equal(stage_run(stage, "import", "--from-wadm", "--dry-run", NULL), 0);
    stage_expect_output(stage,
                        "hello-world: 2 versions, v1 deployed\n1 application would "
                        "be imported: this was a dry run\n");
    assert_int_equal(stage_run(stage, "import", "--from-wadm", NULL), 0);
    stage_expect_output(stage, "hello-world: 2 versions, v1 deployed\n1 application "
                               "imported");
    assert_int_equal(stage_run(stage, "import", "--from-wadm", NULL), 0);
    stage_expect_output(stage, "hello-world: 0 versions, and 2 that were here already");

    reader_forget(stage->reader);
    stage_daemon(stage);
    wash_expect(stage);
    stage_expect_converged(stage);
    assert_string_equal(reader_commands(stage->reader), "");
    assert_string_equal(reader_world(stage->reader), running);
    reply = wash_ask(stage, "versions.hello-world", "", "ver");
    versions = json_object_get(reply, "versions");
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(versions, 0), "version")), "v2");
    assert_true(json_is_true(json_object_get(json_array_get(versions, 1), "deployed")));

    json_decref(reply);

    /* and from now on it is kept true */
    (void)stage_order(stage,
                      "drop-link hello_world-httpserver hello_world-http_component");
    reader_expect(stage->reader, running, STAGE_MS);
}

static void without_a_bucket_nothing_is_imported(void **state)
{
    struct stage *stage = *state;

    assert_int_equal(stage_run(stage, "import", "--from-wadm", NULL), 8);
    stage_expect_errors(stage, "there is no bucket wadm_manifests here");
    assert_int_equal(stage_run(stage, "import", NULL), 2);
}

/* A version that runs and cannot be read is no reason to stop what it runs. */
static void a_deployed_version_that_is_refused_ends_the_import(void **state)
{
    static const char broken[] =
        "{\"manifests\":{\"v1\":{\"apiVersion\":\"x\",\"kind\":\"y\",\"metadata\":{"
        "\"name\":\"bad\",\"annotations\":{\"version\":\"v1\"}},\"spec\":{"
        "\"components\":[{\"name\":\"c\",\"type\":\"no\",\"properties\":{}}]}}},"
        "\"deployed_version\":%s}";
    struct stage *stage = *state;
    struct peer *wadm = peer_start(server_url(stage->server));
    char text[1024];

    keep_as_wadm_does(stage);
    (void)peer_put(wadm, "wadm_manifests", "default", "[\"bad\",\"hello-world\"]");
    (void)snprintf(text, sizeof text, broken, "\"v1\"");
    (void)peer_put(wadm, "wadm_manifests", "default-bad", text);
    assert_int_equal(stage_run(stage, "import", "--from-wadm", NULL), 3);
    stage_expect_errors(stage, "application bad, version v1, which is deployed");
    (void)snprintf(text, sizeof text, broken, "null");
    (void)peer_put(wadm, "wadm_manifests", "default-bad", text);
    assert_int_equal(stage_run(stage, "import", "--from-wadm", NULL), 0);
    stage_expect_output(stage, "bad: 0 versions, none deployed; left out: v1: ");
    peer_stop(wadm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(what_wadm_runs_goes_on_untouched),
        STAGE_TEST(without_a_bucket_nothing_is_imported),
        STAGE_TEST(a_deployed_version_that_is_refused_ends_the_import),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
