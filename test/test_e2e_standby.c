/*
 * Two daemons on one lattice: the second leaves, or stands by and takes over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <nats/nats.h>

#include "support_stage.h"

/* What design promises, from the death of the first to the first repair of the second. */
#define TAKE_OVER_MS 20000

/* A second daemon beside the stage's, on the store at path. */
static struct process *start_second(struct stage *stage, const char *path,
                                    const char *more)
{
    const char *const words[] = {
        stage->trellis, "daemon", "--server", server_url(stage->server),
        "--store",      path,     "--http",   "off",
        more,           NULL};

    return process_start(words);
}

static void expect_repair(struct stage *stage)
{
    (void)stage_order(stage,
                      "drop-link hello_world-httpserver hello_world-http_component");
    reader_expect(stage->reader, stage_quickstart, TAKE_OVER_MS);
}

/* It is killed, and its lease has to expire. */
static void the_same_store_is_taken_over_when_its_daemon_is_killed(void **state)
{
    struct stage *stage = *state;
    struct process *second;
    int64_t killed_at;

    stage_converge_quickstart(stage);
    second = start_second(stage, stage->store, "--standby");
    process_expect_errors(second, "standing by while another writes: process", STAGE_MS);
    process_kill(stage->daemon);
    killed_at = nats_Now();
    process_free(stage->daemon);
    stage->daemon = NULL;
    expect_repair(stage);
    assert_true(nats_Now() - killed_at <= TAKE_OVER_MS);
    assert_int_equal(process_end(second, STAGE_MS), 0);
    process_free(second);
}

/* It ends, and gives its lease back. */
static void a_copy_is_enough(void **state)
{
    struct stage *stage = *state;
    struct process *second;
    char path[128];

    stage_converge_quickstart(stage);
    (void)snprintf(path, sizeof path, "%s/copy.db", stage->directory);
    assert_int_equal(stage_run(stage, "store", "backup", path, NULL), 0);

    /* without --standby it leaves */
    second = start_second(stage, path, NULL);
    assert_int_equal(process_wait(second, STAGE_MS), 6);
    process_free(second);

    second = start_second(stage, path, "--standby");
    process_expect_errors(second, "standing by while another writes: process", STAGE_MS);
    stage_end_daemon(stage);
    expect_repair(stage);
    assert_int_equal(process_end(second, STAGE_MS), 0);
    process_free(second);
    (void)remove(path);
}

static void who_stands_by_ends_when_told(void **state)
{
    struct stage *stage = *state;
    struct process *second;

    stage_converge_quickstart(stage);
    second = start_second(stage, stage->store, "--standby");
    process_expect_errors(second, "standing by", STAGE_MS);
    assert_int_equal(process_end(second, STAGE_MS), 0);
    process_free(second);
    stage_expect_converged(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(the_same_store_is_taken_over_when_its_daemon_is_killed),
        STAGE_TEST(a_copy_is_enough),
        STAGE_TEST(who_stands_by_ends_when_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
