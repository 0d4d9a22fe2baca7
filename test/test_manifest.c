/*
 * The golden folders of fixtures/manifests; a case is a file, and adding one needs no C.
 * With --rewrite the expected texts are written anew.
 */
#include "manifest/manifest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "manifest/canon.h"
#include "test/support_manifest.h"

#define VALID      "fixtures/manifests/valid"
#define INVALID    "fixtures/manifests/invalid"
#define TEXT_BYTES ((size_t)4 * 1024 * 1024)

/* Everything there is to know of one text that was read. */
struct reading {
    struct arena arena;
    struct diags diags;
    struct manifest manifest;
    struct err err;
    enum err_code code;
    const char *findings;
    const char *canon; /* of all its applications; "" when it was refused */
};

static bool is_rewriting;

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

static const char *canon_of(const struct manifest *manifest, struct arena *arena)
{
    struct text text;

    text_init(&text, arena, TEXT_BYTES);
    canon_print_manifest(manifest, &text);
    assert_false(text.is_cut);
    return text.bytes;
}

static void read_text(struct reading *reading, const char *bytes, size_t length,
                      const char *source)
{
    struct text text;

    *reading = (struct reading){0};
    diags_init(&reading->diags, &reading->arena, source);
    reading->code = manifest_read(bytes, length, source, &reading->arena, &reading->diags,
                                  &reading->manifest, &reading->err);
    text_init(&text, &reading->arena, TEXT_BYTES);
    diags_print(&reading->diags, &text);
    reading->findings = text.bytes;
    reading->canon =
        reading->code == ERR_OK ? canon_of(&reading->manifest, &reading->arena) : "";
}

static void read_path(struct reading *reading, const char *path)
{
    struct arena arena = {0};
    size_t length;
    char *bytes = support_file_read(path, &arena, &length);

    read_text(reading, bytes, length, base_name(path));
    arena_free(&arena);
}

/* path with another suffix. */
static const char *sibling(const char *path, const char *suffix, struct arena *arena)
{
    const char *dot = strrchr(path, '.');

    return arena_print(arena, "%.*s%s", (int)(dot - path), path, suffix);
}

/* Compare with the file at path, or write it; "" is a file that is not there. */
static void check_golden(const char *path, const char *actual, struct arena *arena)
{
    const bool is_there = access(path, F_OK) == 0;
    size_t length;

    if (is_rewriting && *actual != '\0') {
        support_file_write(path, actual, strlen(actual));
    } else if (is_rewriting && is_there) {
        assert_int_equal(unlink(path), 0);
    } else {
        support_assert_text(path, is_there ? support_file_read(path, arena, &length) : "",
                            actual);
    }
}

/* Every error has a place, and the first of them is in err. */
static void check_errors(const struct reading *reading)
{
    const struct diag *first = NULL;

    for (size_t i = 0; i < reading->diags.count; i++) {
        const struct diag *diag = &reading->diags.items[i];

        assert_true(diag->span.start.line > 0 && diag->span.start.column > 0);
        assert_true(diag->span.end.line > diag->span.start.line ||
                    (diag->span.end.line == diag->span.start.line &&
                     diag->span.end.column >= diag->span.start.column));
        if (first == NULL && diag->severity == DIAG_ERROR) {
            first = diag;
        }
    }
    assert_int_equal(reading->code != ERR_OK, first != NULL);
    if (first != NULL) {
        assert_int_equal(reading->err.code, reading->code);
        assert_string_equal(reading->err.message, first->message);
        assert_string_equal(reading->err.source, first->source);
        assert_int_equal(reading->err.place.line, first->span.start.line);
        assert_int_equal(reading->err.place.column, first->span.start.column);
    }
}

/* The canon of reading is accepted, and is its own canon. */
static void check_canon(const struct reading *reading)
{
    struct reading again;

    read_text(&again, reading->canon, strlen(reading->canon), "canon");
    if (again.code != ERR_OK) {
        fail_msg("the canon is refused\n%s", again.findings);
    }
    support_assert_text("canon of canon", reading->canon, again.canon);
    arena_free(&again.arena);
}

static void test_valid(void **state)
{
    const char *path = *state;
    struct arena arena = {0};
    struct reading reading;

    read_path(&reading, path);
    if (reading.code != ERR_OK) {
        fail_msg("%s: refused\n%s", path, reading.findings);
    }
    check_errors(&reading);
    check_golden(sibling(path, ".canon", &arena), reading.canon, &arena);
    check_golden(sibling(path, ".err", &arena), reading.findings, &arena);
    check_canon(&reading);
    arena_free(&reading.arena);
    arena_free(&arena);
}

static void test_invalid(void **state)
{
    const char *path = *state;
    struct arena arena = {0};
    struct reading reading;

    read_path(&reading, path);
    assert_int_not_equal(reading.code, ERR_OK);
    check_errors(&reading);
    check_golden(sibling(path, ".err", &arena), reading.findings, &arena);
    arena_free(&reading.arena);
    arena_free(&arena);
}

struct tests {
    struct CMUnitTest *items;
    size_t count;
    size_t capacity;
    struct arena arena;
};

static void add_test(struct tests *tests, const char *name, CMUnitTestFunction run,
                     void *state)
{
    tests->items = arena_grow(&tests->arena, tests->items, tests->count, &tests->capacity,
                              sizeof *tests->items);
    tests->items[tests->count++] =
        (struct CMUnitTest){.name = name, .test_func = run, .initial_state = state};
}

static void add_folder(struct tests *tests, const char *folder, const char *suffix,
                       const char *verb, CMUnitTestFunction run)
{
    size_t count;
    char **paths = support_folder_list(folder, suffix, &tests->arena, &count);

    for (size_t i = 0; i < count; i++) {
        add_test(tests, arena_print(&tests->arena, "%s is %s", base_name(paths[i]), verb),
                 run, paths[i]);
    }
}

int main(int argc, char **argv)
{
    struct tests tests = {0};
    int failed;

    is_rewriting = argc > 1 && strcmp(argv[1], "--rewrite") == 0;
    add_folder(&tests, VALID, ".yaml", "accepted", test_valid);
    add_folder(&tests, VALID, ".json", "accepted", test_valid);
    add_folder(&tests, INVALID, ".yaml", "refused", test_invalid);
    add_folder(&tests, INVALID, ".json", "refused", test_invalid);
    failed = _cmocka_run_group_tests("manifest", tests.items, tests.count, NULL, NULL);
    arena_free(&tests.arena);
    return failed;
}
