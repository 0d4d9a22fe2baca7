#include "reconciler/run/walk.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ERROR_BYTES_MAX 128

/* The lists of a walk under way. */
struct walking {
    struct arena *arena;
    struct walk walk;
    size_t files_capacity;
    const char **folders;
    size_t folders_count;
    size_t folders_capacity;
};

bool walk_same(const struct walk_mark *a, const struct walk_mark *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->modified_ns == b->modified_ns && a->changed_ns == b->changed_ns;
}

bool walk_is_manifest(const char *name)
{
    static const char *const endings[] = {".yaml", ".yml", ".json"};
    const size_t length = strlen(name);

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const size_t end = strlen(endings[i]);

        /* A name with a dot in front is hidden, or an editor's. */
        if (name[0] != '.' && length > end &&
            strcmp(name + length - end, endings[i]) == 0) {
            return true;
        }
    }
    return false;
}

const char *walk_join(const char *folder, const char *name, struct arena *arena)
{
    const size_t length = strlen(folder);
    const char *slash = length > 0 && folder[length - 1] == '/' ? "" : "/";

    return arena_print(arena, "%s%s%s", folder, slash, name);
}

static int64_t nanoseconds(struct timespec time)
{
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void add_file(struct walking *walking, const FTSENT *entry)
{
    struct walk *walk = &walking->walk;
    const struct stat *status = entry->fts_statp;
    struct walk_file *file;

    walk->files = arena_grow(walking->arena, walk->files, walk->files_count,
                             &walking->files_capacity, sizeof *walk->files);
    file = &walk->files[walk->files_count++];
    *file = (struct walk_file){.path = arena_copy(walking->arena, entry->fts_path)};
    if (entry->fts_info == FTS_F) {
        file->mark = (struct walk_mark){
            .device = status->st_dev,
            .inode = status->st_ino,
            .size = status->st_size,
            .modified_ns = nanoseconds(status->st_mtim),
            .changed_ns = nanoseconds(status->st_ctim),
        };
    }
}

static void add_folder(struct walking *walking, const char *path)
{
    walking->folders =
        arena_grow(walking->arena, walking->folders, walking->folders_count,
                   &walking->folders_capacity, sizeof *walking->folders);
    walking->folders[walking->folders_count++] = arena_copy(walking->arena, path);
}

static const char *system_text(int number, char *ret_text, size_t size)
{
    if (strerror_r(number, ret_text, size) != 0) {
        ret_text[0] = '\0';
    }
    return ret_text;
}

static void note_unreadable(struct walking *walking, const FTSENT *entry)
{
    char text[ERROR_BYTES_MAX];

    walking->walk.unreadable =
        arena_print(walking->arena, "%s: %s", entry->fts_path,
                    system_text(entry->fts_errno, text, sizeof text));
}

/* A pipe or a device is no file: reading it might never end. */
static void take(struct walking *walking, FTS *stream, FTSENT *entry)
{
    const bool is_hidden = entry->fts_level > 0 && entry->fts_name[0] == '.';

    switch (entry->fts_info) {
    case FTS_D:
        if (is_hidden) {
            (void)fts_set(stream, entry, FTS_SKIP);
        } else {
            add_folder(walking, entry->fts_path);
        }
        break;
    case FTS_F:
    case FTS_SLNONE:
        if (walk_is_manifest(entry->fts_name)) {
            add_file(walking, entry);
        }
        break;
    case FTS_NS:
        if (walk_is_manifest(entry->fts_name)) {
            add_file(walking, entry);
        }
        note_unreadable(walking, entry);
        break;
    case FTS_DNR:
    case FTS_ERR:
        if (!is_hidden) {
            note_unreadable(walking, entry);
        }
        break;
    default: /* left again, or a circle of links, or no file */
        break;
    }
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(((const struct walk_file *)a)->path,
                  ((const struct walk_file *)b)->path);
}

static enum err_code set_error(const char *root, int number, struct err *err)
{
    const enum err_code code =
        number == ENOENT || number == ENOTDIR ? ERR_NOTFOUND : ERR_IO;
    char text[ERROR_BYTES_MAX];

    return err_set(err, code, "%s: %s", root, system_text(number, text, sizeof text));
}

/* Is root a folder that can be read?  fts(3) would tell of it like of any below it. */
static enum err_code check_root(const char *root, struct err *err)
{
    struct stat status;

    if (stat(root, &status) != 0) {
        return set_error(root, errno, err);
    }
    return S_ISDIR(status.st_mode) ? ERR_OK : set_error(root, ENOTDIR, err);
}

/* Of the root itself, or of the walk as a whole. */
static enum err_code go(struct walking *walking, FTS *stream, const char *root,
                        struct err *err)
{
    FTSENT *entry;

    errno = 0;
    while ((entry = fts_read(stream)) != NULL) {
        if (entry->fts_level == 0 &&
            (entry->fts_info == FTS_DNR || entry->fts_info == FTS_NS ||
             entry->fts_info == FTS_ERR)) {
            return set_error(root, entry->fts_errno, err);
        }
        take(walking, stream, entry);
        if (walking->walk.files_count > WALK_FILES_MAX) {
            return err_set(err, ERR_LIMIT, "%s: more than %d manifests in it", root,
                           WALK_FILES_MAX);
        }
        errno = 0;
    }
    return errno == 0 ? ERR_OK : set_error(root, errno, err);
}

enum err_code walk_folder(const char *root, struct arena *arena, struct walk *ret_walk,
                          struct err *err)
{
    struct walking walking = {.arena = arena};
    char *roots[] = {arena_copy(arena, root), NULL};
    enum err_code code = check_root(root, err);
    FTS *stream;

    if (code != ERR_OK) {
        return code;
    }
    stream = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, NULL);
    if (stream == NULL) {
        return set_error(root, errno, err);
    }
    code = go(&walking, stream, root, err);
    (void)fts_close(stream);
    if (code != ERR_OK) {
        return code;
    }
    if (walking.walk.files_count > 0) {
        qsort(walking.walk.files, walking.walk.files_count, sizeof *walking.walk.files,
              compare_paths);
    }
    walking.walk.folders = (struct names){walking.folders, walking.folders_count};
    *ret_walk = walking.walk;
    return ERR_OK;
}
