#include "test/support_cases.h"

#include <assert.h>
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test/support_manifest.h"

#define CASES_MAX        2000
#define OUTPUT_BYTES_MAX ((size_t)4 * 1024 * 1024)

struct test_case {
    const char *file;
    const char *name;
    const char *input;
    const char *expected;
    void (*run)(const char *input, struct text *output);
};

struct cases {
    struct arena arena;
    struct test_case items[CASES_MAX];
    struct CMUnitTest tests[CASES_MAX];
    size_t count;
};

/* The line after the one that is mark, from text on; NULL when there is none. */
static const char *find_line(const char *text, const char *mark, size_t *ret_before)
{
    const char *at = text;
    const size_t length = strlen(mark);

    while (*at != '\0') {
        const size_t line = strcspn(at, "\n");

        if (line == length && strncmp(at, mark, length) == 0) {
            *ret_before = (size_t)(at - text);
            return at + line + (at[line] == '\n');
        }
        at += line + (at[line] == '\n');
    }
    *ret_before = (size_t)(at - text);
    return NULL;
}

static void test_case(void **state)
{
    const struct test_case *this = *state;
    struct arena arena = {0};
    struct text output;

    text_init(&output, &arena, OUTPUT_BYTES_MAX);
    this->run(this->input, &output);
    if (strcmp(output.bytes, this->expected) != 0) {
        (void)fprintf(stderr, "%s: %s\n--- input\n%s--- expected\n%s--- came out\n%s",
                      this->file, this->name, this->input, this->expected, output.bytes);
        arena_free(&arena);
        fail();
    }
    arena_free(&arena);
}

static void load_file(struct cases *cases, const char *path)
{
    size_t length;
    const char *at = support_file_read(path, &cases->arena, &length);

    while (at != NULL && *at != '\0') {
        struct test_case *each = &cases->items[cases->count];
        const size_t title = strcspn(at, "\n");
        size_t input_length;
        size_t expected_length;
        const char *expected;

        assert(cases->count < CASES_MAX);
        assert(strncmp(at, "# ", 2) == 0);
        each->file = path;
        each->name = arena_text(&cases->arena, at + 2, title - 2);
        at += title + 1;
        expected = find_line(at, "----", &input_length);
        assert(expected != NULL);
        each->input = arena_text(&cases->arena, at, input_length);
        at = find_line(expected, "====", &expected_length);
        each->expected = arena_text(&cases->arena, expected, expected_length);
        cases->count++;
    }
}

static int is_wanted(const char *name, const char *suffix)
{
    const size_t length = strlen(name);
    const size_t end = strlen(suffix);

    return length > end && strcmp(name + length - end, suffix) == 0;
}

static void load_folder(struct cases *cases, const char *folder, const char *suffix)
{
    struct dirent **entries;
    const int count = scandir(folder, &entries, NULL, alphasort);

    if (count < 0) {
        perror(folder);
        abort();
    }
    for (int i = 0; i < count; i++) {
        if (is_wanted(entries[i]->d_name, suffix)) {
            load_file(cases,
                      arena_print(&cases->arena, "%s/%s", folder, entries[i]->d_name));
        }
        free(entries[i]);
    }
    free(entries);
}

static void write_file(const char *path, const char *bytes)
{
    FILE *file = fopen(path, "w");

    assert(file != NULL);
    (void)fputs(bytes, file);
    (void)fclose(file);
}

/* Write every file of cases again, with what comes out now. */
static void rewrite(const struct cases *cases)
{
    struct arena arena = {0};
    struct text whole;

    for (size_t i = 0; i < cases->count; i++) {
        const struct test_case *each = &cases->items[i];
        const bool is_first = i == 0 || strcmp(cases->items[i - 1].file, each->file) != 0;
        const bool is_last =
            i + 1 == cases->count || strcmp(cases->items[i + 1].file, each->file) != 0;

        if (is_first) {
            text_init(&whole, &arena, OUTPUT_BYTES_MAX);
        }
        text_append(&whole, "# %s\n%s----\n", each->name, each->input);
        each->run(each->input, &whole);
        text_append(&whole, "%s", is_last ? "" : "====\n");
        if (is_last) {
            write_file(each->file, whole.bytes);
            arena_free(&arena);
        }
    }
}

int cases_run(int argc, char **argv, const char *folder, const char *suffix,
              void (*run)(const char *input, struct text *output))
{
    struct cases *cases = calloc(1, sizeof *cases);
    int failed_count = 0;

    assert(cases != NULL);
    load_folder(cases, folder, suffix);
    for (size_t i = 0; i < cases->count; i++) {
        cases->items[i].run = run;
        cases->tests[i] = (struct CMUnitTest){
            .name = cases->items[i].name,
            .test_func = test_case,
            .initial_state = &cases->items[i],
        };
    }
    if (argc > 1 && strcmp(argv[1], "--rewrite") == 0) {
        rewrite(cases);
    } else {
        failed_count =
            _cmocka_run_group_tests(folder, cases->tests, cases->count, NULL, NULL);
    }
    arena_free(&cases->arena);
    free(cases);
    return failed_count;
}
