#include "test/support_folder.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "manifest/text.h"
#include "test/support_manifest.h"

int folder_set_up(void **state)
{
    struct folder_state *folder = calloc(1, sizeof *folder);
    char path[] = "/tmp/trellis-XXXXXX";

    assert_non_null(folder);
    assert_non_null(mkdtemp(path));
    folder->path = arena_copy(&folder->arena, path);
    *state = folder;
    return 0;
}

/* Folders in it must be empty. */
static void remove_content(struct folder_state *folder)
{
    DIR *directory = opendir(folder->path);
    const struct dirent *entry;

    if (directory == NULL) {
        return;
    }
    while ((entry = readdir(directory)) != NULL) { // NOLINT(concurrency-mt-unsafe): ours
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            folder_remove(folder, entry->d_name);
        }
    }
    (void)closedir(directory);
}

int folder_tear_down(void **state)
{
    struct folder_state *folder = *state;

    remove_content(folder);
    (void)rmdir(folder->path);
    arena_free(&folder->arena);
    free(folder);
    return 0;
}

const char *folder_path(struct folder_state *folder, const char *name)
{
    return arena_print(&folder->arena, "%s/%s", folder->path, name);
}

void folder_write(struct folder_state *folder, const char *name, const char *content)
{
    support_file_write(folder_path(folder, name), content, strlen(content));
}

void folder_replace(struct folder_state *folder, const char *name, const char *content)
{
    const char *beside = folder_path(folder, ".4913~");

    support_file_write(beside, content, strlen(content));
    assert_int_equal(rename(beside, folder_path(folder, name)), 0);
}

void folder_remove(struct folder_state *folder, const char *name)
{
    assert_int_equal(remove(folder_path(folder, name)), 0);
}

void folder_vanish(struct folder_state *folder)
{
    assert_int_equal(rmdir(folder->path), 0);
}

void folder_return(struct folder_state *folder)
{
    assert_int_equal(mkdir(folder->path, 0700), 0);
}

const char *folder_shorten(struct folder_state *folder, const char *text)
{
    const size_t length = strlen(folder->path) + 1;
    struct text shorter;

    text_init(&shorter, &folder->arena, 65536);
    while (*text != '\0') {
        if (strncmp(text, folder->path, length - 1) == 0) {
            text += length;
        } else {
            text_append_bytes(&shorter, text++, 1);
        }
    }
    return shorter.bytes;
}
