/*
 * Applications that use what others run: through wadm's API, and with trellis's verbs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <string.h>

#include <jansson.h>
#include <nats/nats.h>

#include "support_manifest.h"
#include "support_stage.h"
#include "support_wash.h"

#define COMMON  "fixtures/scenarios/common.yaml"
#define LESS    "fixtures/scenarios/common-less.yaml"
#define GUEST   "fixtures/scenarios/guest.yaml"
#define MISSING "[\"entry\", \"log\"]"
#define WAITS   "waits for provider server of application common, which is not deployed"

static void expect(struct stage *stage, const char *tail, const char *result,
                   const char *message)
{
    json_t *reply = wash_ask(
        stage, tail, "", strncmp(tail, "del", 3) == 0 && tail[3] == '.' ? "del" : "dep");

    assert_string_equal(json_string_value(json_object_get(reply, "result")), result);
    assert_string_equal(json_string_value(json_object_get(reply, "message")), message);
    json_decref(reply);
}

static void expect_put(struct stage *stage, const char *path, const char *message)
{
    struct arena arena = {0};
    size_t length;
    json_t *reply =
        wash_ask(stage, "put", support_file_read(path, &arena, &length), "put");

    assert_string_equal(json_string_value(json_object_get(reply, "message")), message);
    json_decref(reply);
    arena_free(&arena);
}

static void expect_type(struct stage *stage, const char *type)
{
    const int64_t until = nats_Now() + STAGE_MS;
    bool is_there = false;

    while (!is_there) {
        json_t *reply = wash_ask(stage, "status.guest", "", "status");
        const json_t *status =
            json_object_get(json_object_get(reply, "status"), "status");

        is_there = strcmp(json_string_value(json_object_get(status, "type")), type) == 0;
        json_decref(reply);
        assert_true(nats_Now() < until);
        (void)poll(NULL, 0, 20);
    }
}

static void a_deploy_is_refused_as_wadm_does_while_something_is_missing(void **state)
{
    struct stage *stage = *state;

    expect_put(stage, GUEST,
               "Successfully put manifest guest v1, but some shared components are not "
               "deployed: " MISSING);
    expect(stage, "deploy.guest", "error",
           "Application contains shared components that are not deployed in other "
           "applications: " MISSING);
    /* wadm 8.C.30: put is not deployed. */
    expect_put(stage, COMMON, "Successfully put manifest common v1");
    expect(stage, "deploy.guest", "error",
           "Application contains shared components that are not deployed in other "
           "applications: " MISSING);
    assert_string_equal(reader_commands(stage->reader), "");

    expect(stage, "deploy.common", "acknowledged",
           "Successfully deployed application common v1");
    expect(stage, "deploy.guest", "acknowledged",
           "Successfully deployed application guest v1");
    expect_type(stage, "deployed");
    stage_expect_serving(stage, "entry -[default wasi:http]-> guest-api: ok");

    expect_put(stage, LESS, "Successfully put manifest common v4");
    expect(stage, "deploy.common", "acknowledged",
           "Successfully deployed application common v4; it is waited for by guest");
    expect_type(stage, "waiting");
    json_decref(wash_ask(stage, "del.common", "{\"version\":\"v4\"}", "del"));
    expect(stage, "deploy.common", "acknowledged",
           "Successfully deployed application common v1");
    expect_type(stage, "deployed");

    expect(stage, "undeploy.common", "acknowledged",
           "Successfully undeployed application common; it is waited for by guest");
    expect_type(stage, "waiting");
    expect(stage, "deploy.common", "acknowledged",
           "Successfully deployed application common v1");
    expect_type(stage, "deployed");
    expect(stage, "del.common", "deleted",
           "Successfully deleted application common; it is waited for by guest");
    expect(stage, "undeploy.guest", "acknowledged",
           "Successfully undeployed application guest");
    reader_expect(stage->reader, "", STAGE_MS);
}

static void an_apply_waits_for_what_it_misses(void **state)
{
    struct stage *stage = *state;

    assert_int_equal(stage_run(stage, "plan", "--check", GUEST, NULL), 4);
    stage_expect_output(stage, "! guest entry: " WAITS);
    assert_int_equal(stage_run(stage, "apply", GUEST, NULL), 0);
    stage_expect_status(stage, WAITS);
    stage_expect_late(stage, GUEST, WAITS);

    assert_int_equal(stage_run(stage, "apply", "--wait", COMMON, NULL), 0);
    stage_expect_converged(stage);
    stage_expect_serving(stage, "entry -[default wasi:http]-> guest-api: ok");

    assert_int_equal(stage_run(stage, "apply", LESS, NULL), 0);
    stage_expect_output(stage,
                        "common: application guest waits for what it does not run");
    assert_int_equal(stage_run(stage, "apply", "-o", "json", LESS, NULL), 0);
    stage_expect_output(stage, "\"users\":[\"guest\"]");
    assert_int_equal(stage_run(stage, "apply", "-o", "json", "--wait", COMMON, NULL), 0);
    stage_expect_output(stage, "\"users\":[]");
    stage_expect_converged(stage);

    assert_int_equal(stage_run(stage, "delete", "--wait", "common", NULL), 0);
    stage_expect_output(stage, "common: application guest uses it, and waits for it now");
    stage_expect_status(stage, WAITS);
    assert_int_equal(stage_run(stage, "apply", "--wait", COMMON, NULL), 0);
    stage_expect_converged(stage);
    assert_int_equal(stage_run(stage, "delete", "-o", "json", "common", NULL), 0);
    stage_expect_output(stage, "\"users\":[\"guest\"]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WASH_TEST(a_deploy_is_refused_as_wadm_does_while_something_is_missing),
        WASH_TEST(an_apply_waits_for_what_it_misses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
