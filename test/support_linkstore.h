/*
 * support_linkstore.h - rows as lines of text, so that tests are tables.
 *
 * A line is words with one blank between them; a list has commas between its names and
 * is "-" when it is empty:
 *
 *     config NAME CONTENT
 *     link SOURCE TARGET NAME NAMESPACE PACKAGE INTERFACES SOURCE_CONFIG TARGET_CONFIG
 *     component ID IMAGE INSTANCES CONFIGS
 *     provider ID IMAGE INSTANCES CONFIGS
 *     daemon ID IMAGE INSTANCES CONFIGS       a provider on each host
 */
#ifndef TEST_SUPPORT_LINKSTORE_H
#define TEST_SUPPORT_LINKSTORE_H

#include <stddef.h>

#include "linkstore/desired.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* A test called by a sentence, each with a struct linkstore_state of its own. */
#define LINKSTORE_TEST(sentence, function)                                               \
    {                                                                                    \
        sentence, function, linkstore_set_up, linkstore_tear_down, NULL                  \
    }

struct linkstore_state {
    struct arena arena;
};

int linkstore_set_up(void **state);
int linkstore_tear_down(void **state);

struct names linkstore_names(const char *list, struct arena *arena);
struct link linkstore_link(const char *line, struct arena *arena);

/* The rows of lines, in the order they must have; a line's number is its origin. */
struct desired linkstore_desired(const char *application, const char *version,
                                 const char *lines, struct arena *arena);

/* Fails with the lines that differ. */
void linkstore_assert_text(const char *actual, const char *expected);

/*
 * Compare with a file under fixtures/; with GOLDEN=rewrite in the environment, write it
 * instead.
 */
void linkstore_assert_golden(const char *actual, const char *path);

#endif
