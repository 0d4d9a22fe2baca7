#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <nats/nats.h>

#include "support_stage.h"
#include "support_wash.h"

#define SHOP_1 "component shop-web on 2 hosts, 2 instances of ghcr.io/acme/web:1.0.0\n"
#define SHOP_2 "component shop-web on 2 hosts, 2 instances of ghcr.io/acme/web:2.0.0\n"

static const char *field(const json_t *reply, const char *key)
{
    const char *text = json_string_value(json_object_get(reply, key));

    return text != NULL ? text : "(none)";
}

/* The same for a reply of which only the result counts. */
static void expect_result(struct stage *stage, const char *tail, const char *body,
                          const char *kind, const char *result)
{
    json_t *reply = wash_ask(stage, tail, body, kind);

    if (strcmp(field(reply, "result"), result) != 0) {
        fail_msg("%s: %s, not %s: %s", tail, field(reply, "result"), result,
                 field(reply, "message"));
    }
    json_decref(reply);
}

/* Put a manifest of fixtures/e2e. */
static json_t *put(struct stage *stage, const char *name)
{
    char path[128];
    json_t *manifest;
    json_t *reply;
    char *text;

    (void)snprintf(path, sizeof path, "fixtures/e2e/%s", name);
    manifest = json_load_file(path, 0, NULL);
    assert_non_null(manifest);
    text = json_dumps(manifest, JSON_COMPACT);
    reply = wash_ask(stage, "put", text, "put");
    free(text);
    json_decref(manifest);
    return reply;
}

static void expect_put(struct stage *stage, const char *name, const char *result,
                       const char *version, int versions)
{
    json_t *reply = put(stage, name);

    assert_string_equal(field(reply, "result"), result);
    assert_string_equal(field(reply, "name"), "shop");
    assert_string_equal(field(reply, "current_version"), version);
    assert_int_equal(json_integer_value(json_object_get(reply, "total_versions")),
                     versions);
    json_decref(reply);
}

/* Poll the status until its type is word. */
static void expect_status(struct stage *stage, const char *word)
{
    const int64_t until = nats_Now() + STAGE_MS;
    bool is_there = false;

    while (!is_there) {
        json_t *reply = wash_ask(stage, "status.shop", "", "status");
        const json_t *status = json_object_get(reply, "status");

        assert_string_equal(field(reply, "result"), "ok");
        is_there = strcmp(field(json_object_get(status, "status"), "type"), word) == 0;
        json_decref(reply);
        assert_true(nats_Now() < until);
        (void)poll(NULL, 0, 20);
    }
}

static void an_application_is_deployed_as_wash_does_it(void **state)
{
    struct stage *stage = *state;
    json_t *reply = wash_ask(stage, "list", "", "list");

    assert_int_equal(json_array_size(reply), 0);
    json_decref(reply);
    expect_put(stage, "shop-1.json", "created", "v1", 1);
    assert_string_equal(reader_commands(stage->reader), "");

    reply = wash_ask(stage, "deploy.shop", "{\"version\":\"v1\"}", "dep");
    assert_string_equal(field(reply, "result"), "acknowledged");
    assert_string_equal(field(reply, "name"), "shop");
    assert_string_equal(field(reply, "version"), "v1");
    json_decref(reply);
    expect_status(stage, "deployed");
    reader_expect(stage->reader, SHOP_1, STAGE_MS);

    reply = wash_ask(stage, "list", "", "list");
    assert_int_equal(json_array_size(reply), 1);
    assert_string_equal(field(json_array_get(reply, 0), "deployed_version"), "v1");
    assert_string_equal(field(json_array_get(reply, 0), "description"), "Sells things");
    assert_string_equal(field(json_array_get(reply, 0), "status"), "deployed");
    json_decref(reply);
    json_decref(wash_ask(stage, "get", "{}", "envlist"));
}

static void an_application_is_undeployed_and_deleted_as_wash_does_it(void **state)
{
    struct stage *stage = *state;
    json_t *reply;

    expect_put(stage, "shop-1.json", "created", "v1", 1);
    expect_result(stage, "deploy.shop", "", "dep", "acknowledged");
    reader_expect(stage->reader, SHOP_1, STAGE_MS);

    expect_result(stage, "undeploy.shop", "", "dep", "acknowledged");
    reader_expect(stage->reader, "", STAGE_MS);
    expect_status(stage, "undeployed");
    reply = wash_ask(stage, "list", "", "list");
    assert_true(
        json_is_null(json_object_get(json_array_get(reply, 0), "deployed_version")));
    json_decref(reply);

    expect_result(stage, "del.shop", "", "del", "deleted");
    expect_result(stage, "del.shop", "", "del", "noop");
    reply = wash_ask(stage, "list", "", "list");
    assert_int_equal(json_array_size(reply), 0);
    json_decref(reply);
}

static void a_second_version_replaces_the_first_when_it_is_deployed(void **state)
{
    struct stage *stage = *state;
    json_t *reply;

    expect_put(stage, "shop-1.json", "created", "v1", 1);
    expect_result(stage, "deploy.shop", "", "dep", "acknowledged");
    reader_expect(stage->reader, SHOP_1, STAGE_MS);

    reply = put(stage, "shop-1.json");
    assert_string_equal(field(reply, "result"), "error");
    assert_non_null(strstr(field(reply, "message"), "already exists"));
    json_decref(reply);

    expect_put(stage, "shop-2.json", "newversion", "v2", 2);
    expect_status(stage, "deployed");
    reader_expect(stage->reader, SHOP_1, STAGE_NOW_MS);
    expect_result(stage, "deploy.shop", "{\"version\":null}", "dep", "acknowledged");
    reader_expect(stage->reader, SHOP_2, STAGE_MS);

    reply = wash_ask(stage, "del.shop", "{\"version\":\"v2\"}", "del");
    assert_string_equal(field(reply, "result"), "deleted");
    assert_true(json_is_true(json_object_get(reply, "undeploy")));
    json_decref(reply);
    reader_expect(stage->reader, "", STAGE_MS);
}

static void an_unknown_application_is_not_found(void **state)
{
    struct stage *stage = *state;

    expect_result(stage, "deploy.nobody", "", "dep", "notfound");
    expect_result(stage, "undeploy.nobody", "{}", "dep", "notfound");
    expect_result(stage, "del.nobody", "", "del", "noop");
    json_decref(wash_ask(stage, "status.nobody", "", "status"));
    assert_string_equal(reader_commands(stage->reader), "");
}

static void a_malformed_request_is_answered_and_changes_nothing(void **state)
{
    static const struct {
        const char *tail;
        const char *body;
        const char *kind;
    } requests[] = {
        {"put", "", "put"},
        {"put", "{", "put"},
        {"put", "[]", "put"},
        {"put", "metadata: {name: shop}\n", "put"},
        {"put", "\xff\xfe", "put"},
        {"deploy.shop", "{\"version\":1}", "dep"},
        {"deploy.shop", "{\"version\":\"v9\"}", "dep"},
        {"deploy.shop", "{", "dep"},
        {"undeploy.shop", "null", "dep"},
        {"del.shop", "{\"version\":[]}", "del"},
    };
    struct stage *stage = *state;

    expect_put(stage, "shop-1.json", "created", "v1", 1);
    expect_result(stage, "deploy.shop", "", "dep", "acknowledged");
    reader_expect(stage->reader, SHOP_1, STAGE_MS);
    expect_status(stage, "deployed");
    reader_forget(stage->reader);
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        expect_result(stage, requests[i].tail, requests[i].body, requests[i].kind,
                      "error");
    }
    json_decref(wash_ask(stage, "frobnicate.shop", "", "del"));
    expect_status(stage, "deployed");
    assert_string_equal(reader_commands(stage->reader), "");
}

/* The quickstart, with so much of a comment that no message holds it. */
static void write_large(struct stage *stage)
{
    static char text[2 * 1024 * 1024];
    FILE *file = fopen("fixtures/manifests/valid/quickstart.yaml", "re");
    size_t length;

    assert_non_null(file);
    length = fread(text, 1, sizeof text, file);
    assert_int_equal(fclose(file), 0);
    while (length < (size_t)1500 * 1024) {
        length += (size_t)snprintf(text + length, sizeof text - length,
                                   "# no message holds this manifest\n");
    }
    stage_write(stage, "draft.txt", text);
}

static void a_manifest_larger_than_a_message_comes_in_pieces(void **state)
{
    struct stage *stage = *state;
    char path[256];

    stage_expect_status(stage, "lattice default: 3 hosts");
    write_large(stage);
    (void)stage_path(stage, "draft.txt", path, sizeof path);
    assert_int_equal(stage_run(stage, "plan", "--check", path, NULL), 4);
    assert_int_equal(stage_run(stage, "apply", "--wait", path, NULL), 0);
    stage_expect_output(stage, "applied by the daemon of this lattice\n");
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
}

/* Components enough that their status needs several messages. */
#define LARGE 6000

static void a_status_larger_than_a_message_comes_in_pieces(void **state)
{
    static char text[2 * 1024 * 1024];
    struct stage *stage = *state;
    size_t length = (size_t)snprintf(text, sizeof text,
                                     "apiVersion: core.oam.dev/v1beta1\n"
                                     "kind: Application\n"
                                     "metadata: {name: large, annotations: {}}\n"
                                     "spec:\n  components:\n");
    json_t *report;

    for (int i = 0; i < LARGE; i++) {
        length += (size_t)snprintf(
            text + length, sizeof text - length,
            "  - {name: component-with-a-long-name-%d, type: component,\n"
            "     properties: {image: 'ghcr.io/acme/web:1.0.0'},\n"
            "     traits: [{type: spreadscaler, properties: {instances: 1}}]}\n",
            i);
    }
    for (int host = 1; host <= 3; host++) {
        char order[32];

        (void)snprintf(order, sizeof order, "kill host-%d", host);
        (void)stage_order(stage, order);
    }
    stage_write(stage, "large.yaml", text);
    process_expect_errors(stage->daemon, "application=large", STAGE_MS);
    assert_int_equal(stage_run(stage, "status", "-o", "json", NULL), 0);
    assert_true(strlen(stage_output(stage)) > (size_t)1024 * 1024);
    report = json_loads(stage_output(stage), 0, NULL);
    assert_int_equal(
        json_array_size(json_object_get(
            json_array_get(json_object_get(report, "applications"), 0), "resources")),
        LARGE);
    json_decref(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WASH_TEST(an_application_is_deployed_as_wash_does_it),
        WASH_TEST(an_application_is_undeployed_and_deleted_as_wash_does_it),
        WASH_TEST(a_second_version_replaces_the_first_when_it_is_deployed),
        WASH_TEST(an_unknown_application_is_not_found),
        WASH_TEST(a_malformed_request_is_answered_and_changes_nothing),
        WASH_TEST(a_manifest_larger_than_a_message_comes_in_pieces),
        WASH_TEST(a_status_larger_than_a_message_comes_in_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
