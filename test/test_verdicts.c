/*
 * The manifests of fixtures/corpus/manifests: what wadm accepts is accepted and read as
 * the same application, what it refuses is refused.  Where that is not so, the difference
 * has an id, which the manual explains.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "manifest/decode.h"
#include "manifest/manifest.h"
#include "manifest/tree.h"
#include "test/support_manifest.h"
#include "test/support_model_json.h"

#define CORPUS      SUPPORT_CORPUS
#define DIFFERENCES "fixtures/manifests/differences"
#define MANUAL      "man/trellis-manifest.5"
#define FILES_MIN   ((size_t)267)
#define TEXT_BYTES  ((size_t)64 * 1024)

enum column {
    COLUMN_FILE,
    COLUMN_REPOSITORY,
    COLUMN_PATH,
    COLUMN_COMMIT,
    COLUMN_LICENCE,
    COLUMN_WADM,
    COLUMN_TRELLIS,
    COLUMN_DIFFERENCE,
    COLUMNS_COUNT,
};

/* A line of index.tsv, and what wadm read in the file. */
struct verdict {
    char *columns[COLUMNS_COUNT];
    json_t *manifest; /* as wadm read it; NULL: not both accept it */
};

struct corpus {
    struct arena arena;
    struct verdict *items;
    size_t count;
    size_t capacity;
};

static struct verdict *find_verdict(const struct corpus *corpus, const char *file)
{
    for (size_t i = 0; i < corpus->count; i++) {
        if (strcmp(corpus->items[i].columns[COLUMN_FILE], file) == 0) {
            return &corpus->items[i];
        }
    }
    return NULL;
}

static void load_index(struct corpus *corpus)
{
    size_t length;
    char *lines = support_file_read(CORPUS "/index.tsv", &corpus->arena, &length);
    char *rest = NULL;

    (void)strtok_r(lines, "\n", &rest); /* the names of the columns */
    for (char *line; (line = strtok_r(NULL, "\n", &rest)) != NULL;) {
        struct verdict verdict = {0};
        char *columns = NULL;

        for (size_t i = 0; i < COLUMNS_COUNT; i++) {
            verdict.columns[i] = strtok_r(i == 0 ? line : NULL, "\t", &columns);
            assert_non_null(verdict.columns[i]);
        }
        corpus->items = arena_grow(&corpus->arena, corpus->items, corpus->count,
                                   &corpus->capacity, sizeof *corpus->items);
        corpus->items[corpus->count++] = verdict;
    }
}

static void load_manifests(struct corpus *corpus)
{
    size_t length;
    char *rest = support_file_read(CORPUS "/wadm.jsonl", &corpus->arena, &length);

    for (char *line; (line = strtok_r(rest, "\n", &rest)) != NULL;) {
        json_t *entry = json_loads(line, 0, NULL);
        const char *file = json_string_value(json_object_get(entry, "file"));
        struct verdict *verdict = file == NULL ? NULL : find_verdict(corpus, file);

        if (verdict == NULL) {
            fail_msg("%s: not in the index", file == NULL ? "a line" : file);
            return;
        }
        verdict->manifest = json_incref(json_object_get(entry, "manifest"));
        json_decref(entry);
    }
}

static const char *dump(json_t *value, struct arena *arena)
{
    char *text = json_dumps(value, JSON_INDENT(1) | JSON_SORT_KEYS);
    const char *copy;

    assert_non_null(text);
    copy = arena_copy(arena, text);
    free(text);
    return copy;
}

/* Compare what wadm read with what is read here, before links are merged. */
static void check_model(const struct verdict *verdict, const char *bytes, size_t length,
                        struct arena *arena)
{
    struct diags diags;
    struct decode decode = {.arena = arena, .diags = &diags};
    struct oam_application application;
    struct tree_documents documents;
    json_t *ours;

    diags_init(&diags, arena, "corpus");
    assert_true(tree_read(bytes, length, arena, &diags, &documents));
    assert_int_equal(documents.count, 1);
    decode_application(&decode, documents.roots[0], &application);
    ours = support_model_json(&application);
    support_model_json_reshape(verdict->manifest);
    support_assert_text(verdict->columns[COLUMN_FILE], dump(verdict->manifest, arena),
                        dump(ours, arena));
    json_decref(ours);
}

/* Read the file at path; whether it is accepted, or why it is not. */
static bool is_accepted(const char *bytes, size_t length, struct arena *arena,
                        const char **ret_findings)
{
    struct manifest manifest;
    struct diags diags;
    struct text text;
    struct err err;
    enum err_code code;

    diags_init(&diags, arena, "manifest");
    code = manifest_read(bytes, length, "manifest", arena, &diags, &manifest, &err);
    text_init(&text, arena, TEXT_BYTES);
    diags_print(&diags, &text);
    *ret_findings = text.bytes;
    return code == ERR_OK;
}

static void test_verdict(void **state)
{
    const struct verdict *verdict = *state;
    const char *wadm = verdict->columns[COLUMN_WADM];
    const char *expected = verdict->columns[COLUMN_TRELLIS];
    struct arena arena = {0};
    const char *findings;
    size_t length;
    const char *bytes = support_file_read(
        arena_print(&arena, CORPUS "/%s", verdict->columns[COLUMN_FILE]), &arena,
        &length);
    const char *actual =
        is_accepted(bytes, length, &arena, &findings) ? "accept" : "refuse";

    assert_int_equal(strcmp(wadm, expected) != 0,
                     strcmp(verdict->columns[COLUMN_DIFFERENCE], "-") != 0);
    if (strcmp(expected, actual) != 0) {
        fail_msg("expected: %s\n%s", expected, findings);
    }
    assert_int_equal(strcmp(wadm, "accept") == 0 && strcmp(expected, "accept") == 0,
                     verdict->manifest != NULL);
    if (verdict->manifest != NULL) {
        check_model(verdict, bytes, length, &arena);
    }
    arena_free(&arena);
}

/* The ids that the manual lists below heading, a line each, in its order. */
static const char *manual_ids(const char *heading, struct arena *arena)
{
    size_t length;
    const char *manual = support_file_read(MANUAL, arena, &length);
    const char *section = strstr(manual, ".Sh DIFFERENCES TO WADM\n");
    const char *at;
    const char *end;
    struct text text;

    assert_non_null(section);
    at = strstr(section, heading);
    assert_non_null(at);
    end = strstr(at, "\n.El\n");
    assert_non_null(end);
    text_init(&text, arena, TEXT_BYTES);
    while ((at = strstr(at, "\n.It Em ")) != NULL && at < end) {
        at += strlen("\n.It Em ");
        text_append(&text, "%.*s\n", (int)strcspn(at, "\n"), at);
    }
    return text.bytes;
}

/* The names of the files below folder, a line each, without ".yaml". */
static const char *folder_ids(const char *folder, struct arena *arena)
{
    struct text text;
    size_t count;
    char **paths = support_folder_list(folder, ".yaml", arena, &count);

    text_init(&text, arena, TEXT_BYTES);
    for (size_t i = 0; i < count; i++) {
        const char *name = strrchr(paths[i], '/') + 1;

        text_append(&text, "%.*s\n", (int)(strlen(name) - strlen(".yaml")), name);
    }
    return text.bytes;
}

static void check_differences(const char *heading, const char *folder,
                              bool is_expected_accepted)
{
    struct arena arena = {0};
    size_t count;
    char **paths = support_folder_list(folder, ".yaml", &arena, &count);

    support_assert_text(folder, manual_ids(heading, &arena), folder_ids(folder, &arena));
    for (size_t i = 0; i < count; i++) {
        const char *findings;
        size_t length;
        const char *bytes = support_file_read(paths[i], &arena, &length);

        if (is_accepted(bytes, length, &arena, &findings) != is_expected_accepted) {
            fail_msg("%s: the other verdict is expected\n%s", paths[i], findings);
        }
    }
    arena_free(&arena);
}

static void test_differences_accepted(void **state)
{
    (void)state;
    check_differences("Accepted here:", DIFFERENCES "/accepted", true);
}

static void test_differences_refused(void **state)
{
    (void)state;
    check_differences("Refused here:", DIFFERENCES "/refused", false);
}

static void test_differences_known(void **state)
{
    const struct corpus *corpus = *state;
    struct arena arena = {0};
    const char *accepted = manual_ids("Accepted here:", &arena);
    const char *refused = manual_ids("Refused here:", &arena);

    for (size_t i = 0; i < corpus->count; i++) {
        char *const *columns = corpus->items[i].columns;
        const bool is_accepted_here = strcmp(columns[COLUMN_TRELLIS], "accept") == 0;
        const char *line = arena_print(&arena, "%s\n", columns[COLUMN_DIFFERENCE]);

        if (strcmp(columns[COLUMN_DIFFERENCE], "-") != 0 &&
            strstr(is_accepted_here ? accepted : refused, line) == NULL) {
            fail_msg("%s: the manual has no %s", columns[COLUMN_FILE], line);
        }
    }
    arena_free(&arena);
}

int main(void)
{
    struct corpus corpus = {0};
    struct CMUnitTest *tests;
    size_t count;
    int failed;

    load_index(&corpus);
    load_manifests(&corpus);
    count = corpus.count + 3;
    tests = arena_array(&corpus.arena, count, sizeof *tests);
    for (size_t i = 0; i < corpus.count; i++) {
        tests[i] = (struct CMUnitTest){
            .name = arena_print(&corpus.arena, "%s is read as wadm reads it, or known",
                                corpus.items[i].columns[COLUMN_FILE]),
            .test_func = test_verdict,
            .initial_state = &corpus.items[i],
        };
    }
    tests[count - 3] = (struct CMUnitTest){
        .name = "what only we accept is in the manual, and accepted",
        .test_func = test_differences_accepted,
    };
    tests[count - 2] = (struct CMUnitTest){
        .name = "what only we refuse is in the manual, and refused",
        .test_func = test_differences_refused,
    };
    tests[count - 1] = (struct CMUnitTest){
        .name = "every difference of the corpus is in the manual",
        .test_func = test_differences_known,
        .initial_state = &corpus,
    };
    failed = _cmocka_run_group_tests("verdicts", tests, count, NULL, NULL);
    failed += corpus.count < FILES_MIN;
    for (size_t i = 0; i < corpus.count; i++) {
        json_decref(corpus.items[i].manifest);
    }
    arena_free(&corpus.arena);
    return failed;
}
