#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "support_stage.h"

#define QUICKSTART "fixtures/manifests/valid/quickstart.yaml"

/* The lattice has an account with JetStream; ops has one without, which may talk to its
 * hosts; meek may do everything but make the buckets, and asking all but use JetStream.
 */
static const char accounts[] =
    "accounts {\n"
    "  LATTICE {jetstream: enabled, users: [\n"
    "    {user: all, password: x},\n"
    "    {user: meek, password: x, permissions: {publish: {deny: [\n"
    "      \"$JS.API.STREAM.CREATE.KV_LATTICEDATA_default\",\n"
    "      \"$JS.API.STREAM.CREATE.KV_CONFIGDATA_default\"]}}},\n"
    "    {user: asking, password: x,\n"
    "     permissions: {publish: {deny: \"$JS.API.>\"}}}],\n"
    "    exports: [{service: \"wasmbus.ctl.>\", response_type: stream},\n"
    "      {stream: \"wasmbus.evt.>\"}]}\n"
    "  OPS {users: [{user: ops, password: x}],\n"
    "    imports: [{service: {account: LATTICE, subject: \"wasmbus.ctl.>\"}},\n"
    "      {stream: {account: LATTICE, subject: \"wasmbus.evt.>\"}}]}\n"
    "}\n"
    "no_auth_user: all\n";

static int setup(void **state)
{
    *state = stage_start_with(
        &(struct server_options){.has_jetstream = true, .config = accounts});
    return 0;
}

/* The server's address with a user, as one argument. */
static const char *address_of(const struct stage *stage, const char *user, char *ret_url,
                              size_t size)
{
    (void)snprintf(ret_url, size, "nats://%s:x@%s", user,
                   server_host_port(stage->server));
    return ret_url;
}

static void an_account_without_jetstream_lives_on_what_hosts_tell(void **state)
{
    struct stage *stage = *state;
    char url[256];

    stage_simulate(stage, NULL);
    assert_int_equal(stage_run(stage, "apply", "--wait", "--timeout", "60s", "--server",
                               address_of(stage, "ops", url, sizeof url), QUICKSTART,
                               NULL),
                     0);
    stage_expect_errors(stage, "the lattice is seen slowly");
    reader_expect(stage->reader, stage_quickstart, STAGE_NOW_MS);
    assert_int_equal(reader_count(stage->reader, ""), 7);

    reader_forget(stage->reader);
    assert_int_equal(stage_run(stage, "status", "--check", "--server",
                               address_of(stage, "ops", url, sizeof url), NULL),
                     0);
    assert_string_equal(reader_commands(stage->reader), "");
}

static void lost_buckets_are_made_again_and_filled(void **state)
{
    struct stage *stage = *state;

    stage_converge_quickstart(stage);
    (void)stage_order(stage, "lose-buckets");
    process_expect_errors(stage->daemon, "make-bucket LATTICEDATA", STAGE_MS);
    process_expect_errors(stage->daemon, "make-bucket CONFIGDATA", STAGE_MS);
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    stage_expect_converged(stage);
}

static void who_may_not_make_buckets_is_told_which_right_is_missing(void **state)
{
    struct stage *stage = *state;
    struct process *apply;
    char url[256];

    stage_simulate(stage, NULL);
    (void)stage_order(stage, "lose-buckets");
    apply =
        stage_start_verb(stage, "apply", "--wait", "--server",
                         address_of(stage, "meek", url, sizeof url), QUICKSTART, NULL);
    process_expect_errors(apply, "$JS.API.STREAM.CREATE.KV_LATTICEDATA_default",
                          STAGE_MS);
    process_signal(apply, SIGINT);
    assert_int_equal(process_wait(apply, STAGE_MS), 5);
    stage_expect_errors(stage, "it could not be made");
    assert_string_equal(reader_commands(stage->reader), "");
}

/* It works, more slowly, and says what would make it faster. */
static void who_may_not_use_jetstream_is_told_which_right_is_missing(void **state)
{
    static const char missing[] = "$JS.API.STREAM.INFO.KV_LATTICEDATA_default";
    struct stage *stage = *state;
    char url[256];

    stage_simulate(stage, NULL);
    (void)address_of(stage, "asking", url, sizeof url);
    assert_int_equal(
        stage_run(stage, "apply", "--wait", "--server", url, QUICKSTART, NULL), 0);
    stage_expect_errors(stage, "the lattice is seen slowly");
    stage_expect_errors(stage, missing);
    stage_expect_errors(stage, "no lease");
    reader_expect(stage->reader, stage_quickstart, STAGE_NOW_MS);
    assert_int_equal(stage_run(stage, "status", "--check", "--server", url, NULL), 0);
    stage_expect_errors(stage, missing);
    stage_expect_output(stage, "deployed");

    stage_daemon_with(stage, (const char *[]){"--server", url, NULL});
    stage_expect_daemon(stage);
    process_expect_errors(stage->daemon, missing, STAGE_MS);
    process_expect_errors(stage->daemon, "no lease", STAGE_MS);
    stage_expect_converged(stage);
    (void)stage_order(stage,
                      "drop-link hello_world-httpserver hello_world-http_component");
    process_expect_errors(stage->daemon, "put-link", STAGE_MS);
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
}

#define RIGHTS_TEST(name) cmocka_unit_test_setup_teardown(name, setup, stage_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIGHTS_TEST(an_account_without_jetstream_lives_on_what_hosts_tell),
        RIGHTS_TEST(lost_buckets_are_made_again_and_filled),
        RIGHTS_TEST(who_may_not_make_buckets_is_told_which_right_is_missing),
        RIGHTS_TEST(who_may_not_use_jetstream_is_told_which_right_is_missing),
    };

    return cmocka_run_group_tests_name("e2e rights", tests, NULL, NULL);
}
