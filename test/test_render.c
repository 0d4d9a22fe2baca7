/*
 * What is found in the manifests of fixtures/findings, in every form: NAME.yaml has
 * NAME.human, NAME.json, NAME.sarif and NAME.github beside it.  With GOLDEN=rewrite in
 * the environment these are written anew.
 */
#include "manifest/render.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/limits.h"
#include "manifest/manifest.h"
#include "test/support_manifest.h"
#include "test/support_samples.h"
#include "test/support_schema.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define FOLDER          "fixtures/findings"
#define TEXT_BYTES      ((size_t)1024 * 1024)

static const struct {
    const char *suffix;
    void (*render)(const struct render *render, struct text *text);
    const char *schema; /* NULL: not JSON */
} forms[] = {
    {"human", render_human, NULL},
    {"json", render_json, "schemas/validate.schema.json"},
    {"sarif", render_sarif, FOLDER "/sarif.schema.json"},
    {"github", render_github, NULL},
};

/* Texts and what was found in them. */
struct found {
    struct arena arena;
    struct diags diags;
    struct render_source source;
    struct render render;
};

static void init(struct found *found, const char *name, const char *text)
{
    *found = (struct found){.source = {name, text, strlen(text)}};
    diags_init(&found->diags, &found->arena, name);
    found->render = (struct render){
        .diags = &found->diags,
        .sources = &found->source,
        .sources_count = 1,
        .has_lines = true,
    };
}

static const char *print(struct found *found,
                         void (*render)(const struct render *render, struct text *text))
{
    struct text text;

    text_init(&text, &found->arena, TEXT_BYTES);
    render(&found->render, &text);
    assert_false(text.is_cut);
    return text.bytes;
}

static void assert_satisfies(const char *schema, const char *text)
{
    struct arena arena = {0};
    const char *problem = schema_check(schema, text, &arena);

    if (problem != NULL) {
        fail_msg("%s: %s\n%s", schema, problem, text);
    }
    arena_free(&arena);
}

static void test_golden(void **state)
{
    const char *path = *state;
    const char *name = strrchr(path, '/') + 1;
    const int stem_length = (int)(strrchr(path, '.') - path);
    struct found found;
    struct manifest manifest;
    struct err err;

    init(&found, name, "");
    found.source.text = support_file_read(path, &found.arena, &found.source.length);
    (void)!manifest_read(found.source.text, found.source.length, name, &found.arena,
                         &found.diags, &manifest, &err);
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        struct text text;

        text_init(&text, &found.arena, TEXT_BYTES);
        forms[i].render(&found.render, &text);
        samples_assert_golden(
            arena_print(&found.arena, "%.*s.%s", stem_length, path, forms[i].suffix),
            &text);
        if (forms[i].schema != NULL) {
            assert_satisfies(forms[i].schema, text.bytes);
        }
    }
    arena_free(&found.arena);
}

static struct span span_of(uint32_t line, uint32_t column, uint32_t end_column)
{
    return (struct span){{line, column}, {line, end_column}};
}

/* One finding that spans columns of the only line, as people see it, without its head. */
static const char *excerpt(struct found *found, const char *line, uint32_t column,
                           uint32_t end_column)
{
    const struct span span = span_of(1, column, end_column);

    init(found, "a", line);
    diags_add(&found->diags, DIAG_ERROR, "rule", &span, "wrong");
    return strchr(print(found, render_human), '\n') + 1;
}

static void the_place_is_underlined_to_its_end(void **state)
{
    static const struct {
        const char *name;
        const char *line;
        uint32_t column;
        uint32_t end_column;
        const char *expected;
    } cases[] = {
        {"one character", "abc", 2, 3, "    1 | abc\n      |  ^\n"},
        {"several", "abcd", 2, 4, "    1 | abcd\n      |  ^~\n"},
        {"no extent", "abcd", 2, 2, "    1 | abcd\n      |  ^\n"},
        {"the end of the line", "abc", 4, 4, "    1 | abc\n      |    ^\n"},
        {"behind the end", "abc", 9, 12, "    1 | abc\n      |    ^\n"},
        {"nothing at all", "", 1, 1, "    1 | \n      | ^\n"},
        {"a tab before", "a\tb", 3, 4, "    1 | a       b\n      |         ^\n"},
        {"a tab within", "\t\tb", 1, 3,
         "    1 |                 b\n      | ^~~~~~~~~~~~~~~~\n"},
        {"two bytes", "\xc3\xa9t\xc3\xa9", 4, 6,
         "    1 | \xc3\xa9t\xc3\xa9\n      |   ^\n"},
        {"wide", "\xe6\x97\xa5x", 1, 4, "    1 | \xe6\x97\xa5x\n      | ^~\n"},
        {"combining", "e\xcc\x81x", 4, 5, "    1 | e\xcc\x81x\n      |  ^\n"},
        {"what a terminal acts on", "\x1b[2Jx", 5, 6,
         "    1 | \\x1b[2Jx\n      |        ^\n"},
        {"a control character of two bytes", "\xc2\x9bx", 3, 4,
         "    1 | \\xc2\\x9bx\n      |         ^\n"},
        {"not UTF-8", "\xff\x80x", 3, 4, "    1 | \\xff\\x80x\n      |         ^\n"},
        {"UTF-8 that is cut", "x\xe6\x97", 1, 2, "    1 | x\\xe6\\x97\n      | ^\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct found found;

        support_assert_text(
            cases[i].name, cases[i].expected,
            excerpt(&found, cases[i].line, cases[i].column, cases[i].end_column));
        arena_free(&found.arena);
    }
}

static void lines_of_many_megabytes_are_cut_around_the_place(void **state)
{
    /* What is escaped is wide, and what begins no character is nowhere cut well. */
    static const char fillings[] = {'x', '\x01', '\x80'};
    const size_t length = (size_t)8 * 1024 * 1024;
    struct arena arena = {0};
    char *line = arena_alloc(&arena, length + 1);

    (void)state;
    for (size_t i = 0; i < sizeof fillings; i++) {
        memset(line, fillings[i], length);
        for (size_t at = 0; at < length; at += length / 8) {
            struct found found;
            const char *shown = excerpt(&found, line, (uint32_t)at + 1, (uint32_t)length);

            assert_true(strlen(shown) < 1000);
            assert_non_null(strchr(shown, '^'));
            arena_free(&found.arena);
        }
    }
    arena_free(&arena);
}

static void what_starts_a_range_of_lines_is_underlined_to_the_end(void **state)
{
    const struct span span = {{2, 3}, {4, 1}};
    struct found found;

    (void)state;
    init(&found, "a", "one\ntwo, and\nthree\n");
    diags_add(&found.diags, DIAG_WARNING, "rule", &span, "odd");
    support_assert_text(
        "lines", "a:2:3: warning: odd [rule]\n    2 | two, and\n      |   ^~~~~~\n",
        print(&found, render_human));
    support_assert_text("github", "::warning file=a,line=2,endLine=4,title=rule::odd\n",
                        print(&found, render_github));
    arena_free(&found.arena);
}

static void without_its_text_a_finding_has_its_place_still(void **state)
{
    const struct span span = span_of(7, 3, 5);
    struct found found;

    (void)state;
    init(&found, "a", "one\n");
    diags_add(&found.diags, DIAG_ERROR, "rule", &span, "wrong");
    diags_relate(&found.diags, "b", &span, "there");
    support_assert_text("human", "a:7:3: error: wrong [rule]\nb:7:3: note: there\n",
                        print(&found, render_human));
    assert_non_null(strstr(print(&found, render_sarif),
                           "\"uri\":\"b\"},\"region\":{\"startLine\":7,\"startColumn\":3,"
                           "\"endLine\":7,\"endColumn\":5}"));
    arena_free(&found.arena);
}

static void lines_are_left_out_where_they_are_not_wanted(void **state)
{
    const struct span span = span_of(1, 1, 2);
    struct found found;

    (void)state;
    init(&found, "a", "password: 1\n");
    found.render.has_lines = false;
    diags_add(&found.diags, DIAG_ERROR, "rule", &span, "wrong");
    support_assert_text("human", "a:1:1: error: wrong [rule]\n",
                        print(&found, render_human));
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        found.render.has_lines = forms[i].render != render_human;
        assert_null(strstr(print(&found, forms[i].render), "password"));
    }
    arena_free(&found.arena);
}

static void values_of_configs_are_nowhere_but_in_these_lines(void **state)
{
    struct found found;
    struct manifest manifest;
    struct err err;

    (void)state;
    init(&found, "a", "");
    found.source.text =
        support_file_read(FOLDER "/secret.yaml", &found.arena, &found.source.length);
    assert_int_equal(manifest_read(found.source.text, found.source.length, "a",
                                   &found.arena, &found.diags, &manifest, &err),
                     ERR_INVALID);
    assert_non_null(strstr(print(&found, render_human), "12345"));
    found.render.has_lines = false;
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        assert_null(strstr(print(&found, forms[i].render), "12345"));
        assert_null(strstr(print(&found, forms[i].render), "hunter2"));
    }
    arena_free(&found.arena);
}

static void colors_change_nothing_but_the_colors(void **state)
{
    const struct span span = span_of(1, 1, 2);
    struct found found;
    struct text bare;
    const char *plain;
    const char *colored;

    (void)state;
    init(&found, "a", "one\n");
    diags_add(&found.diags, DIAG_ERROR, "rule", &span, "wrong");
    diags_relate(&found.diags, NULL, &span, "there");
    diags_add(&found.diags, DIAG_WARNING, "rule", &span, "odd");
    plain = print(&found, render_human);
    found.render.has_colors = true;
    colored = print(&found, render_human);
    assert_int_not_equal(strlen(plain), strlen(colored));
    text_init(&bare, &found.arena, TEXT_BYTES);
    while (*colored != '\0') {
        if (*colored == '\x1b') {
            colored += strcspn(colored, "m") + 1;
        } else {
            text_append_bytes(&bare, colored++, 1);
        }
    }
    support_assert_text("colors", plain, bare.bytes);
    arena_free(&found.arena);
}

static void sources_of_all_kinds_are_named_in_each_form(void **state)
{
    static const struct {
        const char *source;
        const char *human;
        const char *json;
        const char *sarif;
        const char *github;
    } cases[] = {
        {"dir/a.yaml", "dir/a.yaml:1", "\"dir/a.yaml\"", "\"dir/a.yaml\"",
         "file=dir/a.yaml,"},
        {"/srv/a b.yaml", "/srv/a b.yaml:1", "\"/srv/a b.yaml\"",
         "\"file:///srv/a%20b.yaml\"", "file=/srv/a b.yaml,"},
        {"c:d,\"100%\".yaml", "c:d,\"100%\".yaml:1", "\"c:d,\\\"100%\\\".yaml\"",
         "\"c%3Ad%2C%22100%25%22.yaml\"", "file=c%3Ad%2C\"100%25\".yaml,"},
        {"https://h:8/a%20b.yaml", "https://h:8/a%20b.yaml:1",
         "\"https://h:8/a%20b.yaml\"", "\"https://h:8/a%20b.yaml\"",
         "file=https%3A//h%3A8/a%2520b.yaml,"},
        {"standard input", "standard input:1", "\"standard input\"",
         "\"standard%20input\"", "file=standard input,"},
        {"\xff\n.yaml", "\\xff\\x0a.yaml:1", "\"\\\\xff\\\\x0a.yaml\"", "\"%FF%0A.yaml\"",
         "file=\xff%0A.yaml,"},
    };
    const struct span span = span_of(1, 1, 2);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct found found;

        init(&found, cases[i].source, "one\n");
        diags_add(&found.diags, DIAG_ERROR, "rule", &span, "wrong");
        assert_non_null(strstr(print(&found, render_human), cases[i].human));
        assert_non_null(strstr(print(&found, render_json), cases[i].json));
        assert_non_null(strstr(print(&found, render_sarif), cases[i].sarif));
        assert_non_null(strstr(print(&found, render_github), cases[i].github));
        arena_free(&found.arena);
    }
}

static void findings_that_are_not_kept_are_counted_in_each_form(void **state)
{
    const struct span span = span_of(1, 1, 2);
    struct found found;

    (void)state;
    init(&found, "a", "one\n");
    for (size_t i = 0; i < DIAGS_MAX + 3; i++) {
        diags_add(&found.diags, DIAG_ERROR, "rule", &span, "wrong %zu", i);
    }
    assert_non_null(
        strstr(print(&found, render_human), "\n3 more findings are not shown\n"));
    assert_non_null(strstr(print(&found, render_json),
                           "\"errors\":103,\"warnings\":0,\"not_shown\":3,"));
    assert_non_null(
        strstr(print(&found, render_sarif), "\"3 more findings are not shown\""));
    assert_non_null(strstr(print(&found, render_github),
                           "\n::notice::3 more findings are not shown\n"));
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (forms[i].schema != NULL) {
            assert_satisfies(forms[i].schema, print(&found, forms[i].render));
        }
    }
    arena_free(&found.arena);
}

static void warnings_are_invalid_where_they_are_taken_for_errors(void **state)
{
    const struct span span = span_of(1, 1, 2);
    struct found found;

    (void)state;
    init(&found, "a", "one\n");
    found.render.is_strict = true;
    assert_false(render_is_invalid(&found.render));
    diags_add(&found.diags, DIAG_WARNING, "rule", &span, "odd");
    assert_true(render_is_invalid(&found.render));
    assert_non_null(strstr(print(&found, render_json), "\"result\":\"invalid\""));
    found.render.is_strict = false;
    assert_false(render_is_invalid(&found.render));
    assert_non_null(strstr(print(&found, render_json), "\"result\":\"ok\""));
    diags_add(&found.diags, DIAG_ERROR, "rule", &span, "wrong");
    assert_true(render_is_invalid(&found.render));
    arena_free(&found.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_place_is_underlined_to_its_end),
        cmocka_unit_test(lines_of_many_megabytes_are_cut_around_the_place),
        cmocka_unit_test(what_starts_a_range_of_lines_is_underlined_to_the_end),
        cmocka_unit_test(without_its_text_a_finding_has_its_place_still),
        cmocka_unit_test(lines_are_left_out_where_they_are_not_wanted),
        cmocka_unit_test(values_of_configs_are_nowhere_but_in_these_lines),
        cmocka_unit_test(colors_change_nothing_but_the_colors),
        cmocka_unit_test(sources_of_all_kinds_are_named_in_each_form),
        cmocka_unit_test(findings_that_are_not_kept_are_counted_in_each_form),
        cmocka_unit_test(warnings_are_invalid_where_they_are_taken_for_errors),
    };
    struct arena arena = {0};
    size_t count;
    char **paths = support_folder_list(FOLDER, ".yaml", &arena, &count);
    struct CMUnitTest *cases = arena_array(&arena, count, sizeof *cases);
    int failed;

    for (size_t i = 0; i < count; i++) {
        cases[i] = (struct CMUnitTest){
            .name = paths[i], .test_func = test_golden, .initial_state = paths[i]};
    }
    failed = cmocka_run_group_tests_name("render", tests, NULL, NULL);
    failed += _cmocka_run_group_tests("findings", cases, count, NULL, NULL);
    arena_free(&arena);
    return failed;
}
