#include "reconciler/run/folder.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "manifest/digest.h"
#include "reconciler/run/clock.h"
#include "reconciler/run/files.h"
#include "reconciler/run/log.h"
#include "reconciler/run/walk.h"
#include "reconciler/run/watch.h"

/* An editor writes a file in several steps. */
#define SETTLE_MS ((int64_t)100)
/* How long a file must be left alone where nobody tells who writes to it. */
#define QUIET_MS ((int64_t)200)
/* Should a change have gone unnoticed, as on a network file system. */
#define RESCAN_MS ((int64_t)30 * 1000)
/* Where changes are not told. */
#define UNTOLD_MS ((int64_t)10 * 1000)
/* A file system may not tell two writes apart that are closer than this. */
#define GRAIN_MS ((int64_t)2 * 1000)

/* A file as it was last seen. */
struct seen {
    const char *path;
    char digest[DIGEST_HEX_BYTES]; /* "" could not be read, "?" was never looked at */
    struct walk_mark mark;
    int64_t read_unix_ms;
};

struct folder {
    struct arena arena; /* of root */
    const char *root;
    int64_t poll_ms;
    struct watch *watch; /* NULL without inotify */

    struct arena seen_arena; /* of the last look */
    struct seen *seen;       /* sorted by path */
    size_t seen_count;
    struct instant deadline;
};

/* The absolute path, but with its links: they may point elsewhere tomorrow. */
static const char *name_root(const char *path, struct arena *arena)
{
    const size_t length = strlen(path);
    const char *slash = length > 0 && path[length - 1] == '/' ? "" : "/";
    char here[PATH_MAX];

    if (path[0] == '/' || getcwd(here, sizeof here) == NULL) {
        return arena_print(arena, "%s%s", path, slash);
    }
    return arena_print(arena, "%s/%s%s", here, path, slash);
}

static void open_watch(struct folder *folder)
{
    if (folder->poll_ms > 0) {
        return;
    }
    folder->watch = watch_new(folder->root);
    if (folder->watch == NULL) {
        log_say(LOG_LEVEL_WARNING,
                "changes of the folder are noticed late: inotify is not to be had",
                "folder", folder->root, NULL);
    }
}

enum err_code folder_open(const char *path, int64_t poll_ms, struct folder **ret_folder,
                          struct err *err)
{
    struct folder *folder = calloc(1, sizeof *folder);
    struct arena arena = {0};
    struct walk walk;
    enum err_code code;

    if (folder == NULL) {
        abort();
    }
    folder->root = name_root(path, &folder->arena);
    folder->poll_ms = poll_ms;
    open_watch(folder);
    code = walk_folder(folder->root, &arena, &walk, err); /* says best what is wrong */
    if (code == ERR_OK && folder->watch != NULL) {
        (void)watch_follow(folder->watch, &walk.folders);
    }
    arena_free(&arena);
    if (code != ERR_OK) {
        folder_close(folder);
        return code;
    }
    *ret_folder = folder;
    return ERR_OK;
}

void folder_close(struct folder *folder)
{
    if (folder != NULL) {
        watch_free(folder->watch);
        arena_free(&folder->seen_arena);
        arena_free(&folder->arena);
        free(folder);
    }
}

const char *folder_root(const struct folder *folder)
{
    return folder->root;
}

int folder_fd(const struct folder *folder)
{
    return folder->watch != NULL ? watch_fd(folder->watch) : -1;
}

static void look_after(struct folder *folder, struct instant now, int64_t span_ms)
{
    folder->deadline = instant_min(folder->deadline, instant_after(now, span_ms));
}

void folder_take(struct folder *folder, struct instant now)
{
    if (watch_take(folder->watch, now)) {
        look_after(folder, now, SETTLE_MS);
    }
}

void folder_look(struct folder *folder)
{
    folder->deadline = CLOCK_LONG_AGO;
}

struct instant folder_deadline(const struct folder *folder)
{
    return folder->deadline;
}

static int seen_compare(const void *a, const void *b)
{
    return strcmp(((const struct seen *)a)->path, ((const struct seen *)b)->path);
}

static struct seen *find_seen(const struct folder *folder, const char *path)
{
    const struct seen key = {.path = path};

    return folder->seen_count == 0 ? NULL
                                   : bsearch(&key, folder->seen, folder->seen_count,
                                             sizeof key, seen_compare);
}

void folder_tell_again(struct folder *folder, const char *path)
{
    struct seen *seen = find_seen(folder, path);

    if (seen != NULL) {
        memcpy(seen->digest, "?", 2);
    }
}

/* Half of a manifest may be one, too, and lack what the other half declares. */
static bool is_written_to(struct folder *folder, const struct walk_file *file,
                          struct instant now)
{
    const int64_t age_ms = clock_unix_ms() - file->mark.modified_ns / 1000000;
    struct instant until;

    if (folder->watch == NULL) {
        if (age_ms < 0 || age_ms >= QUIET_MS) {
            return false;
        }
        look_after(folder, now, QUIET_MS - age_ms);
        return true;
    }
    if (!watch_is_written(folder->watch, file->path, now, &until)) {
        return false;
    }
    folder->deadline = instant_min(folder->deadline, until);
    return true;
}

/* Can it be told from outside that file was not written to since it was read? */
static bool is_untouched(const struct seen *seen, const struct walk_file *file)
{
    return seen->digest[0] != '?' && seen->digest[0] != '\0' &&
           seen->read_unix_ms - file->mark.modified_ns / 1000000 > GRAIN_MS &&
           walk_same(&seen->mark, &file->mark);
}

static enum folder_finding read_one(struct seen *seen, const struct walk_file *file,
                                    struct arena *arena,
                                    struct api_manifest *ret_manifest)
{
    char digest[DIGEST_HEX_BYTES] = "";
    struct err err;
    enum err_code code;

    seen->mark = file->mark;
    seen->read_unix_ms = clock_unix_ms();
    code = files_read_one(file->path, arena, ret_manifest, &err);
    if (code == ERR_OK) {
        digest_bytes(ret_manifest->text, ret_manifest->length, digest);
    } else if (seen->digest[0] != '\0') {
        log_say(LOG_LEVEL_ERROR,
                "a manifest cannot be read: what it declared before stays", "reason",
                err.message, NULL);
    }
    if (code == ERR_OK && strcmp(seen->digest, digest) == 0) {
        return FOLDER_SAME;
    }
    memcpy(seen->digest, digest, sizeof seen->digest);
    return code == ERR_OK ? FOLDER_CHANGED : FOLDER_UNREADABLE;
}

/* Look at file, of which *seen is what was last seen, and becomes what is seen now. */
static struct folder_file look_at(struct folder *folder, const struct walk_file *file,
                                  struct instant now, struct arena *arena,
                                  struct seen *seen)
{
    struct folder_file found = {.path = file->path, .finding = FOLDER_SAME};

    if (is_written_to(folder, file, now)) {
        found.finding = FOLDER_WRITTEN;
    } else if (!is_untouched(seen, file)) {
        found.finding = read_one(seen, file, arena, &found.manifest);
        found.manifest.source = file->path;
    }
    return found;
}

/* Look at all files of walk, and remember them. */
static const struct folder_file *look_at_all(struct folder *folder,
                                             const struct walk *walk, struct instant now,
                                             struct arena *arena)
{
    struct folder_file *files = arena_array(arena, walk->files_count, sizeof *files);
    struct arena seen_arena = {0};
    struct seen *all = arena_array(&seen_arena, walk->files_count, sizeof *all);

    for (size_t i = 0; i < walk->files_count; i++) {
        const struct seen *before = find_seen(folder, walk->files[i].path);

        all[i] = before != NULL ? *before : (struct seen){.digest = "?"};
        all[i].path = arena_copy(&seen_arena, walk->files[i].path);
        files[i] = look_at(folder, &walk->files[i], now, arena, &all[i]);
    }
    arena_free(&folder->seen_arena);
    folder->seen_arena = seen_arena;
    folder->seen = all;
    folder->seen_count = walk->files_count;
    return files;
}

enum err_code folder_scan(struct folder *folder, struct instant now, struct arena *arena,
                          struct folder_view *ret_view, struct err *err)
{
    struct walk walk;
    enum err_code code;

    folder->deadline = instant_after(now, folder->poll_ms > 0     ? folder->poll_ms
                                          : folder->watch != NULL ? RESCAN_MS
                                                                  : UNTOLD_MS);
    if (folder->watch != NULL) {
        (void)watch_take(folder->watch, now);
    }
    code = walk_folder(folder->root, arena, &walk, err);
    if (code != ERR_OK) {
        return code;
    }
    if (folder->watch != NULL && watch_follow(folder->watch, &walk.folders)) {
        look_after(folder, now, SETTLE_MS);
    }
    if (folder->watch != NULL && watch_is_incomplete(folder->watch)) {
        look_after(folder, now, UNTOLD_MS);
    }
    *ret_view = (struct folder_view){
        .files = look_at_all(folder, &walk, now, arena),
        .count = walk.files_count,
        .unreadable = walk.unreadable,
    };
    return ERR_OK;
}
