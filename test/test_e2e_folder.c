#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "support_stage.h"

#define GOOD "manifests/valid/quickstart.yaml"

static const char late[] =
    "component late-web on 1 hosts, 1 instances of ghcr.io/acme/web:1.0.0\n"
    "provider late-server on 1 hosts of ghcr.io/wasmcloud/http-server:0.22.0\n";

/* Two sorted worlds as one. */
static void merge(const char *first, const char *second, char *ret_text, size_t size)
{
    size_t length = 0;

    ret_text[0] = '\0';
    while (*first != '\0' || *second != '\0') {
        const bool is_first =
            *second == '\0' || (*first != '\0' && strcmp(first, second) < 0);
        const char **from = is_first ? &first : &second;
        const size_t line = strcspn(*from, "\n") + 1;

        length +=
            (size_t)snprintf(ret_text + length, size - length, "%.*s", (int)line, *from);
        assert_true(length < size);
        *from += line;
    }
}

static void a_broken_manifest_does_not_hold_up_the_good_ones(void **state)
{
    struct stage *stage = *state;
    char both[8192];

    stage_simulate(stage, NULL);
    stage_copy(stage, "good.yaml", GOOD);
    stage_copy(stage, "late.yaml", "e2e/parties-broken.yaml");
    stage_daemon(stage);
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    process_expect_errors(stage->daemon, "/late.yaml:17:7: error: ", STAGE_MS);
    process_expect_errors(stage->daemon, "/late.yaml reason=", STAGE_MS);
    stage_expect_status(stage, "hello-world v0.0.1 (revision 1): deployed");
    assert_int_equal(stage_run(stage, "status", "--check", NULL), 4);

    stage_copy(stage, "late.yaml", "e2e/parties.yaml");
    merge(stage_quickstart, late, both, sizeof both);
    reader_expect(stage->reader, both, STAGE_MS);
    stage_expect_converged(stage);
}

static void an_added_file_is_applied(void **state)
{
    struct stage *stage = *state;
    char both[8192];

    stage_converge_quickstart(stage);
    reader_forget(stage->reader);
    stage_copy(stage, "late.yaml", "e2e/parties.yaml");
    merge(stage_quickstart, late, both, sizeof both);
    reader_expect(stage->reader, both, STAGE_MS);
    stage_expect_converged(stage);
    assert_int_equal(reader_count(stage->reader, ""), 2);
}

static void a_changed_file_replaces_what_has_changed_and_nothing_else(void **state)
{
    struct stage *stage = *state;

    stage_converge_quickstart(stage);
    reader_forget(stage->reader);
    stage_copy(stage, "quickstart.yaml", "e2e/quickstart-other.yaml");
    reader_expect_line(stage->reader,
                       "component hello_world-http_component on 1 hosts, 1 instances of "
                       "ghcr.io/wasmcloud/components/http-hello-world-rust:0.2.0\n",
                       STAGE_MS);
    stage_expect_converged(stage);
    stage_expect_serving(stage, STAGE_SERVES
                         " ghcr.io/wasmcloud/components/http-hello-world-rust:0.2.0");
    assert_int_equal(reader_count(stage->reader, "component.scale."), 2);
    assert_int_equal(reader_count(stage->reader, ""), 2);
}

static void a_file_that_breaks_or_has_just_gone_removes_nothing(void **state)
{
    struct stage *stage = *state;
    char path[256];

    stage_converge_quickstart(stage);
    reader_forget(stage->reader);
    stage_write(stage, "quickstart.yaml", "metadata: {name: hello-world\n");
    process_expect_errors(stage->daemon, "/quickstart.yaml:", STAGE_MS);
    assert_int_equal(unlink(stage_path(stage, "quickstart.yaml", path, sizeof path)), 0);
    stage_copy(stage, "late.yaml", "e2e/parties.yaml");
    reader_expect_line(stage->reader, "component late-web", STAGE_MS);
    stage_expect_converged(stage);
    assert_int_equal(reader_count(stage->reader, ""), 2);
    stage_crash_daemon(stage);
    stage_expect_daemon(stage);
    stage_expect_converged(stage);
    assert_int_equal(reader_count(stage->reader, ""), 2);
    reader_expect_line(stage->reader, "component hello_world-http_component",
                       STAGE_NOW_MS);
}

static void remove_file(struct stage *stage, const char *name)
{
    char path[256];

    assert_int_equal(unlink(stage_path(stage, name, path, sizeof path)), 0);
}

/* The quickstart and the parties, converged, with a short time of grace. */
static void converge_both(struct stage *stage)
{
    stage_simulate(stage, NULL);
    stage_copy(stage, "good.yaml", GOOD);
    stage_copy(stage, "late.yaml", "e2e/parties.yaml");
    stage_daemon_with(stage, (const char *[]){"--prune-grace", "1s", NULL});
    reader_expect_line(stage->reader, "provider late-server", STAGE_MS);
    stage_expect_converged(stage);
}

static void what_its_file_declares_no_more_goes_after_a_while(void **state)
{
    struct stage *stage = *state;

    converge_both(stage);
    remove_file(stage, "late.yaml");
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    stage_expect_converged(stage);
    assert_int_equal(stage_run(stage, "status", "late", NULL), 8);
}

static void an_emptied_folder_is_held_until_it_is_confirmed(void **state)
{
    struct stage *stage = *state;

    converge_both(stage);
    reader_forget(stage->reader);
    process_signal(stage->daemon, SIGSTOP); /* both at once, for all that it sees */
    remove_file(stage, "late.yaml");
    remove_file(stage, "good.yaml");
    process_signal(stage->daemon, SIGCONT);
    process_expect_errors(stage->daemon, "is held", STAGE_MS);
    stage_expect_status(stage, "there is no manifest in the folder at all");
    assert_int_equal(stage_run(stage, "prune", NULL), 4);
    stage_expect_output(stage, "hello-world: held\n");
    assert_int_equal(reader_count(stage->reader, ""), 0);
    assert_int_equal(stage_run(stage, "prune", "--confirm", NULL), 0);
    reader_expect(stage->reader, "", STAGE_MS);
    assert_int_equal(stage_run(stage, "prune", NULL), 0);
    stage_expect_output(stage, "no application is held\n");
}

static void a_renamed_file_takes_what_it_declares_with_it(void **state)
{
    struct stage *stage = *state;
    char from[256];
    char to[256];

    converge_both(stage);
    reader_forget(stage->reader);
    assert_int_equal(rename(stage_path(stage, "late.yaml", from, sizeof from),
                            stage_path(stage, "moved.yaml", to, sizeof to)),
                     0);
    process_expect_errors(stage->daemon, "change=replaced", STAGE_MS);
    (void)poll(NULL, 0, 1500); /* longer than the time of grace */
    stage_expect_converged(stage);
    assert_int_equal(reader_count(stage->reader, ""), 0);
}

static void another_name_in_the_same_file_dooms_the_old_one_at_once(void **state)
{
    struct stage *stage = *state;

    converge_both(stage);
    stage_copy(stage, "late.yaml", "e2e/parties-other.yaml");
    process_expect_errors(stage->daemon, "declares it no more", STAGE_MS);
    stage_expect_converged(stage);
    assert_int_equal(stage_run(stage, "status", "late", NULL), 8);
    assert_int_equal(stage_run(stage, "status", "later", NULL), 0);
}

static void what_a_file_declares_nobody_else_changes(void **state)
{
    struct stage *stage = *state;

    converge_both(stage);
    assert_int_equal(stage_run(stage, "apply", "fixtures/e2e/parties.yaml", NULL), 6);
    stage_expect_errors(stage, "/late.yaml, a file of the daemon's folder");
    stage_expect_errors(stage, "fixtures/e2e/parties.yaml would change it");
}

static void what_was_put_through_the_api_no_file_takes(void **state)
{
    struct stage *stage = *state;
    const char *told;

    stage_simulate(stage, NULL);
    stage_daemon_with(stage,
                      (const char *[]){"--prune-grace", "1s", "--poll", "200ms", NULL});
    stage_expect_daemon(stage);
    assert_int_equal(stage_run(stage, "apply", "fixtures/e2e/parties.yaml", NULL), 0);
    stage_copy(stage, "late.yaml", "e2e/parties.yaml");
    process_expect_errors(stage->daemon, "was put through the API", STAGE_MS);
    stage_expect_status(stage, "/late.yaml is not applied");
    (void)poll(NULL, 0, 1000);
    remove_file(stage, "late.yaml");
    (void)poll(NULL, 0, 1500);
    told = strstr(process_errors(stage->daemon), "was put through the API");
    assert_non_null(told);
    assert_null(strstr(told + 1, "was put through the API")); /* once, not each look */
    assert_int_equal(stage_run(stage, "status", "late", NULL), 0);
}

static void a_folder_that_is_not_there_is_named(void **state)
{
    struct stage *stage = *state;

    assert_int_equal(stage_run(stage, "daemon", "--manifests", "nowhere", NULL), 8);
    stage_expect_errors(stage, "nowhere");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(a_broken_manifest_does_not_hold_up_the_good_ones),
        STAGE_TEST(an_added_file_is_applied),
        STAGE_TEST(a_changed_file_replaces_what_has_changed_and_nothing_else),
        STAGE_TEST(a_file_that_breaks_or_has_just_gone_removes_nothing),
        STAGE_TEST(what_its_file_declares_no_more_goes_after_a_while),
        STAGE_TEST(an_emptied_folder_is_held_until_it_is_confirmed),
        STAGE_TEST(a_renamed_file_takes_what_it_declares_with_it),
        STAGE_TEST(another_name_in_the_same_file_dooms_the_old_one_at_once),
        STAGE_TEST(what_a_file_declares_nobody_else_changes),
        STAGE_TEST(what_was_put_through_the_api_no_file_takes),
        STAGE_TEST(a_folder_that_is_not_there_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
