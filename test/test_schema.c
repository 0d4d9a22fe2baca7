#include "test/support_schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/limits.h"
#include "reconciler/wire/api.h"
#include "test/support_manifest.h"
#include "test/support_samples.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static const char *schema_path(const char *name, struct arena *arena)
{
    return arena_print(arena, "schemas/api-%s.schema.json", name);
}

static void assert_satisfies(const char *name, const char *text)
{
    struct arena arena = {0};
    const char *problem = schema_check(schema_path(name, &arena), text, &arena);

    if (problem != NULL) {
        fail_msg("%s: %s\n%s", name, problem, text);
    }
    arena_free(&arena);
}

/* Hold each JSON text at the end of a line that begins with prefix against a schema;
 * how many there were. */
static size_t check_lines(const char *path, const char *prefix, const char *name)
{
    struct arena arena = {0};
    const char *at = samples_file(path, &arena);
    size_t count = 0;

    while (*at != '\0') {
        const size_t length = strcspn(at, "\n");

        if (strncmp(at, prefix, strlen(prefix)) == 0) {
            const char *line = arena_text(&arena, at, length);

            assert_satisfies(name, strchr(line, '{'));
            count++;
        }
        at += length + (at[length] == '\n');
    }
    arena_free(&arena);
    return count;
}

static void every_message_satisfies_its_schema(void **state)
{
    static const char *const names[] = {"manifests", "apply",  "status",
                                        "plan",      "delete", "error"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_true(check_lines("fixtures/wire/api.txt", names[i], names[i]) > 0);
    }
    assert_int_equal(check_lines("fixtures/wire/explain.txt", "explain", "explain"), 2);
    assert_int_equal(check_lines("fixtures/wire/explain.txt", "key", "key"), 1);
}

static void every_status_of_the_fixtures_satisfies_the_schema(void **state)
{
    struct arena arena = {0};
    size_t files_count;
    size_t count = 0;
    char **files = support_folder_list("fixtures/status", ".txt", &arena, &files_count);

    (void)state;
    for (size_t i = 0; i < files_count; i++) {
        count += check_lines(files[i], "{\"schema\":1", "status");
    }
    assert_true(count > 5);
    arena_free(&arena);
}

static void every_error_satisfies_its_schema(void **state)
{
    (void)state;
    for (enum err_code code = ERR_SYNTAX; code <= ERR_IO; code++) {
        const struct err err = {.code = code, .message = "why"};
        struct arena arena = {0};
        struct text text;

        text_init(&text, &arena, MESSAGE_BYTES_MAX);
        api_encode_error(&err, "", &text);
        assert_satisfies("error", text.bytes);
        arena_free(&arena);
    }
}

static void every_command_of_a_plan_satisfies_its_schema(void **state)
{
    (void)state;
    for (enum command_kind kind = 0; !command_is_question(kind); kind++) {
        const struct api_planned planned = {command_kind_name(kind), "a", "text"};
        const struct api_plan_report report = {&planned, 1, NULL, 0, ""};
        struct arena arena = {0};
        struct text text;

        text_init(&text, &arena, MESSAGE_BYTES_MAX);
        api_encode_plan(&report, &text);
        assert_satisfies("plan", text.bytes);
        arena_free(&arena);
    }
}

static void every_word_and_kind_of_a_status_satisfies_its_schema(void **state)
{
    (void)state;
    for (int i = 0; i <= STATUS_FAILED; i++) {
        const struct resource_status resource = {
            .kind = (enum ledger_kind)(i % (LEDGER_PROVIDER + 1)),
            .name = "",
            .id = "",
            .wanted = "",
            .where = "",
            .origin = {.source = ""},
            .word = (enum status_word)i,
            .reason = "",
        };
        const struct api_application application = {"",
                                                    "",
                                                    0,
                                                    {.application = "a",
                                                     .word = (enum status_word)i,
                                                     .reason = "",
                                                     .resources = &resource,
                                                     .resources_count = 1}};
        const struct api_status_report report = {"store", "x", "", &application, 1};
        struct arena arena = {0};
        struct text text;

        text_init(&text, &arena, MESSAGE_BYTES_MAX);
        api_encode_status(&report, &text);
        assert_satisfies("status", text.bytes);
        arena_free(&arena);
    }
}

static void what_is_spoilt_satisfies_none(void **state)
{
    static const struct {
        const char *name;
        const char *text;
        const char *problem;
    } cases[] = {
        {"delete", "", "not JSON"},
        {"delete", "{\"a\":1,\"a\":1}", "not JSON"},
        {"delete", "[]", ": no object"},
        {"delete", "{\"schema\":1,\"result\":\"ok\",\"application\":\"a\"}",
         ": no 'waits'"},
        {"delete",
         "{\"schema\":1,\"result\":\"ok\",\"application\":\"a\",\"waits\":\"\",\"users\":"
         "[],\"x\":1}",
         ": 'x' is not foreseen"},
        {"delete",
         "{\"schema\":1,\"result\":\"ok\",\"application\":7,\"waits\":\"\",\"users\":[]}",
         "/application: no string"},
        {"delete",
         "{\"schema\":2,\"result\":\"ok\",\"application\":\"a\",\"waits\":\"\",\"users\":"
         "[]}",
         "/schema: none of the values there are"},
        {"delete",
         "{\"schema\":1,\"result\":\"error\",\"application\":\"a\",\"waits\":\"\","
         "\"users\":[]}",
         "/result: none of the values there are"},
        {"manifests", "{\"schema\":1,\"manifests\":{}}", "/manifests: no array"},
        {"manifests",
         "{\"schema\":1,\"manifests\":[{\"source\":\"a\",\"text\":\"\"},"
         "{\"source\":\"b\"}]}",
         "/manifests/1: no 'text'"},
        {"apply",
         "{\"schema\":1,\"result\":\"ok\",\"by\":\"daemon\",\"dry_run\":false,"
         "\"commands\":-1,"
         "\"applications\":[],\"findings\":\"\"}",
         "/commands: too small"},
        {"apply",
         "{\"schema\":1,\"result\":\"ok\",\"by\":\"daemon\",\"dry_run\":false,"
         "\"commands\":0.5,"
         "\"applications\":[],\"findings\":\"\"}",
         "/commands: no integer"},
        {"plan",
         "{\"schema\":1,\"result\":\"ok\",\"commands\":[{\"kind\":\"ask-host\","
         "\"application\":\"\",\"text\":\"\"}],\"obstacles\":[],\"findings\":\"\"}",
         "/commands/0/kind: none of the values there are"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena arena = {0};

        assert_string_equal(
            schema_check(schema_path(cases[i].name, &arena), cases[i].text, &arena),
            cases[i].problem);
        arena_free(&arena);
    }
}

static void no_message_satisfies_the_schema_of_another(void **state)
{
    static const char *const names[] = {"manifests", "apply",  "status",
                                        "plan",      "delete", "error"};
    struct arena arena = {0};
    struct text text;

    (void)state;
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    api_encode_done(&text);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_non_null(schema_check(schema_path(names[i], &arena), text.bytes, &arena));
    }
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_satisfies_its_schema),
        cmocka_unit_test(every_status_of_the_fixtures_satisfies_the_schema),
        cmocka_unit_test(every_error_satisfies_its_schema),
        cmocka_unit_test(every_command_of_a_plan_satisfies_its_schema),
        cmocka_unit_test(every_word_and_kind_of_a_status_satisfies_its_schema),
        cmocka_unit_test(what_is_spoilt_satisfies_none),
        cmocka_unit_test(no_message_satisfies_the_schema_of_another),
    };

    return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
