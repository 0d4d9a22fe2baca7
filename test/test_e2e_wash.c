/*
 * What wash does with an application from its first day to its last, request by request,
 * as captured in fixtures/wire/samples.jsonl.
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

#include "support_contract.h"
#include "support_peer.h"
#include "support_stage.h"
#include "support_wash.h"

#define LOOK_MS 50

static const char manifest_v1[] =
    "apiVersion: core.oam.dev/v1beta1\n"
    "kind: Application\n"
    "metadata:\n"
    "  name: shop\n"
    "  annotations: {version: v1}\n"
    "spec:\n"
    "  components:\n"
    "  - name: web\n"
    "    type: actor\n"
    "    properties: {image: 'ghcr.io/acme/web:1.0.0'}\n"
    "    traits:\n"
    "    - {type: spreadscaler, properties: {replicas: 2}}\n";

static const char shown_v1[] =
    "{\"apiVersion\":\"core.oam.dev/v1beta1\",\"kind\":\"Application\",\"metadata\":{"
    "\"name\":\"shop\",\"annotations\":{\"version\":\"v1\"}},\"spec\":{\"components\":[{"
    "\"name\":\"web\",\"type\":\"component\",\"properties\":{\"image\":"
    "\"ghcr.io/acme/web:1.0.0\"},\"traits\":[{\"type\":\"spreadscaler\",\"properties\":{"
    "\"instances\":2}}]}]}}";

/* Fail unless the reply to tail is the JSON expected, whatever the order of keys. */
static void expect(struct stage *stage, const char *tail, const char *body,
                   const char *kind, const char *expected)
{
    json_t *reply = wash_ask(stage, tail, body, kind);
    json_t *wanted = json_loads(expected, 0, NULL);

    assert_non_null(wanted);
    if (!json_equal(reply, wanted)) {
        fail_msg("%s: %s", tail, json_dumps(reply, JSON_COMPACT));
    }
    json_decref(wanted);
    json_decref(reply);
}

static void versions_are_listed_and_shown(void **state)
{
    struct stage *stage = *state;
    json_t *reply = wash_ask(stage, "put", manifest_v1, "put");
    char expected[1024];
    char version[64];

    json_decref(reply);
    (void)snprintf(expected, sizeof expected,
                   "{\"result\":\"success\",\"message\":"
                   "\"Successfully fetched application shop\",\"manifest\":%s}",
                   shown_v1);
    expect(stage, "get.shop", "", "get", expected);
    (void)snprintf(expected, sizeof expected,
                   "{\"result\":\"success\",\"message\":"
                   "\"Successfully fetched application shop v1\",\"manifest\":%s}",
                   shown_v1);
    expect(stage, "get.shop", "{\"version\":\"v1\"}", "get", expected);
    expect(stage, "versions.shop", "", "ver",
           "{\"result\":\"success\",\"message\":\"Successfully fetched versions for "
           "application shop\",\"versions\":[{\"version\":\"v1\",\"deployed\":false}]}");

    /* One without a version gets one, which the manifest shows from then on. */
    json_decref(wash_ask(stage, "deploy.shop", "", "dep"));
    reply = wash_ask(stage, "put",
                     "{\"apiVersion\":\"x\",\"kind\":\"Manifest\",\"metadata\":{\"name\":"
                     "\"shop\",\"annotations\":{}},\"spec\":{\"components\":[]}}",
                     "put");
    (void)snprintf(version, sizeof version, "%s",
                   json_string_value(json_object_get(reply, "current_version")));
    json_decref(reply);
    assert_int_equal(strlen(version), 26);
    (void)snprintf(
        expected, sizeof expected,
        "{\"result\":\"success\",\"message\":\"Successfully fetched versions for "
        "application shop\",\"versions\":[{\"version\":\"v1\",\"deployed\":true},"
        "{\"version\":\"%s\",\"deployed\":false}]}",
        version);
    expect(stage, "versions.shop", "{}", "ver", expected);
    reply = wash_ask(stage, "get.shop", "", "get");
    assert_string_equal(
        version, json_string_value(json_object_get(
                     json_object_get(
                         json_object_get(json_object_get(reply, "manifest"), "metadata"),
                         "annotations"),
                     "version")));
    json_decref(reply);
}

static void what_is_not_there_is_said_in_wadms_words(void **state)
{
    struct stage *stage = *state;

    expect(stage, "get.nobody", "", "get",
           "{\"result\":\"notfound\",\"message\":\"Application with the name nobody not "
           "found\"}");
    expect(stage, "versions.nobody", "", "ver",
           "{\"result\":\"notfound\",\"message\":\"Application with the name nobody not "
           "found\",\"versions\":[]}");
    json_decref(wash_ask(stage, "put", manifest_v1, "put"));
    expect(stage, "get.shop", "{\"version\":\"latest\"}", "get",
           "{\"result\":\"notfound\",\"message\":\"Application shop with version latest "
           "doesn't exist\"}");
    expect(stage, "undeploy.shop", "", "dep",
           "{\"result\":\"acknowledged\",\"message\":\"Application shop was already "
           "undeployed\",\"name\":\"shop\",\"version\":null}");
    expect(stage, "get.shop", "{\"version\":7}", "get",
           "{\"result\":\"error\",\"message\":\"Unable to parse get application request: "
           "field 'version' is an integer, expected a string\"}");
}

/* Each of these ends a wadm, and with it every lattice's API. */
static void what_ends_a_wadm_is_refused(void **state)
{
    static const char *const links[] = {
        "interfaces: incoming-handler, namespace: wasi, package: http",
        "interfaces: [a], name: null, namespace: wasi, package: http",
        "interfaces: [a], namespace: 7, package: http",
        "interfaces: [a], namespace: wasi, package: http, instances: 1",
        "instances: 1",
    };
    struct stage *stage = *state;

    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        char text[1024];
        json_t *reply;

        (void)snprintf(text, sizeof text,
                       "%s    - {type: link, properties: {target: web, %s}}\n",
                       manifest_v1, links[i]);
        reply = wash_ask(stage, "put", text, "put");
        if (strcmp(json_string_value(json_object_get(reply, "result")), "error") != 0 &&
            i != 3) { /* there the key has no effect, and a warning */
            fail_msg("%s: %s", links[i], json_dumps(reply, JSON_COMPACT));
        }
        json_decref(reply);
    }
    json_decref(wash_ask(stage, "list", "", "list"));
}

/* Put what manifest_v1 says, with an id; the result. */
static const char *put_with_id(natsConnection *connection, const char *id)
{
    static char result[32];
    natsMsg *request = NULL;
    natsMsg *answer = NULL;
    json_t *reply;

    assert_int_equal(natsMsg_Create(&request, "wadm.api.default.model.put", NULL,
                                    manifest_v1, (int)strlen(manifest_v1)),
                     NATS_OK);
    assert_int_equal(natsMsgHeader_Set(request, "Nats-Msg-Id", id), NATS_OK);
    assert_int_equal(natsConnection_RequestMsg(&answer, connection, request, STAGE_MS),
                     NATS_OK);
    reply = json_loads(natsMsg_GetData(answer), 0, NULL);
    (void)snprintf(result, sizeof result, "%s",
                   json_string_value(json_object_get(reply, "result")));
    json_decref(reply);
    natsMsg_Destroy(request);
    natsMsg_Destroy(answer);
    return result;
}

static void what_is_asked_twice_is_done_once(void **state)
{
    struct stage *stage = *state;
    struct peer *peer = peer_start(server_url(stage->server));

    assert_string_equal(put_with_id(peer_connection(peer), "a"), "created");
    assert_string_equal(put_with_id(peer_connection(peer), "a"), "created");
    assert_string_equal(put_with_id(peer_connection(peer), "b"), "error");
    assert_string_equal(put_with_id(peer_connection(peer), "a"), "created");
    peer_stop(peer);
}

/* Ask until somebody answers; the list there is must be empty. */
static void expect_empty_list(struct stage *stage, const char *subject)
{
    json_t *reply = NULL;

    for (int ms = 0; ms < STAGE_MS && reply == NULL; ms += LOOK_MS) {
        reply = reader_ask(stage->reader, subject, "");
        (void)poll(NULL, 0, reply == NULL ? LOOK_MS : 0);
    }
    assert_true(json_is_array(reply));
    assert_int_equal(json_array_size(reply), 0);
    json_decref(reply);
}

static void other_prefixes_are_served(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, NULL);
    stage_daemon_with(stage, (const char *[]){"--api-prefix", "shop.manager", NULL});
    expect_empty_list(stage, "shop.manager.default.model.list");
    assert_null(reader_ask(stage->reader, "wadm.api.default.model.list", ""));
    stage_end_daemon(stage);
    stage_daemon_with(stage, (const char *[]){"--api-prefix", "*.wadm.api", NULL});
    expect_empty_list(stage, "ABCD.wadm.api.default.model.list");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WASH_TEST(versions_are_listed_and_shown),
        WASH_TEST(what_is_not_there_is_said_in_wadms_words),
        WASH_TEST(what_ends_a_wadm_is_refused),
        WASH_TEST(what_is_asked_twice_is_done_once),
        STAGE_TEST(other_prefixes_are_served),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
