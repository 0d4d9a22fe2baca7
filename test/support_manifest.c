#include "test/support_manifest.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

char *support_file_read(const char *path, struct arena *arena, size_t *ret_length)
{
    FILE *file = fopen(path, "rb");
    long size;
    char *bytes;

    if (file == NULL) {
        fail_msg("%s: cannot be opened", path);
        return NULL;
    }
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size = ftell(file);
    assert_true(size >= 0);
    assert_int_equal(fseek(file, 0, SEEK_SET), 0);
    bytes = arena_alloc(arena, (size_t)size + 1);
    assert_int_equal(fread(bytes, 1, (size_t)size, file), (size_t)size);
    (void)fclose(file);
    *ret_length = (size_t)size;
    return bytes;
}

void support_file_write(const char *path, const char *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");

    if (file == NULL) {
        fail_msg("%s: cannot be written", path);
        return;
    }
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static int compare_paths(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool ends_in(const char *name, const char *suffix)
{
    const size_t length = strlen(name);
    const size_t end = strlen(suffix);

    return length > end && strcmp(name + length - end, suffix) == 0;
}

char **support_folder_list(const char *folder, const char *suffix, struct arena *arena,
                           size_t *ret_count)
{
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    char **paths = NULL;
    size_t count = 0;
    size_t capacity = 0;

    if (directory == NULL) {
        fail_msg("%s: cannot be listed", folder);
        return NULL;
    }
    // NOLINTNEXTLINE(concurrency-mt-unsafe): the tests have one thread
    while ((entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] != '.' && ends_in(entry->d_name, suffix)) {
            paths = arena_grow(arena, paths, count, &capacity, sizeof(char *));
            paths[count++] = arena_print(arena, "%s/%s", folder, entry->d_name);
        }
    }
    (void)closedir(directory);
    if (count > 0) {
        qsort(paths, count, sizeof(char *), compare_paths);
    }
    *ret_count = count;
    return paths;
}

char **support_corpus_list(struct arena *arena, size_t *ret_count)
{
    size_t length;
    char *lines = support_file_read(SUPPORT_CORPUS "/index.tsv", arena, &length);
    char **paths = NULL;
    size_t capacity = 0;
    size_t count = 0;
    char *rest = NULL;

    (void)strtok_r(lines, "\n", &rest); /* the names of the columns */
    for (const char *line; (line = strtok_r(NULL, "\n", &rest)) != NULL;) {
        paths = arena_grow(arena, paths, count, &capacity, sizeof(char *));
        paths[count++] =
            arena_print(arena, SUPPORT_CORPUS "/%.*s", (int)strcspn(line, "\t"), line);
    }
    *ret_count = count;
    return paths;
}

static size_t line_length(const char *line)
{
    return strcspn(line, "\n");
}

static const char *next_line(const char *line)
{
    line += line_length(line);
    return *line == '\0' ? line : line + 1;
}

static bool is_same_line(const char *a, const char *b)
{
    const size_t length = line_length(a);

    return length == line_length(b) && memcmp(a, b, length) == 0;
}

/* Whether line is one of those of text. */
static bool has_line(const char *text, const char *line)
{
    for (; *text != '\0'; text = next_line(text)) {
        if (is_same_line(text, line)) {
            return true;
        }
    }
    return false;
}

static const char *print_line(char sign, const char *line)
{
    print_error("%c %.*s\n", sign, (int)line_length(line), line);
    return next_line(line);
}

/* A diff good enough to see what happened: lines in step, then by presence. */
static void print_difference(const char *expected, const char *actual)
{
    while (*expected != '\0' || *actual != '\0') {
        if (*expected != '\0' && *actual != '\0' && is_same_line(expected, actual)) {
            expected = next_line(expected);
            actual = next_line(actual);
        } else if (*expected != '\0' && (*actual == '\0' || has_line(expected, actual) ||
                                         !has_line(actual, expected))) {
            expected = print_line('-', expected);
        } else {
            actual = print_line('+', actual);
        }
    }
}

void support_assert_text(const char *name, const char *expected, const char *actual)
{
    if (strcmp(expected, actual) != 0) {
        print_error("%s:\n", name);
        print_difference(expected, actual);
        fail_msg("%s: the texts differ", name);
    }
}
