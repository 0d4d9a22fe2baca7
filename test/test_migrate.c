/*
 * The golden folder fixtures/manifests/migrate: what each file becomes, and what is left
 * to a human.  With --rewrite the expected texts are written anew.
 */
#include "manifest/migrate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "manifest/manifest.h"
#include "test/support_manifest.h"

#define FOLDER     "fixtures/manifests/migrate"
#define TEXT_BYTES ((size_t)1024 * 1024)

/* A text, and what became of it. */
struct migrated {
    struct arena arena;
    enum err_code code;
    struct err err;
    struct text output;
    const char *findings; /* "" when nothing is wrong */
};

static bool is_rewriting;

static void migrate(struct migrated *migrated, const char *text, size_t length,
                    const char *source)
{
    struct diags diags;
    struct text findings;

    *migrated = (struct migrated){0};
    diags_init(&diags, &migrated->arena, source);
    text_init(&migrated->output, &migrated->arena, TEXT_BYTES);
    text_init(&findings, &migrated->arena, TEXT_BYTES);
    migrated->code =
        migrate_print(text, length, source, &diags, &migrated->output, &migrated->err);
    if (migrated->code != ERR_OK) {
        diags_print(&diags, &findings);
        assert_true(findings.count > 0);
        assert_true(migrated->err.place.line > 0);
    }
    migrated->findings = findings.bytes;
}

static bool is_accepted(const struct text *text)
{
    struct arena arena = {0};
    struct manifest manifest;
    struct diags diags;
    struct err err;
    enum err_code code;

    diags_init(&diags, &arena, "text");
    code =
        manifest_read(text->bytes, text->count, "text", &arena, &diags, &manifest, &err);
    for (size_t i = 0; code == ERR_OK && i < diags.count; i++) {
        assert_true(strncmp(diags.items[i].rule, "old-", 4) != 0);
    }
    arena_free(&arena);
    return code == ERR_OK;
}

/* Compare with the file at path, or write it; "" is a file that is not there. */
static void check_golden(const char *path, const struct text *actual, struct arena *arena)
{
    const bool is_there = access(path, F_OK) == 0;
    size_t length;

    if (is_rewriting && actual->count > 0) {
        support_file_write(path, actual->bytes, actual->count);
    } else if (is_rewriting && is_there) {
        assert_int_equal(unlink(path), 0);
    } else {
        support_assert_text(path, is_there ? support_file_read(path, arena, &length) : "",
                            actual->bytes);
    }
}

/* path with another suffix. */
static const char *sibling(const char *path, const char *suffix, struct arena *arena)
{
    return arena_print(arena, "%.*s%s", (int)(strrchr(path, '.') - path), path, suffix);
}

/* What has been migrated, or could not be, stays as it is. */
static void check_again(const struct migrated *migrated)
{
    struct migrated again;

    migrate(&again, migrated->output.bytes, migrated->output.count, "again");
    support_assert_text("migrated twice", migrated->output.bytes, again.output.bytes);
    assert_int_equal(again.code, migrated->code);
    arena_free(&again.arena);
}

static void test_file(void **state)
{
    const char *path = *state;
    struct arena arena = {0};
    struct migrated migrated;
    struct text findings;
    size_t length;
    const char *text = support_file_read(path, &arena, &length);

    migrate(&migrated, text, length, strrchr(path, '/') + 1);
    text_init(&findings, &arena, TEXT_BYTES);
    text_append(&findings, "%s", migrated.findings);
    check_golden(sibling(path, ".migrated", &arena), &migrated.output, &arena);
    check_golden(sibling(path, ".err", &arena), &findings, &arena);
    assert_int_equal(is_accepted(&migrated.output), migrated.code == ERR_OK);
    check_again(&migrated);
    arena_free(&migrated.arena);
    arena_free(&arena);
}

static bool has_old_word(const char *text)
{
    static const char *const words[] = {"actor", "linkdef", "contract", "link_name",
                                        "replicas"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strstr(text, words[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* Whether the file at path has nothing of 0.82 and can be read: then it is unchanged. */
static bool check_unchanged(const char *path)
{
    struct arena arena = {0};
    struct migrated migrated;
    size_t length;
    const char *text = support_file_read(path, &arena, &length);
    bool is_compared;

    migrate(&migrated, text, length, "text");
    is_compared = !has_old_word(text) && migrated.output.count > 0;
    if (is_compared) {
        assert_int_equal(migrated.output.count, length);
        assert_memory_equal(migrated.output.bytes, text, length);
    }
    arena_free(&migrated.arena);
    arena_free(&arena);
    return is_compared;
}

/* Nothing of 0.82 in it: not a byte is different, whether or not it is accepted. */
static void test_unchanged(void **state)
{
    static const char *const folders[] = {"fixtures/manifests/valid",
                                          "fixtures/manifests/invalid"};
    struct arena arena = {0};
    size_t compared_count = 0;
    size_t corpus_count;
    char **corpus = support_corpus_list(&arena, &corpus_count);

    (void)state;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        size_t count;
        char **paths = support_folder_list(folders[i], ".yaml", &arena, &count);

        for (size_t k = 0; k < count; k++) {
            compared_count += check_unchanged(paths[k]);
        }
    }
    for (size_t i = 0; i < corpus_count; i++) {
        compared_count += check_unchanged(corpus[i]);
    }
    assert_true(compared_count > 150);
    arena_free(&arena);
}

/* Cut anywhere, or with any byte another, it is refused or migrated, and no worse. */
static void test_broken(void **state)
{
    static const char others[] = "{[-:#&*!|\"'\n\r \t,}]";
    struct arena arena = {0};
    size_t length;
    char *text = support_file_read(FOLDER "/comments.yaml", &arena, &length);

    (void)state;
    for (size_t i = 0; i < length; i++) {
        const char byte = text[i];
        struct migrated migrated;

        migrate(&migrated, text, i, "cut");
        assert_true(migrated.code != ERR_OK || is_accepted(&migrated.output));
        arena_free(&migrated.arena);
        text[i] = others[i % (sizeof others - 1)];
        migrate(&migrated, text, length, "other");
        assert_true(migrated.code != ERR_OK || is_accepted(&migrated.output));
        arena_free(&migrated.arena);
        text[i] = byte;
    }
    arena_free(&arena);
}

int main(int argc, char **argv)
{
    struct arena arena = {0};
    struct CMUnitTest *tests;
    size_t counts[2];
    char **yaml = support_folder_list(FOLDER, ".yaml", &arena, &counts[0]);
    char **json = support_folder_list(FOLDER, ".json", &arena, &counts[1]);
    const size_t files_count = counts[0] + counts[1];
    int failed;

    is_rewriting = argc > 1 && strcmp(argv[1], "--rewrite") == 0;
    tests = arena_array(&arena, files_count + 2, sizeof *tests);
    for (size_t i = 0; i < files_count; i++) {
        char *path = i < counts[0] ? yaml[i] : json[i - counts[0]];

        tests[i] = (struct CMUnitTest){
            .name = arena_print(&arena, "%s becomes what it should", path),
            .test_func = test_file,
            .initial_state = path,
        };
    }
    tests[files_count] = (struct CMUnitTest){.name = "what needs nothing stays as it is",
                                             .test_func = test_unchanged};
    tests[files_count + 1] = (struct CMUnitTest){
        .name = "no broken text becomes a bad manifest", .test_func = test_broken};
    failed = _cmocka_run_group_tests("migrate", tests, files_count + 2, NULL, NULL);
    arena_free(&arena);
    return failed;
}
