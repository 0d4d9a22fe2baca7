#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "support_stage.h"

#define QUICKSTART "fixtures/manifests/valid/quickstart.yaml"
#define INVALID    "fixtures/manifests/invalid/unknown-target.yaml"

static const char planned[] =
    "  put-config hello_world-default_http  # missing\n"
    "  put-config hello_world-redis_url  # missing\n"
    "  put-link hello_world-http_component -[default wasi:keyvalue/atomics,store]-> "
    "hello_world-kvredis target config hello_world-redis_url  # missing\n"
    "  put-link hello_world-httpserver -[default wasi:http/incoming-handler]-> "
    "hello_world-http_component source config hello_world-default_http  # missing\n"
    "  start-provider hello_world-httpserver on ";

static void expect_plan(struct stage *stage)
{
    assert_int_equal(stage_run(stage, "plan", QUICKSTART, NULL), 0);
    assert_memory_equal(stage_output(stage), planned, strlen(planned));
    stage_expect_output(stage, "scale-component hello_world-http_component on ");
    stage_expect_output(stage, "  # 0 of 1 running\n");
    stage_expect_output(stage, "7 commands, 0 obstacles\n");
    assert_int_equal(stage_run(stage, "plan", "--check", QUICKSTART, NULL), 4);
}

static void a_plan_shows_each_command_with_its_reason_and_sends_none(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, NULL);
    expect_plan(stage);
    stage_daemon(stage);
    stage_expect_daemon(stage);
    stage_expect_status(stage, "lattice default: 3 hosts");
    expect_plan(stage);
    assert_string_equal(reader_commands(stage->reader), "");
    assert_int_equal(stage_run(stage, "status", NULL), 0);
    stage_expect_output(stage, "no applications");
}

static void a_plan_of_what_is_there_is_empty(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, NULL);
    assert_int_equal(stage_run(stage, "apply", "--wait", QUICKSTART, NULL), 0);
    reader_forget(stage->reader);
    assert_int_equal(stage_run(stage, "plan", "--check", QUICKSTART, NULL), 0);
    stage_expect_output(stage, "nothing to do\n");
    assert_string_equal(reader_commands(stage->reader), "");
}

static void validate_needs_nothing_but_the_file(void **state)
{
    struct stage *stage = *state;

    server_kill(stage->server);
    assert_int_equal(stage_run(stage, "validate", QUICKSTART, NULL), 0);
    assert_int_equal(stage_run(stage, "validate", QUICKSTART, INVALID, NULL), 3);
    stage_expect_output(stage, "unknown-target.yaml:17:21: error: ");
    assert_int_equal(
        stage_run(stage, "validate", "fixtures/manifests/valid/warnings.yaml", NULL), 0);
    assert_int_equal(stage_run(stage, "validate", "--strict",
                               "fixtures/manifests/valid/warnings.yaml", NULL),
                     3);
    assert_int_equal(stage_run(stage, "validate", "nowhere.yaml", NULL), 8);
    assert_int_equal(stage_run(stage, "validate", NULL), 2);
}

static void a_delete_without_hosts_records_the_wish_and_says_what_waits(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, (const char *[]){"--hosts", "1", NULL});
    stage_daemon(stage);
    stage_expect_daemon(stage);
    assert_int_equal(stage_run(stage, "apply", "--wait", QUICKSTART, NULL), 0);
    (void)stage_order(stage, "stop host-1");
    stage_expect_status(stage, "no hosts");
    reader_forget(stage->reader);

    assert_int_equal(stage_run(stage, "delete", "hello-world", NULL), 0);
    stage_expect_output(stage, "removal recorded");
    stage_expect_output(stage, "2 configs, 2 links");
    assert_string_equal(reader_commands(stage->reader), "");

    (void)stage_order(stage, "start host-2");
    reader_expect(stage->reader, "", STAGE_MS);
    assert_int_equal(reader_count(stage->reader, "config.del."), 2);
    assert_int_equal(reader_count(stage->reader, "link.del"), 2);
    assert_int_equal(reader_count(stage->reader, ""), 4);
}

/* With one command for each thing that is there. */
static void expect_removal(struct stage *stage)
{
    reader_forget(stage->reader);
    assert_int_equal(stage_run(stage, "delete", "hello-world", "--wait", NULL), 0);
    stage_expect_output(stage, "hello-world: removed by");
    reader_expect(stage->reader, "", STAGE_NOW_MS);
    assert_int_equal(reader_count(stage->reader, ""), 7);
    assert_int_equal(stage_run(stage, "status", NULL), 0);
    stage_expect_output(stage, "no applications");
    assert_int_equal(stage_run(stage, "delete", "hello-world", NULL), 8);
}

static void a_direct_delete_that_waits_removes_everything(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, NULL);
    assert_int_equal(stage_run(stage, "apply", "--wait", QUICKSTART, NULL), 0);
    expect_removal(stage);
}

static void a_direct_delete_looks_at_the_hosts_before_it_says_removed(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, NULL);
    assert_int_equal(
        stage_run(stage, "apply", "--wait", "fixtures/e2e/claim-left.yaml", NULL), 0);
    reader_forget(stage->reader);
    assert_int_equal(stage_run(stage, "delete", "left", "--wait", NULL), 0);
    stage_expect_output(stage, "left: removed by");
    reader_expect(stage->reader, "", STAGE_NOW_MS);
    assert_int_equal(reader_count(stage->reader, "component.scale."), 1);
}

static void a_delete_by_the_daemon_that_waits_removes_everything(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, NULL);
    stage_daemon(stage);
    stage_expect_daemon(stage);
    assert_int_equal(stage_run(stage, "apply", "--wait", QUICKSTART, NULL), 0);
    expect_removal(stage);
}

static void a_direct_delete_that_does_not_wait_sends_all_it_can(void **state)
{
    struct stage *stage = *state;

    /* The daemon sees the health checks, without which links would wait. */
    stage_converge_quickstart(stage);
    stage_end_daemon(stage);
    assert_int_equal(stage_run(stage, "delete", "hello-world", NULL), 0);
    reader_expect(stage->reader, "", STAGE_MS);
}

/* It is gone all the same, and nothing waits for the config that another one names. */
static void expect_kept_config(struct stage *stage)
{
    assert_int_equal(stage_run(stage, "apply", "--wait", "fixtures/scenarios/once.yaml",
                               "fixtures/scenarios/once-user.yaml", NULL),
                     0);
    reader_forget(stage->reader);
    assert_int_equal(stage_run(stage, "delete", "once", "--wait", NULL), 0);
    stage_expect_output(stage,
                        "once-settings: to be removed: kept, for user-api names it");
    reader_expect(stage->reader,
                  "component user-api on 1 hosts, 1 instances of registry.example/api:1\n"
                  "config once-settings {\"level\":\"low\"}\n",
                  STAGE_NOW_MS);
    assert_int_equal(reader_count(stage->reader, ""), 2);

    assert_int_equal(stage_run(stage, "delete", "user", "--wait", NULL), 0);
    stage_expect_output(stage, "user: removed by");
    reader_expect(stage->reader, "", STAGE_MS);
    assert_int_equal(reader_count(stage->reader, "config.del.once-settings"), 1);
}

static void a_direct_delete_tells_of_a_config_that_others_name(void **state)
{
    stage_simulate(*state, NULL);
    expect_kept_config(*state);
}

static void a_delete_by_the_daemon_tells_of_a_config_that_others_name(void **state)
{
    stage_simulate(*state, NULL);
    stage_daemon(*state);
    stage_expect_daemon(*state);
    expect_kept_config(*state);
}

/* host-1 cannot fetch what the quickstart's component runs, nor can the others. */
static void expect_explanations(struct stage *stage, bool has_daemon)
{
    static const char *const keys[] = {
        "hello-world/http-component",
        "hello_world-http_component",
        "component http-component",
    };

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        assert_int_equal(stage_run(stage, "explain", keys[i], NULL), 0);
        stage_expect_output(stage, "component hello_world-http_component: ");
        stage_expect_output(stage, "  wanted ");
        stage_expect_output(stage, ", for hello-world (");
        stage_expect_output(stage, " not there\n");
    }
    if (has_daemon) {
        stage_expect_output(stage, "no such image");
        stage_expect_output(stage, "scale-component hello_world-http_component on ");
    }
    assert_int_equal(stage_run(stage, "explain", "httpserver -> http-component", NULL),
                     0);
    stage_expect_output(stage, "link hello_world-httpserver -[default wasi:http]-> "
                               "hello_world-http_component: deployed");
    assert_int_equal(stage_run(stage, "explain", "config", "hello_world-redis_url", NULL),
                     0);
    stage_expect_output(stage, "there, with this content");
    assert_null(strstr(stage_output(stage), "redis://"));
    assert_int_equal(stage_run(stage, "explain", "host-1", NULL), 0);
    stage_expect_output(stage, ": up\n");
    assert_int_equal(stage_run(stage, "explain", "hello-world", NULL), 0);
    stage_expect_output(stage, "application hello-world: ");
    assert_int_equal(
        stage_run(stage, "explain", "links", "http-component", "-o", "json", NULL), 0);
    stage_expect_output(stage, "\"matches\":[{\"kind\":\"link\",");
    stage_expect_output(stage, "\"status\":\"deployed\"");
    assert_int_equal(stage_run(stage, "explain", "http-componant", NULL), 8);
    stage_expect_errors(stage, "did you mean 'http-component'?");
    assert_int_equal(stage_run(stage, "explain", "-o", "json", "quite else", NULL), 8);
    stage_expect_output(stage, "\"code\":\"not-found\"");
    assert_int_equal(stage_run(stage, "explain", NULL), 2);
}

static void everything_is_explained_with_and_without_a_daemon(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, NULL);
    (void)stage_order(stage, "refuse ghcr.io/wasmcloud/components/http-hello-world-"
                             "rust:0.1.0 failed to fetch: no such image");
    stage_daemon(stage);
    stage_expect_daemon(stage);
    assert_int_equal(stage_run(stage, "apply", QUICKSTART, NULL), 0);
    stage_expect_status(stage, "no such image (");
    expect_explanations(stage, true);
    assert_int_equal(stage_run(stage, "explain", "-o", "json", "host-1", NULL), 0);
    stage_expect_output(stage, "\"server\":\"daemon\"");
    stage_end_daemon(stage);
    expect_explanations(stage, false);
    assert_int_equal(stage_run(stage, "explain", "-o", "json", "host-1", NULL), 0);
    stage_expect_output(stage, "\"server\":\"store\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(a_plan_shows_each_command_with_its_reason_and_sends_none),
        STAGE_TEST(a_plan_of_what_is_there_is_empty),
        STAGE_TEST(validate_needs_nothing_but_the_file),
        STAGE_TEST(a_delete_without_hosts_records_the_wish_and_says_what_waits),
        STAGE_TEST(a_direct_delete_that_waits_removes_everything),
        STAGE_TEST(a_direct_delete_looks_at_the_hosts_before_it_says_removed),
        STAGE_TEST(a_delete_by_the_daemon_that_waits_removes_everything),
        STAGE_TEST(a_direct_delete_that_does_not_wait_sends_all_it_can),
        STAGE_TEST(a_direct_delete_tells_of_a_config_that_others_name),
        STAGE_TEST(a_delete_by_the_daemon_tells_of_a_config_that_others_name),
        STAGE_TEST(everything_is_explained_with_and_without_a_daemon),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
