#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "support_stage.h"

#define QUICKSTART "fixtures/manifests/valid/quickstart.yaml"
#define NEXT       "fixtures/e2e/quickstart-other.yaml" /* the same with ... */
#define NEXT_IMAGE "ghcr.io/wasmcloud/components/http-hello-world-rust:0.2.0"
#define INVALID    "fixtures/manifests/invalid/unknown-target.yaml"

static void a_direct_apply_says_so_and_returns_when_all_was_sent(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, NULL);
    assert_int_equal(stage_run(stage, "apply", QUICKSTART, NULL), 0);
    stage_expect_output(stage, "hello-world v0.0.1: created (revision 1)\n");
    stage_expect_output(stage, "no daemon answers: applied directly, 7 commands sent\n");
    reader_expect(stage->reader, stage_quickstart, STAGE_MS); /* nobody sends any more */
    assert_int_equal(reader_count(stage->reader, ""), 7);

    reader_forget(stage->reader);
    assert_int_equal(stage_run(stage, "apply", QUICKSTART, NULL), 0);
    stage_expect_output(stage, "unchanged (revision 1)\n");
    stage_expect_output(stage, "applied directly, 0 commands sent\n");
    assert_string_equal(reader_commands(stage->reader), "");
}

static void a_direct_apply_that_waits_returns_when_nothing_differs(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, NULL);
    assert_int_equal(stage_run(stage, "apply", "--wait", QUICKSTART, NULL), 0);
    reader_expect(stage->reader, stage_quickstart, STAGE_NOW_MS);
    assert_int_equal(stage_run(stage, "status", "--check", NULL), 0);

    reader_forget(stage->reader);
    assert_int_equal(stage_run(stage, "apply", "--wait", QUICKSTART, NULL), 0);
    assert_string_equal(reader_commands(stage->reader), "");
}

static void an_apply_by_the_daemon_says_so_and_sends_nothing_twice(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, NULL);
    stage_daemon(stage);
    stage_expect_daemon(stage);
    assert_int_equal(stage_run(stage, "apply", "--wait", QUICKSTART, NULL), 0);
    stage_expect_output(stage, "applied by the daemon of this lattice\n");
    reader_expect(stage->reader, stage_quickstart, STAGE_NOW_MS);

    reader_forget(stage->reader);
    assert_int_equal(stage_run(stage, "apply", "--wait", QUICKSTART, NULL), 0);
    stage_expect_output(stage, "unchanged");
    assert_string_equal(reader_commands(stage->reader), "");
}

/* Nothing becomes of it, with a daemon or without one. */
static void expect_dry_run(struct stage *stage, const char *file, const char *change)
{
    assert_int_equal(stage_run(stage, "apply", "--dry-run", "--wait", file, NULL), 0);
    stage_expect_output(stage, change);
    stage_expect_output(stage, "nothing was stored: this was a dry run\n");
    assert_string_equal(reader_commands(stage->reader), "");
}

static void an_apply_that_is_tried_stores_and_sends_nothing(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, NULL);
    expect_dry_run(stage, QUICKSTART, "hello-world v0.0.1: created");
    expect_dry_run(stage, QUICKSTART, "hello-world v0.0.1: created");
    assert_int_equal(stage_run(stage, "apply", "--wait", QUICKSTART, NULL), 0);
    reader_forget(stage->reader);
    expect_dry_run(stage, NEXT, "hello-world v0.0.1: replaced");
    stage_daemon(stage);
    stage_expect_daemon(stage);
    expect_dry_run(stage, NEXT, "hello-world v0.0.1: replaced");
    assert_int_equal(stage_run(stage, "apply", "--dry-run", INVALID, NULL), 3);
}

static void an_apply_on_conditions_is_refused_when_they_are_not_so(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, NULL);
    assert_int_equal(
        stage_run(stage, "apply", "--if-version", "hello-world=v0.0.1", QUICKSTART, NULL),
        6);
    stage_expect_errors(stage, "'hello-world' is not as it was expected to be: there is");
    assert_int_equal(
        stage_run(stage, "apply", "--if-version", "hello-world=", QUICKSTART, NULL), 0);
    stage_daemon(stage);
    stage_expect_daemon(stage);
    assert_int_equal(
        stage_run(stage, "apply", "--if-version", "hello-world=", NEXT, NULL), 6);
    stage_expect_errors(stage, "its newest version is v0.0.1");
    assert_int_equal(
        stage_run(stage, "apply", "--if-digest", "hello-world=0f", NEXT, NULL), 6);
    assert_int_equal(stage_run(stage, "apply", "--wait", "--if-version",
                               "hello-world=v0.0.1", NEXT, NULL),
                     0);
}

static void a_status_of_some_states_is_of_these_alone(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, NULL);
    assert_int_equal(stage_run(stage, "apply", "--wait", QUICKSTART, NULL), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(stage_run(stage, "status", "--state", "failed", NULL), 0);
        assert_null(strstr(stage_output(stage), "hello-world"));
        assert_int_equal(stage_run(stage, "status", "--check", "--state", "deployed",
                                   "--state", "failed", NULL),
                         0);
        stage_expect_output(stage, "hello-world v0.0.1");
        if (i == 0) { /* then of the daemon */
            stage_daemon(stage);
            stage_expect_daemon(stage);
            stage_expect_converged(stage);
        }
    }
}

static void what_the_daemon_has_acknowledged_outlives_it(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, NULL);
    stage_daemon(stage);
    stage_expect_daemon(stage);
    assert_int_equal(stage_run(stage, "apply", QUICKSTART, NULL), 0);
    stage_crash_daemon(stage);
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    stage_expect_converged(stage);
}

static void apply_as_json_is_one_object(void **state)
{
    struct stage *stage = *state;
    json_t *report;

    stage_simulate(stage, NULL);
    assert_int_equal(stage_run(stage, "apply", "-o", "json", QUICKSTART, NULL), 0);
    report = json_loads(stage_output(stage), 0, NULL);
    assert_string_equal(json_string_value(json_object_get(report, "by")), "direct");
    json_decref(report);
}

static void an_apply_that_waits_gives_up_in_time(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, (const char *[]){"--hosts", "0", NULL});
    assert_int_equal(
        stage_run(stage, "apply", "--wait", "--timeout", "5s", QUICKSTART, NULL), 5);
    stage_expect_errors(stage, "application hello-world is waiting");
    stage_daemon(stage);
    stage_expect_daemon(stage);
    assert_int_equal(
        stage_run(stage, "apply", "--wait", "--timeout", "5s", QUICKSTART, NULL), 5);
    stage_expect_errors(stage, "application hello-world is waiting");
    assert_string_equal(reader_commands(stage->reader), "");
}

static void an_image_that_cannot_be_fetched_is_named(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, NULL);
    (void)stage_order(stage, "refuse ghcr.io/wasmcloud/http-server:0.22.0 no such image");
    assert_int_equal(stage_run(stage, "apply", QUICKSTART, NULL), 1);
    stage_expect_errors(stage, "httpserver");
    stage_expect_errors(stage, "no such image");
    assert_int_equal(stage_run(stage, "status", NULL), 0);

    (void)stage_order(stage, "accept ghcr.io/wasmcloud/http-server:0.22.0");
    assert_int_equal(stage_run(stage, "apply", "--wait", QUICKSTART, NULL), 0);
    reader_expect(stage->reader, stage_quickstart, STAGE_NOW_MS);
}

static void an_upgrade_that_fails_says_so_and_leaves_what_ran(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, NULL);
    assert_int_equal(stage_run(stage, "apply", "--wait", QUICKSTART, NULL), 0);
    (void)stage_order(stage, "refuse " NEXT_IMAGE " no such image");
    assert_int_equal(stage_run(stage, "apply", NEXT, NULL), 1);
    stage_expect_errors(stage, "rollout halted: ");
    stage_expect_errors(stage, "no such image");
    assert_int_equal(stage_run(stage, "apply", "--wait", QUICKSTART, NULL), 0);
    reader_expect(stage->reader, stage_quickstart, STAGE_NOW_MS);
}

static void an_invalid_manifest_is_refused_with_all_its_places(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, NULL);
    for (int turn = 0; turn < 2; turn++) {
        assert_int_equal(stage_run(stage, "apply", QUICKSTART, INVALID, NULL), 3);
        stage_expect_errors(stage, "unknown-target.yaml:17:21: error: ");
        stage_expect_errors(stage, "unknown-target.yaml:37:28: error: ");
        if (turn == 0) {
            stage_daemon(stage);
            stage_expect_daemon(stage);
        }
    }
    assert_int_equal(stage_run(stage, "status", NULL), 0);
    stage_expect_output(stage, "no applications");
    assert_string_equal(reader_commands(stage->reader), "");
}

static void two_applications_that_claim_one_id_are_refused_with_both_places(void **state)
{
    struct stage *stage = *state;
    char left[256];
    char right[256];

    stage_simulate(stage, NULL);
    stage_copy(stage, "left.yaml", "e2e/claim-left.yaml");
    stage_copy(stage, "right.yaml", "e2e/claim-right.yaml");
    assert_int_equal(
        stage_run(stage, "apply", stage_path(stage, "left.yaml", left, sizeof left),
                  stage_path(stage, "right.yaml", right, sizeof right), NULL),
        6);
    stage_expect_errors(stage, "left.yaml:");
    stage_expect_errors(stage, "right.yaml:");
    assert_string_equal(reader_commands(stage->reader), "");
}

static void wrong_usage_and_missing_files_have_codes_of_their_own(void **state)
{
    struct stage *stage = *state;

    assert_int_equal(stage_run(stage, "apply", NULL), 2);
    assert_int_equal(stage_run(stage, "apply", "--frobnicate", QUICKSTART, NULL), 2);
    assert_int_equal(stage_run(stage, "apply", "--timeout", "soon", QUICKSTART, NULL), 2);
    assert_int_equal(stage_run(stage, "apply", "nowhere.yaml", NULL), 8);
    stage_expect_errors(stage, "nowhere.yaml");
}

static void a_relative_file_image_is_found_from_the_manifest(void **state)
{
    struct stage *stage = *state;
    char path[256];
    char image[512];

    stage_simulate(stage, NULL);
    stage_copy(stage, "local.yaml", "e2e/local-image.yaml");
    assert_int_equal(stage_run(stage, "apply", "--wait",
                               stage_path(stage, "local.yaml", path, sizeof path), NULL),
                     0);
    (void)snprintf(image, sizeof image,
                   "component local-web on 1 hosts, 1 instances of "
                   "file://%s/build/web_s.wasm\n",
                   stage->manifests);
    reader_expect(stage->reader, image, STAGE_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(a_direct_apply_says_so_and_returns_when_all_was_sent),
        STAGE_TEST(a_direct_apply_that_waits_returns_when_nothing_differs),
        STAGE_TEST(an_apply_by_the_daemon_says_so_and_sends_nothing_twice),
        STAGE_TEST(an_apply_that_is_tried_stores_and_sends_nothing),
        STAGE_TEST(an_apply_on_conditions_is_refused_when_they_are_not_so),
        STAGE_TEST(a_status_of_some_states_is_of_these_alone),
        STAGE_TEST(what_the_daemon_has_acknowledged_outlives_it),
        STAGE_TEST(apply_as_json_is_one_object),
        STAGE_TEST(an_apply_that_waits_gives_up_in_time),
        STAGE_TEST(an_image_that_cannot_be_fetched_is_named),
        STAGE_TEST(an_upgrade_that_fails_says_so_and_leaves_what_ran),
        STAGE_TEST(an_invalid_manifest_is_refused_with_all_its_places),
        STAGE_TEST(two_applications_that_claim_one_id_are_refused_with_both_places),
        STAGE_TEST(wrong_usage_and_missing_files_have_codes_of_their_own),
        STAGE_TEST(a_relative_file_image_is_found_from_the_manifest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
