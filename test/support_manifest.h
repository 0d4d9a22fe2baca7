/*
 * support_manifest.h - what the tests of manifest/ share: files, and texts compared.
 */
#ifndef TEST_SUPPORT_MANIFEST_H
#define TEST_SUPPORT_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#include "manifest/arena.h"

/* Every case of a table is a text and what comes out of it. */
struct support_case {
    const char *name;
    const char *input;
    const char *expected;
};

/* The bytes of a file, with a NUL behind them; fails the test when it cannot be read. */
char *support_file_read(const char *path, struct arena *arena, size_t *ret_length);

/* Replace the content of a file. */
void support_file_write(const char *path, const char *bytes, size_t length);

/* The paths of the files in folder that end in suffix, sorted; *ret_count of them. */
char **support_folder_list(const char *folder, const char *suffix, struct arena *arena,
                           size_t *ret_count);

/* The folder of the manifests that others wrote. */
#define SUPPORT_CORPUS "fixtures/corpus/manifests"

/* The paths of all of these, in the order of their index; *ret_count of them. */
char **support_corpus_list(struct arena *arena, size_t *ret_count);

/*
 * Fail the test unless both texts are equal: prints name and the lines that differ,
 * "-" before an expected line and "+" before an actual one.
 */
void support_assert_text(const char *name, const char *expected, const char *actual);

#endif
