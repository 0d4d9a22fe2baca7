/*
 * walk.h - what is in a folder of manifests and the folders below it.
 *
 * Hidden names are left out, and with them what editors and Kubernetes keep beside a
 * file; links are followed, but never round in a circle.
 */
#ifndef RECONCILER_RUN_WALK_H
#define RECONCILER_RUN_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/arena.h"
#include "manifest/err.h"
#include "manifest/model.h"

/* Tells whether a file was written to, or is another one, without reading it. */
struct walk_mark {
    uint64_t device;
    uint64_t inode;
    int64_t size;
    int64_t modified_ns; /* since 1970 */
    int64_t changed_ns;  /* its inode */
};

struct walk_file {
    const char *path;      /* root's and what comes below it; links are not resolved */
    struct walk_mark mark; /* all zero when there is nothing behind the name */
};

struct walk {
    struct walk_file *files; /* .yaml, .yml and .json, sorted by path */
    size_t files_count;
    struct names folders;   /* root and those below it, in no order */
    const char *unreadable; /* why something of it could not be seen; NULL: all was */
};

/*
 * Go through root.  ERR_NOTFOUND when it is no folder; ERR_IO with what the system says
 * when root itself cannot be read; ERR_LIMIT over WALK_FILES_MAX files.
 */
#define WALK_FILES_MAX 100000
enum err_code walk_folder(const char *root, struct arena *arena, struct walk *ret_walk,
                          struct err *err) __attribute__((warn_unused_result));

bool walk_same(const struct walk_mark *a, const struct walk_mark *b);

/* The path of name in folder, with one slash between them. */
const char *walk_join(const char *folder, const char *name, struct arena *arena);

/* Would a file of this name be taken for a manifest? */
bool walk_is_manifest(const char *name);

#endif
