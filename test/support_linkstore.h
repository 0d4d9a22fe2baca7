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
 *     shared COMPONENT component|provider APPLICATION NAME ID
 *     sharing                                 others may use what it runs
 *     redeliver WORD                          of the application
 *
 * and of the ledger, with STATE sent or confirmed, or sent+700: unsure for 700 ms:
 *
 *     put STATE APPLICATION config NAME CONTENT
 *     put STATE APPLICATION link SOURCE TARGET ... [DELIVERED [dropped]]
 *     put STATE APPLICATION component ID HOST IMAGE CONFIGS
 *     put STATE APPLICATION provider ID HOST IMAGE CONFIGS [DELIVERED [LOST]]
 *     drop STATE APPLICATION ...
 */
#ifndef TEST_SUPPORT_LINKSTORE_H
#define TEST_SUPPORT_LINKSTORE_H

#include <stddef.h>

#include "linkstore/desired.h"
#include "linkstore/ledger.h"
#include "linkstore/store.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* A test called by a sentence, each with a struct linkstore_state of its own. */
#define LINKSTORE_TEST(sentence, function)                                               \
    {                                                                                    \
        sentence, function, linkstore_set_up, linkstore_tear_down, NULL                  \
    }

struct linkstore_state {
    struct arena arena;
    char folder[64];
    char path[80];       /* in folder; not made yet */
    struct store *store; /* NULL until the test opens it; closed at its end */
    struct err err;
};

int linkstore_set_up(void **state);
int linkstore_tear_down(void **state);

/* Open state->path, or else ":memory:", for lattice "default"; the test fails if not. */
void linkstore_open_file(struct linkstore_state *state);
void linkstore_open_memory(struct linkstore_state *state);

/* Remove path and the files SQLite keeps beside it. */
void linkstore_remove_store(const char *path);

struct names linkstore_names(const char *list, struct arena *arena);
struct link linkstore_link(const char *line, struct arena *arena);

/* The rows of lines, in the order they must have; a line's number is its origin. */
struct desired linkstore_desired(const char *application, const char *version,
                                 const char *lines, struct arena *arena);

/* The changes of lines, in their order. */
struct ledger_change *linkstore_changes(const char *lines, struct arena *arena,
                                        size_t *ret_count);

/* Put lines as a version that comes from "APPLICATION.yaml"; its text is lines. */
enum store_put_result linkstore_put(struct linkstore_state *state,
                                    const char *application, const char *version,
                                    const char *lines);
/* The same, then deploy it. */
void linkstore_put_and_deploy(struct linkstore_state *state, const char *application,
                              const char *version, const char *lines);

/* What the store holds, as lines. */
const char *linkstore_dump_applications(struct linkstore_state *state);
const char *linkstore_dump_desired(struct linkstore_state *state,
                                   const char *application);
const char *linkstore_dump_ledger(struct linkstore_state *state, int64_t now_unix_ms);

/* Fails with the lines that differ. */
void linkstore_assert_text(const char *actual, const char *expected);

/*
 * Compare with a file under fixtures/; with GOLDEN=rewrite in the environment, write it
 * instead.
 */
void linkstore_assert_golden(const char *actual, const char *path);

#endif
