/*
 * support_folder.h - a folder of its own for a test, with files in it.
 */
#ifndef TEST_SUPPORT_FOLDER_H
#define TEST_SUPPORT_FOLDER_H

#include "manifest/arena.h"
#include "manifest/err.h"

/* A test called by a sentence, with a struct folder_state of its own. */
#define FOLDER_TEST(function)                                                            \
    cmocka_unit_test_setup_teardown(function, folder_set_up, folder_tear_down)

struct folder_state {
    struct arena arena;
    struct err err;
    const char *path; /* absolute, without links; empty at first */
};

int folder_set_up(void **state);
/* Removes all that is in the folder, too. */
int folder_tear_down(void **state);

/* The path of name in the folder, in its arena. */
const char *folder_path(struct folder_state *folder, const char *name);

/* text without the path of the folder and the slash behind it, in its arena. */
const char *folder_shorten(struct folder_state *folder, const char *text);

/* Write a file as a whole, in place. */
void folder_write(struct folder_state *folder, const char *name, const char *content);

/* Write it beside its place, then rename it, as careful editors do. */
void folder_replace(struct folder_state *folder, const char *name, const char *content);

void folder_remove(struct folder_state *folder, const char *name);

/* The folder itself, which must be empty; gone, and there again. */
void folder_vanish(struct folder_state *folder);
void folder_return(struct folder_state *folder);

#endif
