#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support_stage.h"

#define QUICKSTART "fixtures/manifests/valid/quickstart.yaml"
#define PASSWORD   "hunter2-is-secret"

static void a_server_that_is_not_there_is_named_with_what_to_check(void **state)
{
    static const char *const verbs[] = {"apply", "plan"};
    struct stage *stage = *state;

    server_kill(stage->server);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        assert_int_equal(stage_run(stage, verbs[i], QUICKSTART, NULL), 7);
        stage_expect_errors(stage, server_url(stage->server));
        stage_expect_errors(stage, "is it running, and is this its host and port?");
    }
    assert_int_equal(stage_run(stage, "status", NULL), 7);
    assert_int_equal(stage_run(stage, "delete", "hello-world", NULL), 7);
}

static void an_address_that_is_none_is_wrong_usage(void **state)
{
    struct stage *stage = *state;

    assert_int_equal(stage_run(stage, "status", "--server", "http://localhost", NULL), 2);
    stage_expect_errors(stage, "'http://localhost' is no address of a NATS server");
    assert_int_equal(
        stage_run(stage, "status", "--server", "nats://localhost:70000", NULL), 2);
    stage_expect_errors(stage, "nats://localhost:70000");
}

static void a_daemon_without_a_server_waits_for_it(void **state)
{
    struct stage *stage = *state;

    server_kill(stage->server);
    stage_copy(stage, "quickstart.yaml", "manifests/valid/quickstart.yaml");
    stage_daemon(stage);
    process_expect_errors(stage->daemon, "no NATS server answers", STAGE_MS);
    server_restart(stage->server);
    stage_simulate(stage, NULL);
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
}

static int setup_without_jetstream(void **state)
{
    *state = stage_start_with(&(struct server_options){.has_jetstream = false});
    return 0;
}

static void a_server_without_jetstream_is_said_to_be_one(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, NULL);
    process_expect_errors(stage->simulator, "the NATS server has no JetStream", STAGE_MS);
    stage_daemon(stage);
    process_expect_errors(stage->daemon,
                          "bucket 'LATTICEDATA_default' cannot be followed: JetStream is "
                          "not enabled at the server",
                          STAGE_MS);
    stage_expect_daemon(stage);
    stage_expect_late(stage, QUICKSTART, "JetStream is not enabled at the server");
    assert_int_equal(stage_run(stage, "status", "--check", NULL), 4);
    stage_expect_output(stage, "JetStream is not enabled at the server");
    assert_string_equal(reader_commands(stage->reader), "");
}

/* The one for all that is not tested, one who may ask and not change anything, one who
 * may not even ask for hosts, one who is not told of events. */
static const char users[] =
    "authorization { users [\n"
    "  {user: all, password: \"" PASSWORD "\"}\n"
    "  {user: timid, password: \"" PASSWORD "\", permissions: {publish: {allow: [\n"
    "    \"_INBOX.>\", \"wasmbus.ctl.v1.default.host.>\", \"$JS.>\", \"trellis.>\"]}}}\n"
    "  {user: mute, password: \"" PASSWORD "\", permissions: {publish: {deny: [\n"
    "    \"wasmbus.ctl.>\"]}}}\n"
    "  {user: deaf, password: \"" PASSWORD "\", permissions: {subscribe: {deny: [\n"
    "    \"wasmbus.evt.>\"]}}}\n"
    "] }\n"
    "no_auth_user: all\n";

static int setup_with_users(void **state)
{
    *state = stage_start_with(
        &(struct server_options){.has_jetstream = true, .config = users});
    return 0;
}

/* The server's address with a user, as one argument. */
static const char *address_of(const struct stage *stage, const char *user,
                              const char *password, char *ret_url, size_t size)
{
    (void)snprintf(ret_url, size, "nats://%s:%s@%s", user, password,
                   server_host_port(stage->server));
    return ret_url;
}

static void a_user_who_may_not_publish_is_told_the_subject(void **state)
{
    struct stage *stage = *state;
    char url[256];

    stage_simulate(stage, NULL);
    assert_int_equal(stage_run(stage, "apply", "--server",
                               address_of(stage, "timid", PASSWORD, url, sizeof url),
                               QUICKSTART, NULL),
                     1);
    stage_expect_errors(stage, "check the permissions of this user");
    stage_expect_errors(stage, "wasmbus.ctl.v1.default.config.put.hello_world-redis_url");
    assert_null(strstr(stage_errors(stage), PASSWORD));
    reader_expect(stage->reader, "", STAGE_NOW_MS);
}

static void a_lattice_whose_hosts_may_not_be_asked_is_not_taken_for_empty(void **state)
{
    struct stage *stage = *state;
    char url[256];

    stage_simulate(stage, NULL);
    assert_int_equal(stage_run(stage, "apply", "--timeout", "4s", "--server",
                               address_of(stage, "mute", PASSWORD, url, sizeof url),
                               QUICKSTART, NULL),
                     5);
    stage_expect_errors(stage, "wasmbus.ctl.v1.default.host.ping");
    assert_null(strstr(stage_errors(stage), "no hosts"));
    reader_expect(stage->reader, "", STAGE_NOW_MS);
}

static void a_user_who_may_not_subscribe_is_told_the_subject(void **state)
{
    struct stage *stage = *state;
    char url[256];

    stage_simulate(stage, NULL);
    assert_int_equal(stage_run(stage, "apply", "--wait", "--server",
                               address_of(stage, "deaf", PASSWORD, url, sizeof url),
                               QUICKSTART, NULL),
                     0);
    stage_expect_errors(stage, "wasmbus.evt.default.>");
    stage_expect_errors(stage, "check the permissions of this user");
    reader_expect(stage->reader, stage_quickstart, STAGE_NOW_MS);
}

static void a_wrong_password_is_refused_and_never_shown(void **state)
{
    struct stage *stage = *state;
    char url[256];

    (void)address_of(stage, "timid", "not-" PASSWORD, url, sizeof url);
    assert_int_equal(stage_run(stage, "apply", "--server", url, QUICKSTART, NULL), 7);
    stage_expect_errors(stage, "password, token or key is right");
    assert_null(strstr(stage_errors(stage), PASSWORD));
    assert_int_equal(stage_run(stage, "status", "--server", url, "-v", NULL), 7);
    assert_null(strstr(stage_errors(stage), PASSWORD));
}

static void expect_no_secret(struct process *process)
{
    assert_null(strstr(process_output(process), PASSWORD));
    assert_null(strstr(process_errors(process), PASSWORD));
}

/* Everything that is ever said, with -v, of a lattice in which the password is the
 * server's, and a config value. */
static void secrets_are_never_said(void **state)
{
    struct stage *stage = *state;
    char url[256];
    char path[256];

    stage_simulate(stage, NULL);
    stage_copy(stage, "secret.yaml", "e2e/secret.yaml");
    (void)stage_path(stage, "secret.yaml", path, sizeof path);
    (void)address_of(stage, "all", PASSWORD, url, sizeof url);
    stage->daemon = process_start((const char *[]){
        stage->trellis, "daemon", "-v", "--server", url, "--store", stage->store, NULL});
    stage_expect_daemon(stage);
    stage_expect_status(stage, "lattice default: 3 hosts");
    assert_int_equal(stage_run(stage, "plan", "-s", url, "-v", path, NULL), 0);
    stage_expect_output(stage, "put-config secret-settings");
    assert_int_equal(stage_run(stage, "plan", "-s", url, "-o", "json", path, NULL), 0);
    assert_int_equal(stage_run(stage, "apply", "-s", url, "-v", "--wait", path, NULL), 0);
    reader_expect_line(stage->reader, "config secret-settings {\"password\":\"" PASSWORD,
                       STAGE_MS);
    assert_int_equal(stage_run(stage, "status", "-s", url, "-v", NULL), 0);
    assert_int_equal(stage_run(stage, "status", "-s", url, "-o", "json", NULL), 0);
    server_kill(stage->server);
    process_expect_errors(stage->daemon, "not connected", STAGE_MS);
    assert_int_equal(stage_run(stage, "status", "-s", url, NULL), 7);
    for (size_t i = 0; i < stage->runs_count; i++) {
        expect_no_secret(stage->runs[i]);
    }
    expect_no_secret(stage->daemon);
    expect_no_secret(stage->simulator);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(a_server_that_is_not_there_is_named_with_what_to_check),
        STAGE_TEST(an_address_that_is_none_is_wrong_usage),
        STAGE_TEST(a_daemon_without_a_server_waits_for_it),
        cmocka_unit_test_setup_teardown(a_server_without_jetstream_is_said_to_be_one,
                                        setup_without_jetstream, stage_teardown),
        cmocka_unit_test_setup_teardown(a_user_who_may_not_publish_is_told_the_subject,
                                        setup_with_users, stage_teardown),
        cmocka_unit_test_setup_teardown(
            a_lattice_whose_hosts_may_not_be_asked_is_not_taken_for_empty,
            setup_with_users, stage_teardown),
        cmocka_unit_test_setup_teardown(a_user_who_may_not_subscribe_is_told_the_subject,
                                        setup_with_users, stage_teardown),
        cmocka_unit_test_setup_teardown(a_wrong_password_is_refused_and_never_shown,
                                        setup_with_users, stage_teardown),
        cmocka_unit_test_setup_teardown(secrets_are_never_said, setup_with_users,
                                        stage_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
