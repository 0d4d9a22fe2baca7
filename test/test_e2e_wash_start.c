/*
 * What wash asks on its own: wash up, which starts a wadm unless somebody answers for
 * one, wash down, and wash dev, which writes a manifest and has it brought about.
 *
 * Source: reference wash-client 2.4 and 2.5, of wash 0.43.
 */
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

#include "support_stage.h"
#include "support_wash.h"

#define LOOK_MS 50

/* wash dev: there is no version, the component is called as its id is, dependencies have
 * no traits of their own unless they are a source, and the image is a file. */
static const char dev_manifest[] =
    "{\"apiVersion\":\"core.oam.dev/v1beta1\",\"kind\":\"Application\",\"metadata\":{"
    "\"name\":\"dev-h4cK3d-hello\",\"annotations\":{\"wasmcloud.dev/session-id\":"
    "\"h4cK3d\"},\"labels\":{\"wasmcloud.dev/generated-by\":\"wash-dev-0.43.0\"}},"
    "\"spec\":{\"components\":[{\"name\":\"h4cK3d-hello\",\"type\":\"component\","
    "\"properties\":{\"image\":\"file:///srv/hello/build/hello_s.wasm\",\"id\":"
    "\"h4cK3d-hello\"},\"traits\":[{\"type\":\"spreadscaler\",\"properties\":{"
    "\"instances\":%d}},{\"type\":\"link\",\"properties\":{\"namespace\":\"wasi\","
    "\"package\":\"keyvalue\",\"interfaces\":[\"store\",\"atomics\"],\"target\":{"
    "\"name\":\"h4cK3d-dep-keyvalue-nats\",\"config\":[{\"name\":\"wasi-keyvalue-"
    "config\","
    "\"properties\":{\"bucket\":\"wasmcloud\",\"enable_bucket_auto_create\":\"true\"}}]"
    "}}}]},{\"name\":\"h4cK3d-dep-http-server\",\"type\":\"capability\",\"properties\":{"
    "\"image\":\"ghcr.io/wasmcloud/http-server:0.24.0\"},\"traits\":[{\"type\":\"link\","
    "\"properties\":{\"namespace\":\"wasi\",\"package\":\"http\",\"interfaces\":["
    "\"incoming-handler\"],\"source\":{\"config\":[{\"name\":\"wasi-http-config\","
    "\"properties\":{\"address\":\"127.0.0.1:8000\"}}]},\"target\":{\"name\":"
    "\"h4cK3d-hello\"}}}]},{\"name\":\"h4cK3d-dep-keyvalue-nats\",\"type\":"
    "\"capability\",\"properties\":{\"image\":"
    "\"ghcr.io/wasmcloud/keyvalue-nats:0.3.1\"},\"traits\":[]}]}}";

#define DEV "dev-h4cK3d-hello"

/* Of a project that is a provider, with a secret, and a dependency that wash dev was told
 * the image of: it is called after its interfaces. */
static const char provider_manifest[] =
    "{\"apiVersion\":\"core.oam.dev/v1beta1\",\"kind\":\"Application\",\"metadata\":{"
    "\"name\":\"dev-h4cK3d-mine\",\"annotations\":{\"wasmcloud.dev/session-id\":"
    "\"h4cK3d\"},\"labels\":{\"wasmcloud.dev/generated-by\":\"wash-dev-0.43.0\"}},"
    "\"spec\":{\"policies\":[{\"name\":\"nats-kv\",\"type\":"
    "\"policy.secret.wasmcloud.dev/v1alpha1\",\"properties\":{\"backend\":\"nats-kv\"}}],"
    "\"components\":[{\"name\":\"h4cK3d-mine\",\"type\":\"capability\",\"properties\":{"
    "\"image\":\"file:///srv/mine/build/"
    "mine.par.gz\",\"id\":\"h4cK3d-mine\",\"secrets\":["
    "{\"name\":\"token\",\"properties\":{\"policy\":\"nats-kv\",\"key\":\"token\"}}]},"
    "\"traits\":[{\"type\":\"spreadscaler\",\"properties\":{\"instances\":1}},{\"type\":"
    "\"link\",\"properties\":{\"namespace\":\"acme\",\"package\":\"db\",\"interfaces\":["
    "%s],\"target\":{\"name\":\"h4cK3d-dep-custom-acme-db-reads/writes\"}}}]},{\"name\":"
    "\"h4cK3d-dep-custom-acme-db-reads/writes\",\"type\":\"capability\",\"properties\":{"
    "\"image\":\"ghcr.io/acme/db:1.0.0\"},\"traits\":[]}]}}";

#define MINE "dev-h4cK3d-mine"

static void expect_result(struct stage *stage, const char *tail, const char *body,
                          const char *kind, const char *result)
{
    json_t *reply = wash_ask(stage, tail, body, kind);
    const char *found = json_string_value(json_object_get(reply, "result"));

    if (found == NULL || strcmp(found, result) != 0) {
        fail_msg("%s: %s", tail, json_dumps(reply, JSON_COMPACT));
    }
    json_decref(reply);
}

/* Ask for the status as wash does until its word is this. */
static void expect_word(struct stage *stage, const char *application, const char *word)
{
    char tail[128];
    bool is_so = false;

    (void)snprintf(tail, sizeof tail, "status.%s", application);
    for (int ms = 0; ms < STAGE_MS && !is_so; ms += LOOK_MS) {
        json_t *reply = wash_ask(stage, tail, "", "status");
        const json_t *status =
            json_object_get(json_object_get(reply, "status"), "status");

        is_so = strcmp(json_string_value(json_object_get(status, "type")), word) == 0;
        json_decref(reply);
        (void)poll(NULL, 0, is_so ? 0 : LOOK_MS);
    }
    assert_true(is_so);
}

/* wash up asks for the list when there is no host yet, nor any bucket; with a manifest it
 * undeploys, puts and deploys that, and puts up with a version that is there. */
static void wash_up_finds_who_answers_for_wadm(void **state)
{
    static const char manifest[] = "apiVersion: core.oam.dev/v1beta1\n"
                                   "kind: Application\n"
                                   "metadata: {name: shop, annotations: {version: v1}}\n"
                                   "spec:\n"
                                   "  components:\n"
                                   "  - {name: web, type: component, properties: {image: "
                                   "'ghcr.io/acme/web:1.0.0'}}\n";
    struct stage *stage = *state;
    json_t *reply;

    stage_daemon(stage);
    wash_expect(stage);
    expect_result(stage, "undeploy.shop", "", "dep", "notfound");
    expect_result(stage, "put", manifest, "put", "created");
    expect_result(stage, "deploy.shop", "{\"version\":\"v1\"}", "dep", "acknowledged");
    stage_simulate(stage, NULL);
    expect_word(stage, "shop", "deployed");

    expect_result(stage, "undeploy.shop", "", "dep", "acknowledged");
    reply = wash_ask(stage, "put", manifest, "put");
    assert_non_null(
        strstr(json_string_value(json_object_get(reply, "message")), "already exists"));
    json_decref(reply);
    expect_result(stage, "deploy.shop", "{\"version\":\"v1\"}", "dep", "acknowledged");
    expect_word(stage, "shop", "deployed");
}

/* Until it is there to be deleted. */
static void purge_statuses(struct stage *stage)
{
    bool is_done = false;

    for (int ms = 0; ms < STAGE_MS && !is_done; ms += LOOK_MS) {
        json_t *reply =
            reader_ask(stage->reader, "$JS.API.STREAM.DELETE.wadm_status", "");

        is_done = json_is_true(json_object_get(reply, "success"));
        json_decref(reply);
        (void)poll(NULL, 0, is_done ? 0 : LOOK_MS);
    }
    assert_true(is_done);
}

/* wash down takes the stream away in which the last statuses are kept. */
static void what_wash_down_purges_is_not_missed(void **state)
{
    struct stage *stage = *state;

    expect_result(stage, "put",
                  "{\"apiVersion\":\"x\",\"kind\":\"y\",\"metadata\":{\"name\":\"shop\","
                  "\"annotations\":{\"version\":\"v1\"}},\"spec\":{\"components\":[]}}",
                  "put", "created");
    expect_result(stage, "deploy.shop", "", "dep", "acknowledged");
    expect_word(stage, "shop", "deployed");
    purge_statuses(stage);
    expect_result(stage, "undeploy.shop", "", "dep", "acknowledged");
    expect_word(stage, "shop", "undeployed");
    expect_result(stage, "del.shop", "", "del", "deleted");
}

static void put_dev(struct stage *stage, int instances, const char *result)
{
    char body[sizeof dev_manifest + 16];

    (void)snprintf(body, sizeof body, dev_manifest, instances);
    expect_result(stage, "put", body, "put", result);
    expect_result(stage, "deploy." DEV, "", "dep", "acknowledged");
}

/* Where the reader sees the component, "" nowhere yet. */
static const char *component_line(struct stage *stage)
{
    const char *line = strstr(reader_world(stage->reader), "component h4cK3d-hello on ");

    return line != NULL ? line : "";
}

/* As wash dev does when only the code has changed: it stops what runs, and relies on
 * being served again. */
static void stop_component(struct stage *stage)
{
    char hosts[256];
    char id[STAGE_ID_BYTES];
    char subject[128];
    char body[512];
    json_t *reply;

    reader_where(stage->reader, "h4cK3d-hello", hosts, sizeof hosts);
    hosts[strcspn(hosts, " ")] = '\0';
    stage_host_id(stage, hosts, id);
    (void)snprintf(subject, sizeof subject, "wasmbus.ctl.v1.default.component.scale.%s",
                   id);
    (void)snprintf(body, sizeof body,
                   "{\"component_id\":\"h4cK3d-hello\",\"component_ref\":"
                   "\"file:///srv/hello/build/hello_s.wasm\",\"host_id\":\"%s\","
                   "\"count\":0,\"allow_update\":false,\"annotations\":{},\"config\":[]}",
                   id);
    reply = reader_ask(stage->reader, subject, body);
    assert_true(json_is_true(json_object_get(reply, "success")));
    json_decref(reply);
}

static void expect_component(struct stage *stage, const char *words)
{
    bool is_so = false;

    for (int ms = 0; ms < STAGE_MS && !is_so; ms += LOOK_MS) {
        is_so = strstr(component_line(stage), words) != NULL;
        (void)poll(NULL, 0, is_so ? 0 : LOOK_MS);
    }
    if (!is_so) {
        fail_msg("no '%s' in\n%s", words, reader_world(stage->reader));
    }
}

static void expect_scales(struct stage *stage, size_t count)
{
    for (int ms = 0;
         ms < STAGE_MS && reader_count(stage->reader, "component.scale") < count;
         ms += LOOK_MS) {
        (void)poll(NULL, 0, LOOK_MS);
    }
    if (reader_count(stage->reader, "component.scale") < count) {
        fail_msg("only %s", reader_commands(stage->reader));
    }
}

static void wash_dev_runs_changes_and_ends(void **state)
{
    struct stage *stage = *state;
    json_t *reply;

    expect_result(stage, "del." DEV, "", "del", "noop");
    put_dev(stage, 100, "created");
    expect_word(stage, DEV, "deployed");
    expect_component(stage, "100 instances of file:///srv/hello/build/hello_s.wasm");
    assert_non_null(strstr(reader_world(stage->reader),
                           "{\"bucket\":\"wasmcloud\",\"enable_bucket_auto_create\":"
                           "\"true\"}"));

    reader_forget(stage->reader);
    stop_component(stage);
    expect_scales(stage, 1); /* the reader does not hear itself */
    expect_component(stage, "100 instances of file:///srv/hello/build/hello_s.wasm");
    expect_word(stage, DEV, "deployed");

    put_dev(stage, 50, "newversion");
    expect_component(stage, "50 instances");
    expect_word(stage, DEV, "deployed");
    reply = wash_ask(stage, "versions." DEV, "", "ver");
    assert_int_equal(json_array_size(json_object_get(reply, "versions")), 2);
    json_decref(reply);

    expect_result(stage, "del." DEV, "{}", "del", "deleted");
    reader_expect(stage->reader, "", STAGE_MS);
}

static void put_mine(struct stage *stage, const char *interfaces, const char *result)
{
    char body[sizeof provider_manifest + 64];

    (void)snprintf(body, sizeof body, provider_manifest, interfaces);
    expect_result(stage, "put", body, "put", result);
    expect_result(stage, "deploy." MINE, "", "dep", "acknowledged");
    expect_word(stage, MINE, "deployed");
}

/* Which is stopped when its code has changed, and then relied upon to be there again. */
static void stop_mine(struct stage *stage)
{
    char host[256];
    char id[STAGE_ID_BYTES];
    char subject[128];
    char body[256];
    json_t *reply;

    reader_where(stage->reader, "h4cK3d-mine", host, sizeof host);
    stage_host_id(stage, host, id);
    (void)snprintf(subject, sizeof subject, "wasmbus.ctl.v1.default.provider.stop.%s",
                   id);
    (void)snprintf(body, sizeof body,
                   "{\"host_id\":\"%s\",\"provider_id\":\"h4cK3d-mine\"}", id);
    reply = reader_ask(stage->reader, subject, body);
    assert_true(json_is_true(json_object_get(reply, "success")));
    json_decref(reply);
}

/* The interfaces come in another order each time. */
static void wash_dev_runs_a_provider(void **state)
{
    static const char mine[] =
        "provider h4cK3d-mine on 1 hosts of /srv/mine/build/mine.par.gz\n";
    struct stage *stage = *state;

    put_mine(stage, "\"reads\",\"writes\"", "created");
    reader_expect_line(stage->reader, mine, STAGE_MS);
    reader_forget(stage->reader);
    put_mine(stage, "\"writes\",\"reads\"", "newversion");
    assert_string_equal(reader_commands(stage->reader), "");

    stop_mine(stage);
    process_expect_errors_count(stage->daemon, "start-provider h4cK3d-mine", 2, STAGE_MS);
    reader_expect_line(stage->reader, mine, STAGE_MS);
    expect_word(stage, MINE, "deployed");
    expect_result(stage, "del." MINE, "", "del", "deleted");
    reader_expect(stage->reader, "", STAGE_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(wash_up_finds_who_answers_for_wadm),
        WASH_TEST(what_wash_down_purges_is_not_missed),
        WASH_TEST(wash_dev_runs_changes_and_ends),
        WASH_TEST(wash_dev_runs_a_provider),
    };

    return cmocka_run_group_tests_name("e2e wash start", tests, NULL, NULL);
}
