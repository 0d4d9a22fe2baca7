#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>

#include <nats/nats.h>

#include "support_many.h"

/* Wait until about count commands were heard. */
static void await_commands(struct stage *stage, size_t count)
{
    const int64_t until = nats_Now() + STAGE_MS;

    while (reader_count(stage->reader, "") < count) {
        assert_true(nats_Now() < until);
    }
}

static void restart_server(struct stage *stage)
{
    server_kill(stage->server);
    process_expect_errors(stage->daemon, "not connected", STAGE_MS);
    server_restart(stage->server);
}

static void an_outage_when_all_is_done_sends_nothing(void **state)
{
    struct stage *stage = *state;

    stage_converge_quickstart(stage);
    reader_forget(stage->reader);
    restart_server(stage);
    stage_expect_converged(stage);
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    assert_string_equal(reader_commands(stage->reader), "");
}

static void an_outage_in_the_middle_delays_and_nothing_else(void **state)
{
    struct stage *stage = *state;
    char expected[32768];

    stage_simulate(stage, (const char *[]){"--delay", "20ms", NULL});
    many_write(stage);
    stage_daemon(stage);
    await_commands(stage, MANY + MANY / 2);
    restart_server(stage);
    reader_expect(stage->reader, many_world(expected, sizeof expected), STAGE_MS);
    stage_expect_converged(stage);
}

/* What was under way when the server went is no more what is wanted afterwards: were it
 * handed over late, the old image would be seen. */
static void no_stale_command_is_sent_after_an_outage(void **state)
{
    struct stage *stage = *state;

    stage_converge_quickstart(stage);
    server_kill(stage->server);
    process_expect_errors(stage->daemon, "not connected", STAGE_MS);
    stage_copy(stage, "quickstart.yaml", "e2e/quickstart-other.yaml");
    process_expect_errors(stage->daemon, "replaced", STAGE_MS);
    stage_copy(stage, "quickstart.yaml", "manifests/valid/quickstart.yaml");
    process_expect_errors_count(stage->daemon, "replaced", 2, STAGE_MS);
    reader_forget(stage->reader);
    server_restart(stage->server);
    stage_expect_converged(stage);
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    assert_string_equal(reader_commands(stage->reader), "");
}

static void a_daemon_killed_in_the_middle_goes_on_where_it_was(void **state)
{
    struct stage *stage = *state;
    char expected[32768];

    stage_simulate(stage, NULL);
    many_write(stage);
    stage_daemon(stage);
    await_commands(stage, MANY + MANY / 2);
    stage_crash_daemon(stage);
    reader_expect(stage->reader, many_world(expected, sizeof expected), STAGE_MS);
    stage_expect_converged(stage);
    /* What was done is not done again. */
    assert_in_range(reader_count(stage->reader, "config.put."), MANY, MANY);
}

static void a_daemon_killed_when_all_is_done_sends_nothing_again(void **state)
{
    struct stage *stage = *state;

    stage_converge_quickstart(stage);
    reader_forget(stage->reader);
    stage_crash_daemon(stage);
    process_expect_errors(stage->daemon, "connected", STAGE_MS);
    stage_expect_converged(stage);
    assert_string_equal(reader_commands(stage->reader), "");
    stage_end_daemon(stage);
}

static void a_second_daemon_on_the_same_store_is_refused(void **state)
{
    struct stage *stage = *state;

    stage_converge_quickstart(stage);
    assert_int_equal(stage_run(stage, "daemon", NULL), 6);
    stage_expect_errors(stage, stage->store);
    assert_true(process_is_running(stage->daemon));
}

static void a_second_daemon_on_the_same_lattice_is_refused_and_names_the_first(
    void **state)
{
    struct stage *stage = *state;
    char other[128];
    char number[32];

    stage_converge_quickstart(stage);
    (void)snprintf(other, sizeof other, "%s/other.db", stage->directory);
    assert_int_equal(stage_run(stage, "daemon", "--store", other, NULL), 6);
    stage_expect_errors(stage, "another trellis writes to this lattice");
    (void)snprintf(number, sizeof number, "process %d ", process_id(stage->daemon));
    stage_expect_errors(stage, number);
    assert_true(process_is_running(stage->daemon));
}

/* In which they end.  A busy machine may be late for that, and not so often in a row. */
#define END_MS   2000
#define LATE_MAX 4

/* Does it end in time? */
static bool ends_in_time(struct process *process, int number)
{
    const int64_t told_at = nats_Now();

    process_signal(process, number);
    assert_int_equal(process_wait(process, STAGE_MS), 0);
    return nats_Now() - told_at <= END_MS;
}

static void expect_clean_stop(struct stage *stage, int number)
{
    int late_count = 0;

    stage_converge_quickstart(stage);
    while (!ends_in_time(stage->daemon, number)) {
        assert_true(++late_count < LATE_MAX);
        stage_daemon(stage);
        stage_expect_converged(stage);
    }
    while (!ends_in_time(stage->simulator, number)) {
        assert_true(++late_count < LATE_MAX);
        process_free(stage->simulator);
        stage->simulator = NULL;
        stage_simulate(stage, NULL);
    }
}

static void sigterm_ends_daemon_and_simulator_within_two_seconds(void **state)
{
    expect_clean_stop(*state, SIGTERM);
}

static void sigint_ends_daemon_and_simulator_within_two_seconds(void **state)
{
    expect_clean_stop(*state, SIGINT);
}

static void a_daemon_stops_within_two_seconds_without_a_server(void **state)
{
    struct stage *stage = *state;
    int late_count = 0;

    stage_converge_quickstart(stage);
    server_kill(stage->server);
    process_expect_errors(stage->daemon, "not connected", STAGE_MS);
    while (!ends_in_time(stage->daemon, SIGTERM)) {
        assert_true(++late_count < LATE_MAX);
        stage_daemon(stage);
        process_expect_errors(stage->daemon, "no NATS server answers", STAGE_MS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(an_outage_when_all_is_done_sends_nothing),
        STAGE_TEST(an_outage_in_the_middle_delays_and_nothing_else),
        STAGE_TEST(no_stale_command_is_sent_after_an_outage),
        STAGE_TEST(a_daemon_killed_in_the_middle_goes_on_where_it_was),
        STAGE_TEST(a_daemon_killed_when_all_is_done_sends_nothing_again),
        STAGE_TEST(a_second_daemon_on_the_same_store_is_refused),
        STAGE_TEST(a_second_daemon_on_the_same_lattice_is_refused_and_names_the_first),
        STAGE_TEST(sigterm_ends_daemon_and_simulator_within_two_seconds),
        STAGE_TEST(sigint_ends_daemon_and_simulator_within_two_seconds),
        STAGE_TEST(a_daemon_stops_within_two_seconds_without_a_server),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
