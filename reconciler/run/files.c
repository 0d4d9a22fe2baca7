#include "reconciler/run/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manifest/limits.h"
#include "reconciler/run/author.h"
#include "reconciler/run/fetch.h"
#include "reconciler/run/walk.h"

#define READ_BYTES      65536
#define MEGABYTE        ((size_t)1024 * 1024)
#define STANDARD_INPUT  "standard input"
#define ERROR_BYTES_MAX 128

/* What the system says of errno, for a path that could not be used. */
static enum err_code set_errno(struct err *err, const char *path)
{
    const enum err_code code =
        errno == ENOENT || errno == ENOTDIR ? ERR_NOTFOUND : ERR_IO;
    char text[ERROR_BYTES_MAX];

    if (strerror_r(errno, text, sizeof text) != 0) {
        text[0] = '\0';
    }
    return err_set(err, code, "%s: %s", path, text);
}

/* Room for all of a file and a NUL, or for the beginning of what has no size. */
static size_t first_room(int fd)
{
    struct stat status;
    size_t room = READ_BYTES;

    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
        room = (uintmax_t)status.st_size < MANIFEST_BYTES_MAX ? (size_t)status.st_size + 1
                                                              : MANIFEST_BYTES_MAX + 1;
    }
    return room;
}

static char *enlarge(struct arena *arena, const char *bytes, size_t *room)
{
    char *larger = arena_alloc(arena, 2 * *room);

    memcpy(larger, bytes, *room);
    *room *= 2;
    return larger;
}

static enum err_code read_whole(int fd, const char *source, struct arena *arena,
                                struct api_manifest *ret_manifest, struct err *err)
{
    size_t room = first_room(fd);
    char *bytes = arena_alloc(arena, room);
    size_t count = 0;
    ssize_t length;

    while ((length = read(fd, bytes + count, room - count)) != 0) {
        if (length < 0 && errno == EINTR) {
            continue;
        }
        if (length < 0) {
            return set_errno(err, source);
        }
        count += (size_t)length;
        if (count > MANIFEST_BYTES_MAX) {
            return err_set(err, ERR_LIMIT, "%s: larger than %zu MB", source,
                           MANIFEST_BYTES_MAX / MEGABYTE);
        }
        if (count == room) { /* it grows, or has no size: and a NUL is to follow */
            bytes = enlarge(arena, bytes, &room);
        }
    }
    bytes[count] = '\0';
    *ret_manifest = (struct api_manifest){source, bytes, count};
    return ERR_OK;
}

/* path without links and dots, or as it is when there is no such file. */
static const char *absolute(const char *path, struct arena *arena)
{
    char resolved[PATH_MAX];

    return realpath(path, resolved) != NULL ? arena_copy(arena, resolved) : path;
}

static enum err_code read_file(const char *path, const char *source, struct arena *arena,
                               struct api_manifest *ret_manifest, struct err *err)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum err_code code;

    if (fd < 0) {
        return set_errno(err, path);
    }
    code = read_whole(fd, source, arena, ret_manifest, err);
    (void)close(fd);
    return code;
}

enum err_code files_read_one(const char *path, struct arena *arena,
                             struct api_manifest *ret_manifest, struct err *err)
{
    return read_file(path, absolute(path, arena), arena, ret_manifest, err);
}

/* Manifests that are being read. */
struct files {
    const struct options *options;
    bool is_as_given;
    struct arena *arena;
    struct api_manifest *items;
    size_t count;
    size_t capacity;
};

static struct api_manifest *next(struct files *files)
{
    files->items = arena_grow(files->arena, files->items, files->count, &files->capacity,
                              sizeof *files->items);
    return &files->items[files->count++];
}

static enum err_code add_file(struct files *files, const char *path, struct err *err)
{
    const char *source = files->is_as_given ? path : absolute(path, files->arena);

    return read_file(path, source, files->arena, next(files), err);
}

static enum err_code add_folder(struct files *files, const char *path, struct err *err)
{
    struct walk walk = {0};
    enum err_code code = walk_folder(path, files->arena, &walk, err);

    if (code == ERR_OK && walk.unreadable != NULL) {
        code = err_set(err, ERR_IO, "%s", walk.unreadable);
    }
    for (size_t i = 0; code == ERR_OK && i < walk.files_count; i++) {
        code = add_file(files, walk.files[i].path, err);
    }
    return code;
}

static enum err_code add(struct files *files, const char *operand, struct err *err)
{
    struct stat status;

    if (strcmp(operand, "-") == 0) {
        return read_whole(STDIN_FILENO, STANDARD_INPUT, files->arena, next(files), err);
    }
    if (fetch_is_url(operand)) {
        return fetch_url(operand, files->options->timeout_ms, files->arena, next(files),
                         err);
    }
    if (stat(operand, &status) == 0 && S_ISDIR(status.st_mode)) {
        return add_folder(files, operand, err);
    }
    return add_file(files, operand, err);
}

static enum err_code read_all(struct files *files, struct api_manifests *ret_manifests,
                              struct err *err)
{
    const struct names *operands = &files->options->operands;

    for (size_t i = 0; i < operands->count; i++) {
        const enum err_code code = add(files, operands->items[i], err);

        if (code != ERR_OK) {
            return code;
        }
    }
    for (size_t i = 0; i < files->count; i++) {
        files->items[i].way = "direct";
        files->items[i].author = author(files->arena);
    }
    *ret_manifests = (struct api_manifests){files->items, files->count};
    return ERR_OK;
}

enum err_code files_read(const struct options *options, struct arena *arena,
                         struct api_manifests *ret_manifests, struct err *err)
{
    struct files files = {.options = options, .arena = arena};

    return read_all(&files, ret_manifests, err);
}

enum err_code files_read_as_given(const struct options *options, struct arena *arena,
                                  struct api_manifests *ret_manifests, struct err *err)
{
    struct files files = {.options = options, .is_as_given = true, .arena = arena};

    return read_all(&files, ret_manifests, err);
}
