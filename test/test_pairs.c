/*
 * Every rule has a pair of manifests in fixtures/manifests/pairs, which differ in little:
 * one has findings by that rule and no other, with the range that is given; the other has
 * none.  With --rewrite the expected findings are written anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "manifest/manifest.h"
#include "test/support_manifest.h"

#define PAIRS      "fixtures/manifests/pairs"
#define BAD        ".bad.yaml"
#define TEXT_BYTES ((size_t)64 * 1024)

static bool is_rewriting;

static const char *pair_path(const char *rule, const char *suffix, struct arena *arena)
{
    return arena_print(arena, PAIRS "/%s%s", rule, suffix);
}

/* The line-th line of bytes, from 1. */
static const char *line_of(const char *bytes, uint32_t line)
{
    while (line > 1 && *bytes != '\0') {
        line -= *bytes++ == '\n';
    }
    return bytes;
}

/* Where a finding begins and ends, and the text between, as far as its first line goes.
 */
static void append_range(struct text *text, const char *bytes, const struct span *span)
{
    const char *line = line_of(bytes, span->start.line);
    const size_t length = strcspn(line, "\n");
    const size_t start = span->start.column - 1;
    const size_t end = span->end.line == span->start.line ? span->end.column - 1 : length;

    assert_true(start <= end && end <= length);
    text_append(text, "%u:%u-%u:%u: ", span->start.line, span->start.column,
                span->end.line, span->end.column);
    text_append_quoted(text, line + start, end - start);
    text_append(text, span->end.line == span->start.line ? "" : " ...");
}

/* Read bytes; all that was found, two or three lines a finding. */
static const char *findings_of(const char *bytes, size_t length, struct arena *arena,
                               struct diags *diags)
{
    struct manifest manifest;
    struct text text;
    struct err err;
    enum err_code code;

    diags_init(diags, arena, "pair");
    code = manifest_read(bytes, length, "pair", arena, diags, &manifest, &err);
    assert_int_equal(code == ERR_OK, diags->errors_count == 0);
    text_init(&text, arena, TEXT_BYTES);
    for (size_t i = 0; i < diags->count; i++) {
        const struct diag *diag = &diags->items[i];

        append_range(&text, bytes, &diag->span);
        text_append(&text, "\n    %s: %s\n",
                    diag->severity == DIAG_ERROR ? "error" : "warning", diag->message);
        if (diag->note != NULL) {
            text_append(&text, "    note: %s: ", diag->note);
            append_range(&text, bytes, &diag->note_span);
            text_append(&text, "\n");
        }
    }
    return text.bytes;
}

static void test_bad(void **state)
{
    const char *rule = *state;
    struct arena arena = {0};
    struct diags diags;
    size_t length;
    const char *bytes = support_file_read(pair_path(rule, BAD, &arena), &arena, &length);
    const char *actual = findings_of(bytes, length, &arena, &diags);
    const char *golden = pair_path(rule, ".txt", &arena);

    assert_true(diags.count > 0);
    for (size_t i = 0; i < diags.count; i++) {
        assert_string_equal(diags.items[i].rule, rule);
    }
    if (is_rewriting) {
        support_file_write(golden, actual, strlen(actual));
    } else {
        support_assert_text(golden, support_file_read(golden, &arena, &length), actual);
    }
    arena_free(&arena);
}

static void test_good(void **state)
{
    const char *rule = *state;
    struct arena arena = {0};
    struct diags diags;
    size_t length;
    const char *path = pair_path(rule, ".good.yaml", &arena);
    const char *bytes = support_file_read(path, &arena, &length);

    support_assert_text(path, "", findings_of(bytes, length, &arena, &diags));
    arena_free(&arena);
}

/* Fail unless each rule that stands behind marker in the file at path has a pair. */
static void check_file(const char *path, const char *marker, struct arena *arena)
{
    size_t length;
    const char *at = support_file_read(path, arena, &length);

    while ((at = strstr(at, marker)) != NULL) {
        const char *rule;

        at += strlen(marker);
        rule = arena_text(arena, at, strcspn(at, "\""));
        if (access(pair_path(rule, BAD, arena), F_OK) != 0) {
            fail_msg("%s: the rule %s has no pair", path, rule);
        }
    }
}

static void test_complete(void **state)
{
    static const char *const modules[] = {"/decode",     "/lint.c", "/lint_allow",
                                          "/manifest.c", "/tree",   "/validate"};
    static const char *const markers[] = {"DIAG_ERROR, \"", "DIAG_WARNING, \"",
                                          "->unknown, \"", "stop(reader, \""};
    struct arena arena = {0};
    size_t count;
    char **paths = support_folder_list("manifest", ".c", &arena, &count);
    size_t seen = 0;

    (void)state;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < sizeof modules / sizeof *modules; j++) {
            const char *file = paths[i] + strlen("manifest");

            for (size_t k = 0; strncmp(file, modules[j], strlen(modules[j])) == 0 &&
                               k < sizeof markers / sizeof *markers;
                 k++) {
                check_file(paths[i], markers[k], &arena);
                seen++;
            }
        }
    }
    assert_true(seen > 0);
    arena_free(&arena);
}

int main(int argc, char **argv)
{
    struct arena arena = {0};
    size_t count;
    char **paths = support_folder_list(PAIRS, BAD, &arena, &count);
    struct CMUnitTest *tests = arena_array(&arena, 2 * count + 1, sizeof *tests);
    int failed;

    is_rewriting = argc > 1 && strcmp(argv[1], "--rewrite") == 0;
    for (size_t i = 0; i < count; i++) {
        const char *name = strrchr(paths[i], '/') + 1;
        char *rule = arena_text(&arena, name, strlen(name) - strlen(BAD));

        tests[2 * i] = (struct CMUnitTest){
            .name = arena_print(&arena, "%s finds its mistake, all of it", rule),
            .test_func = test_bad,
            .initial_state = rule,
        };
        tests[2 * i + 1] = (struct CMUnitTest){
            .name = arena_print(&arena, "%s finds nothing next to it", rule),
            .test_func = test_good,
            .initial_state = rule,
        };
    }
    tests[2 * count] =
        (struct CMUnitTest){.name = "every rule has a pair", .test_func = test_complete};
    failed = _cmocka_run_group_tests("pairs", tests, 2 * count + 1, NULL, NULL);
    arena_free(&arena);
    return failed;
}
