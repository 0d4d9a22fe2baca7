#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "support_stage.h"

/* Order something of the only host that runs id. */
static void order_where(struct stage *stage, const char *verb, const char *id,
                        char *ret_name, size_t size)
{
    char order[128];

    reader_where(stage->reader, id, ret_name, size);
    assert_true(ret_name[0] != '\0');
    (void)snprintf(order, sizeof order, "%s %s", verb, ret_name);
    (void)stage_order(stage, order);
}

/* After four heartbeats it is known when the next one is late; under load some come
 * closer together than what counts as an interval. */
static void learn_heartbeats(void)
{
    (void)poll(NULL, 0, 4000);
}

static void the_components_of_a_killed_host_move(void **state)
{
    struct stage *stage = *state;
    char before[64];
    char after[64];

    stage_converge_quickstart(stage);
    reader_forget(stage->reader);
    learn_heartbeats();
    order_where(stage, "kill", "hello_world-http_component", before, sizeof before);
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    reader_where(stage->reader, "hello_world-http_component", after, sizeof after);
    assert_string_not_equal(before, after);
    stage_expect_serving(stage, STAGE_SERVES);
    stage_expect_converged(stage);
    assert_int_equal(reader_count(stage->reader, "component.scale."), 1);
    assert_int_equal(reader_count(stage->reader, ""), 1);
}

static void the_providers_of_a_stopped_host_move(void **state)
{
    struct stage *stage = *state;
    char before[64];
    char after[64];

    stage_converge_quickstart(stage);
    order_where(stage, "stop", "hello_world-httpserver", before, sizeof before);
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    reader_where(stage->reader, "hello_world-httpserver", after, sizeof after);
    assert_string_not_equal(before, after);
    stage_expect_serving(stage, STAGE_SERVES);
    stage_expect_converged(stage);
}

static void a_lattice_without_hosts_waits_for_one(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, (const char *[]){"--hosts", "0", NULL});
    stage_copy(stage, "quickstart.yaml", "manifests/valid/quickstart.yaml");
    stage_daemon(stage);
    process_expect_errors(stage->daemon, "applied", STAGE_MS);
    stage_expect_daemon(stage);
    assert_int_equal(stage_run(stage, "status", "--check", NULL), 4);
    assert_string_equal(reader_commands(stage->reader), "");

    (void)stage_order(stage, "start late-1");
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    stage_expect_converged(stage);
}

static void nothing_is_deleted_while_the_last_host_is_away(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, (const char *[]){"--hosts", "1", NULL});
    stage_copy(stage, "quickstart.yaml", "manifests/valid/quickstart.yaml");
    stage_daemon(stage);
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    stage_expect_converged(stage);
    reader_forget(stage->reader);
    learn_heartbeats();

    (void)stage_order(stage, "kill host-1");
    stage_expect_status(stage, "no host");
    assert_string_equal(reader_commands(stage->reader), "");

    (void)stage_order(stage, "start host-1");
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    stage_expect_converged(stage);
    assert_int_equal(reader_count(stage->reader, "link."), 0);
    assert_int_equal(reader_count(stage->reader, "config."), 0);
    assert_int_equal(reader_count(stage->reader, ""), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(the_components_of_a_killed_host_move),
        STAGE_TEST(the_providers_of_a_stopped_host_move),
        STAGE_TEST(a_lattice_without_hosts_waits_for_one),
        STAGE_TEST(nothing_is_deleted_while_the_last_host_is_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
