#include "reconciler/run/cli.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "test/support_cli.h"
#include "test/support_manifest.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

#define MANIFEST(name, more)                                                             \
    "apiVersion: core.oam.dev/v1beta1\nkind: Application\n"                              \
    "metadata: {name: " name ", annotations: {version: v1}}\nspec:\n  components:\n"     \
    "  - {name: web, type: capability, properties: {image: 'web:1'}" more "}\n"

#define FLOATING                                                                         \
    "apiVersion: core.oam.dev/v1beta1\nkind: Application\n"                              \
    "metadata: {name: floating, annotations: {}}\nspec:\n  components:\n"                \
    "  - {name: web, type: capability, properties: {image: web}}\n"

static const struct options plain;

static void every_error_has_its_exit_status(void **state)
{
    static const struct {
        enum err_code code;
        int status;
    } cases[] = {
        {ERR_USAGE, 2},       {ERR_SYNTAX, 3},   {ERR_INVALID, 3},
        {ERR_LIMIT, 3},       {ERR_TIMEOUT, 5},  {ERR_CONFLICT, 6},
        {ERR_UNREACHABLE, 7}, {ERR_NOTFOUND, 8}, {ERR_IO, 1},
    };
    struct folder_state *folder = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct err err = {.code = cases[i].code, .message = "why"};
        struct capture errors = capture_begin(folder, STDERR_FILENO, "stderr");
        const int status = cli_fail(&plain, &err);

        assert_string_equal(capture_end(folder, &errors), "trellis: why\n");
        assert_int_equal(status, cases[i].status);
    }
}

static void an_error_is_said_with_its_place_in_one_line(void **state)
{
    const struct err err = {.code = ERR_IO,
                            .source = "a.yaml",
                            .place = {3, 7},
                            .message = "one\ntwo \x1b[2J"};
    struct folder_state *folder = *state;
    struct capture errors = capture_begin(folder, STDERR_FILENO, "stderr");

    (void)cli_fail(&plain, &err);
    assert_string_equal(capture_end(folder, &errors),
                        "trellis: a.yaml:3:7: one\\x0atwo \\x1b[2J\n");
}

static void findings_are_said_instead_of_the_first_of_them(void **state)
{
    const struct err refused = {.code = ERR_INVALID, .message = "first"};
    const struct err failed = {.code = ERR_UNREACHABLE, .message = "gone"};
    struct folder_state *folder = *state;
    struct capture output = capture_begin(folder, STDOUT_FILENO, "stdout");
    struct capture errors = capture_begin(folder, STDERR_FILENO, "stderr");

    assert_int_equal(cli_refuse(&plain, &refused, "first\nsecond\n"), 3);
    assert_int_equal(cli_refuse(&plain, &failed, "warning\n"), 7);
    assert_int_equal(cli_refuse(&plain, &refused, ""), 3);
    assert_string_equal(capture_end(folder, &errors),
                        "first\nsecond\ntrellis: gone\ntrellis: first\n");
    assert_string_equal(capture_end(folder, &output), "");
}

static void what_is_no_command_is_a_usage_error(void **state)
{
    static const struct {
        const char *line;
        const char *errors;
    } cases[] = {
        {"frobnicate", "trellis: there is no verb 'frobnicate': see trellis --help\n"},
        {"apply", "trellis: an argument is missing: trellis apply FILE...\n"},
        {"plan", "trellis: an argument is missing: trellis plan FILE...\n"},
        {"validate", "trellis: an argument is missing: trellis validate FILE...\n"},
        {"delete", "trellis: an argument is missing: trellis delete APPLICATION\n"},
        {"delete a b", "trellis: 'b' is one too many: trellis delete APPLICATION\n"},
        {"status a b", "trellis: 'b' is one too many: trellis status [APPLICATION]\n"},
        {"daemon a", "trellis: 'a' is one too many: trellis daemon\n"},
        {"simulate a", "trellis: 'a' is one too many: trellis simulate\n"},
        {"status --wait", "trellis: there is no option '--wait' here: see --help\n"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct ending ending = run_line(*state, cases[i].line);

        assert_int_equal(ending.status, EXIT_USAGE);
        assert_string_equal(ending.output, "");
        assert_string_equal(ending.errors, cases[i].errors);
    }
}

static void help_is_no_error_and_its_absence_is_one(void **state)
{
    static const char *const words[] = {"help", "--help", "-h"};
    const struct ending none = run_line(*state, "");

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        const struct ending asked = run_line(*state, words[i]);

        assert_int_equal(asked.status, EXIT_DONE);
        assert_string_equal(asked.errors, "");
        assert_string_equal(asked.output, none.errors);
    }
    assert_int_equal(none.status, EXIT_USAGE);
    assert_string_equal(none.output, "");
}

static void every_verb_helps(void **state)
{
    static const char *const verbs[] = {
        "apply",  "canon",   "daemon", "delete", "explain", "export",   "history",
        "import", "migrate", "plan",   "status", "store",   "simulate", "validate"};
    const struct ending all = run_line(*state, "help");

    for (size_t i = 0; i < COUNT_OF(verbs); i++) {
        struct folder_state *folder = *state;
        const struct ending ending =
            run_line(folder, arena_print(&folder->arena, "%s --help", verbs[i]));
        const char *usage =
            arena_print(&folder->arena, "usage: trellis %s [OPTION...]", verbs[i]);

        assert_int_equal(ending.status, EXIT_DONE);
        assert_int_equal(strncmp(ending.output, usage, strlen(usage)), 0);
        assert_non_null(
            strstr(all.output, arena_print(&folder->arena, "\n  %s ", verbs[i])));
    }
}

static const struct {
    const char *line;
    int status;
    const char *output;
    const char *errors;
} validations[] = {
    {"validate valid.yaml", 0, "1 manifest is valid\n", ""},
    {"validate -q valid.yaml", 0, "", ""},
    {"validate valid.yaml odd.yaml", 0,
     "odd.yaml:6:65: warning: unknown key 'x' in a component, ignored: expected "
     "'name', 'type', 'properties' or 'traits' [unknown-key]\n"
     "    6 |   - {name: web, type: capability, properties: {image: 'web:1'}, x: 1}\n"
     "      |                                                                 ^\n"
     "2 manifests are valid, with 1 warning\n",
     ""},
    {"validate -q --strict odd.yaml", 3,
     "odd.yaml:6:65: warning: unknown key 'x' in a component, ignored: expected "
     "'name', 'type', 'properties' or 'traits' [unknown-key]\n",
     ""},
    {"validate valid.yaml twice.yaml", 6,
     "twice.yaml:3:18: error: an application is named 'shop' already: expected "
     "another name [duplicate-application]\n"
     "    3 | metadata: {name: shop, annotations: {version: v1}}\n"
     "      |                  ^~~~\n"
     "valid.yaml:3:18: note: it has the name first\n"
     "    3 | metadata: {name: shop, annotations: {version: v1}}\n"
     "      |                  ^~~~\n"
     "1 error\n",
     ""},
    {"validate floating.yaml", 0,
     "floating.yaml:6:55: warning: 'web' may be another image tomorrow: expected a "
     "tag other than 'latest', or a digest [floating-tag]\n"
     "    6 |   - {name: web, type: capability, properties: {image: web}}\n"
     "      |                                                       ^~~\n"
     "1 manifest is valid, with 1 warning\n",
     ""},
    {"validate --strict --allow floating-tag floating.yaml", 0, "1 manifest is valid\n",
     ""},
    {"validate --allow floating-tags floating.yaml", 2, "",
     "trellis: --allow 'floating-tags' is no rule that warns: did you mean "
     "'floating-tag'?\n"},
    {"validate --allow unknown-target floating.yaml", 2, "",
     "trellis: --allow 'unknown-target' is no rule that warns: did you mean "
     "'unknown-trait'?\n"},
    {"validate --output json valid.yaml", 0,
     "{\"schema\":1,\"result\":\"ok\",\"errors\":0,\"warnings\":0,\"not_shown\":0,"
     "\"findings\":[]}\n",
     ""},
    {"validate --output json none.yaml", 8,
     "{\"schema\":1,\"result\":\"error\",\"code\":\"not-found\",\"message\":"
     "\"none.yaml: No such file or directory\",\"source\":\"\",\"line\":0,"
     "\"column\":0,\"findings\":\"\"}\n",
     ""},
    {"validate --color always broken.yaml", 3,
     "\x1b[1mbroken.yaml:1:1:\x1b[0m \x1b[1;31merror:\x1b[0m a manifest has no "
     "'spec': expected the components of the application [missing-key]\n"
     "    1 | apiVersion: core.oam.dev/v1beta1\n"
     "      | \x1b[1;31m^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\x1b[0m\n"
     "1 error\n",
     ""},
    {"validate none.yaml", 8, "", "trellis: none.yaml: No such file or directory\n"},
};

static void validate_ends_by_what_it_found(void **state)
{
    struct folder_state *folder = *state;

    folder_write(folder, "valid.yaml", MANIFEST("shop", ""));
    folder_write(folder, "twice.yaml", MANIFEST("shop", ""));
    folder_write(folder, "broken.yaml", "kind: Application\n");
    folder_write(folder, "floating.yaml", FLOATING);
    folder_write(folder, "odd.yaml", MANIFEST("odd", ", x: 1"));
    folder_write(folder, "broken.yaml",
                 "apiVersion: core.oam.dev/v1beta1\nkind: Application\n"
                 "metadata: {name: shop, annotations: {}}\n");
    for (size_t i = 0; i < COUNT_OF(validations); i++) {
        const struct ending ending = run_line(folder, validations[i].line);

        support_assert_text(validations[i].line, validations[i].output,
                            folder_shorten(folder, ending.output));
        support_assert_text(validations[i].line, validations[i].errors,
                            folder_shorten(folder, ending.errors));
        assert_int_equal(ending.status, validations[i].status);
    }
}

static void a_folder_is_validated_under_the_name_it_was_given(void **state)
{
    struct folder_state *folder = *state;
    struct ending ending;

    folder_write(folder, "odd.yaml", MANIFEST("shop", ", x: 1"));
    folder_write(folder, "twice.yaml", MANIFEST("shop", ""));
    ending = run_line(folder, "validate odd.yaml twice.yaml");
    assert_int_equal(ending.status, EXIT_CONFLICT);
    assert_non_null(strstr(ending.output, "warning: unknown key 'x'"));
    assert_non_null(strstr(ending.output, "an application is named 'shop' already"));
    assert_string_equal(ending.errors, "");
    assert_int_equal(mkdir(folder_path(folder, "all.d"), 0700), 0);
    ending = run_line(folder, "validate all.d");
    assert_int_equal(ending.status, EXIT_NOTFOUND);
    assert_non_null(strstr(ending.errors, "/all.d: no manifest in there"));
    folder_write(folder, "all.d/a.yaml", MANIFEST("a", ""));
    folder_write(folder, "all.d/b.yaml", "kind: Application\n");
    ending = run_line(folder, "validate -q ./all.d/../all.d");
    assert_int_equal(ending.status, EXIT_INVALID);
    assert_non_null(strstr(ending.output, "/./all.d/../all.d/b.yaml:1:1: error: "));
    assert_int_equal(rmdir(folder_path(folder, "all.d")), -1);
    folder_remove(folder, "all.d/a.yaml");
    folder_remove(folder, "all.d/b.yaml");
}

static void what_names_another_application_is_valid(void **state)
{
    struct folder_state *folder = *state;

    folder_write(folder, "shared.yaml",
                 "apiVersion: core.oam.dev/v1beta1\nkind: Application\n"
                 "metadata: {name: a, annotations: {}}\nspec:\n  components:\n"
                 "  - name: web\n    type: component\n"
                 "    properties: {application: {name: b, component: c}}\n");
    assert_int_equal(run_line(folder, "validate shared.yaml").status, EXIT_DONE);
}

static void warnings_fail_where_they_are_taken_for_errors(void **state)
{
    struct folder_state *folder = *state;
    struct ending ending;

    folder_write(folder, "odd.yaml", MANIFEST("shop", ", x: 1"));
    ending = run_line(folder, "validate odd.yaml");
    assert_int_equal(ending.status, EXIT_DONE);
    assert_non_null(strstr(ending.output, "warning: unknown key 'x'"));
    ending = run_line(folder, "validate --strict odd.yaml");
    assert_int_equal(ending.status, EXIT_INVALID);
    assert_non_null(strstr(ending.output, "warning: unknown key 'x'"));
    assert_non_null(strstr(ending.output, "\n1 warning under --strict\n"));
    assert_int_equal(run_line(folder, "validate --strict -o sarif odd.yaml").status,
                     EXIT_INVALID);
    ending = run_line(folder, "validate --strict -o github odd.yaml");
    assert_int_equal(ending.status, EXIT_INVALID);
    assert_int_equal(strncmp(ending.output, "::warning file=", 15), 0);
}

/* Whether validate colors what it says to a terminal, with more words before the file. */
static bool is_colored(struct folder_state *folder, const char *more)
{
    char *words[] = {arena_copy(&folder->arena, "trellis"),
                     arena_copy(&folder->arena, "validate"),
                     arena_copy(&folder->arena, more),
                     arena_copy(&folder->arena, folder_path(folder, "odd.yaml"))};
    const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    struct capture output = capture_begin(folder, STDOUT_FILENO, "stdout");
    char said[4096] = "";
    int end;

    assert_true(terminal >= 0);
    assert_int_equal(grantpt(terminal), 0);
    assert_int_equal(unlockpt(terminal), 0);
    end = open(ptsname(terminal), O_RDWR | O_NOCTTY); // NOLINT(concurrency-mt-unsafe)
    assert_true(end >= 0);
    assert_int_equal(dup2(end, STDOUT_FILENO), STDOUT_FILENO);
    assert_int_equal(cli_run(COUNT_OF(words), words), EXIT_DONE);
    (void)capture_end(folder, &output);
    assert_true(read(terminal, said, sizeof said - 1) > 0);
    assert_int_equal(close(end), 0);
    assert_int_equal(close(terminal), 0);
    assert_non_null(strstr(said, "unknown key 'x'"));
    return strchr(said, '\x1b') != NULL;
}

static void colors_are_for_terminals_that_want_them(void **state)
{
    struct folder_state *folder = *state;
    const int terminal = posix_openpt(O_RDWR | O_NOCTTY);

    if (terminal < 0) { /* in a jail without /dev/pts */
        print_message("# skipped: no pseudo terminal can be opened here\n");
        skip();
    }
    assert_int_equal(close(terminal), 0);
    folder_write(folder, "odd.yaml", MANIFEST("shop", ", x: 1"));
    assert_true(is_colored(folder, "--color=auto"));
    assert_false(is_colored(folder, "--color=never"));
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
    assert_int_equal(setenv("NO_COLOR", "1", 1), 0);
    assert_false(is_colored(folder, "-v"));
    assert_true(is_colored(folder, "--color=always"));
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
    assert_int_equal(unsetenv("NO_COLOR"), 0);
    assert_true(is_colored(folder, "-v"));
    assert_null(strchr(run_line(folder, "validate odd.yaml").output, '\x1b'));
}

static void manifests_are_checked_before_anybody_is_asked(void **state)
{
    static const struct {
        const char *line;
        int status;
    } cases[] = {
        {"apply -s nats://localhost:1 broken.yaml", EXIT_INVALID},
        {"plan -s nats://localhost:1 broken.yaml", EXIT_INVALID},
        {"apply -s nats://localhost:1 none.yaml", EXIT_NOTFOUND},
        {"apply -s nats://localhost:1 http://localhost:1/a", EXIT_UNREACHABLE},
        {"validate http://localhost:1/a", EXIT_UNREACHABLE},
        {"validate ftp://localhost/a", EXIT_USAGE},
        {"apply -s nats://localhost:1 valid.yaml", EXIT_UNREACHABLE},
        {"plan -s nats://localhost:1 valid.yaml", EXIT_UNREACHABLE},
        {"status -s nats://localhost:1", EXIT_UNREACHABLE},
        {"delete -s nats://localhost:1 shop", EXIT_UNREACHABLE},
    };
    struct folder_state *folder = *state;

    folder_write(folder, "valid.yaml", MANIFEST("shop", ""));
    folder_write(folder, "broken.yaml", "kind: Application\n");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct ending ending = run_line(folder, cases[i].line);

        assert_int_equal(ending.status, cases[i].status);
        assert_string_equal(ending.output, "");
        assert_true(strlen(ending.errors) > 0);
    }
}

static void an_output_that_cannot_be_written_is_a_failure(void **state)
{
    char *words[] = {arena_copy(&((struct folder_state *)*state)->arena, "trellis"),
                     arena_copy(&((struct folder_state *)*state)->arena, "status"),
                     arena_copy(&((struct folder_state *)*state)->arena, "--help")};
    struct capture output = capture_begin(*state, STDOUT_FILENO, "stdout");
    struct capture errors = capture_begin(*state, STDERR_FILENO, "stderr");
    const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    int status;

    assert_int_equal(dup2(full, STDOUT_FILENO), STDOUT_FILENO);
    assert_int_equal(close(full), 0);
    status = cli_run(COUNT_OF(words), words);
    (void)capture_end(*state, &output);
    assert_string_equal(capture_end(*state, &errors),
                        "trellis: standard output: No space left on device\n");
    assert_int_equal(status, EXIT_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(every_error_has_its_exit_status),
        FOLDER_TEST(an_error_is_said_with_its_place_in_one_line),
        FOLDER_TEST(findings_are_said_instead_of_the_first_of_them),
        FOLDER_TEST(what_is_no_command_is_a_usage_error),
        FOLDER_TEST(help_is_no_error_and_its_absence_is_one),
        FOLDER_TEST(every_verb_helps),
        FOLDER_TEST(validate_ends_by_what_it_found),
        FOLDER_TEST(a_folder_is_validated_under_the_name_it_was_given),
        FOLDER_TEST(what_names_another_application_is_valid),
        FOLDER_TEST(warnings_fail_where_they_are_taken_for_errors),
        FOLDER_TEST(colors_are_for_terminals_that_want_them),
        FOLDER_TEST(manifests_are_checked_before_anybody_is_asked),
        FOLDER_TEST(an_output_that_cannot_be_written_is_a_failure),
    };

    // NOLINTBEGIN(concurrency-mt-unsafe): one thread; of what the machine is set to, none
    (void)unsetenv("NO_COLOR");
    if (setenv("no_proxy", "*", 1) != 0) {
        return 1;
    }
    // NOLINTEND(concurrency-mt-unsafe)
    return cmocka_run_group_tests_name("cli", tests, NULL, NULL);
}
