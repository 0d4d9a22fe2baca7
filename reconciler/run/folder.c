#include "reconciler/run/folder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "manifest/digest.h"
#include "reconciler/run/clock.h"
#include "reconciler/run/files.h"
#include "reconciler/run/log.h"

/* An editor writes a file in several steps. */
#define SETTLE_MS ((int64_t)100)
/* How long a file that is written to is waited for, after each write. */
#define WRITING_MS ((int64_t)5 * 1000)
/* Should a change have gone unnoticed, as on a network file system. */
#define RESCAN_MS ((int64_t)30 * 1000)

/* A file as it was last seen; "" for a digest when it could not be read. */
struct seen {
    struct seen *next;
    char digest[DIGEST_HEX_BYTES];
    bool is_there; /* in the scan under way */
    char path[];
};

/* A file that somebody writes to, by its name in the folder. */
struct writing {
    struct writing *next;
    struct instant until; /* unless it is closed before */
    char name[];
};

struct folder {
    const char *path;
    int fd;
    struct seen *seen;
    struct writing *writings;
    struct instant deadline;
};

/* Be told of what happens; to be repeated, for the folder may have been made again. */
static bool watch(const struct folder *folder)
{
    return folder->fd >= 0 &&
           inotify_add_watch(folder->fd, folder->path,
                             IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM |
                                 IN_DELETE | IN_CREATE | IN_ATTRIB | IN_ONLYDIR) >= 0;
}

enum err_code folder_open(const char *path, struct folder **ret_folder, struct err *err)
{
    struct folder *folder = calloc(1, sizeof *folder);
    struct arena arena = {0};
    struct names paths;
    enum err_code code;

    if (folder == NULL) {
        abort();
    }
    folder->path = path;
    folder->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    code = files_list(path, &arena, &paths, err); /* says best what is wrong */
    arena_free(&arena);
    if (code == ERR_OK && !watch(folder)) {
        /* Looking every half a minute has to do. */
        log_say(LOG_LEVEL_WARNING,
                "changes of the folder are noticed late: inotify is "
                "not to be had",
                "folder", path, NULL);
    }
    if (code != ERR_OK) {
        folder_close(folder);
        return code;
    }
    *ret_folder = folder;
    return ERR_OK;
}

static void end_writing(struct writing **at)
{
    struct writing *writing = *at;

    *at = writing->next;
    free(writing);
}

void folder_close(struct folder *folder)
{
    if (folder == NULL) {
        return;
    }
    while (folder->seen != NULL) {
        struct seen *next = folder->seen->next;

        free(folder->seen);
        folder->seen = next;
    }
    while (folder->writings != NULL) {
        end_writing(&folder->writings);
    }
    if (folder->fd >= 0) {
        (void)close(folder->fd);
    }
    free(folder);
}

int folder_fd(const struct folder *folder)
{
    return folder->fd;
}

static struct writing **find_writing(struct folder *folder, const char *name)
{
    struct writing **at = &folder->writings;

    while (*at != NULL && strcmp((*at)->name, name) != 0) {
        at = &(*at)->next;
    }
    return at;
}

static void begin_writing(struct folder *folder, const char *name, struct instant now)
{
    struct writing **at = find_writing(folder, name);

    if (*at == NULL) {
        *at = calloc(1, sizeof **at + strlen(name) + 1);
        if (*at == NULL) {
            abort();
        }
        memcpy((*at)->name, name, strlen(name) + 1);
    }
    (*at)->until = instant_after(now, WRITING_MS);
}

/* Of all that happens, only who is in the middle of writing matters. */
static void take_event(struct folder *folder, const struct inotify_event *event,
                       struct instant now)
{
    struct writing **at;

    if (event->len == 0) {
        return;
    }
    if ((event->mask & IN_MODIFY) != 0) {
        begin_writing(folder, event->name, now);
        return;
    }
    at = find_writing(folder, event->name);
    if (*at != NULL && (event->mask & (IN_CREATE | IN_ATTRIB)) == 0) {
        end_writing(at);
    }
}

static void take_events(struct folder *folder, struct instant now)
{
    _Alignas(struct inotify_event) char buffer[4096];
    ssize_t count;

    while ((count = read(folder->fd, buffer, sizeof buffer)) > 0) {
        for (const char *at = buffer; at < buffer + count;) {
            const struct inotify_event *event = (const void *)at;

            take_event(folder, event, now);
            at += sizeof *event + event->len;
        }
    }
}

void folder_take(struct folder *folder, struct instant now)
{
    take_events(folder, now);
    folder->deadline = instant_min(folder->deadline, instant_after(now, SETTLE_MS));
}

void folder_look(struct folder *folder)
{
    folder->deadline = (struct instant){0};
}

struct instant folder_deadline(const struct folder *folder)
{
    return folder->deadline;
}

static struct seen *find_or_add(struct folder *folder, const char *path)
{
    struct seen *seen;

    for (seen = folder->seen; seen != NULL; seen = seen->next) {
        if (strcmp(seen->path, path) == 0) {
            return seen;
        }
    }
    seen = calloc(1, sizeof *seen + strlen(path) + 1);
    if (seen == NULL) {
        abort();
    }
    memcpy(seen->path, path, strlen(path) + 1);
    seen->digest[0] = '?'; /* no digest: it was never looked at */
    seen->next = folder->seen;
    folder->seen = seen;
    return seen;
}

/* Half of a manifest may be one, too, and lack what the other half declares. */
static bool is_written_to(struct folder *folder, const char *path, struct instant now)
{
    const char *slash = strrchr(path, '/');
    struct writing **at = find_writing(folder, slash != NULL ? slash + 1 : path);

    if (*at != NULL && instant_is_due((*at)->until, now)) {
        end_writing(at);
    }
    if (*at == NULL) {
        return false;
    }
    folder->deadline = instant_min(folder->deadline, (*at)->until);
    return true;
}

/* Read the file at path; true when its content is another than the last time. */
static bool has_changed(struct folder *folder, const char *path, struct arena *arena,
                        struct api_manifest *ret_manifest)
{
    struct seen *seen = find_or_add(folder, path);
    char digest[DIGEST_HEX_BYTES] = "";
    struct err err;
    const enum err_code code = files_read_one(path, arena, ret_manifest, &err);

    if (code == ERR_OK) {
        digest_bytes(ret_manifest->text, ret_manifest->length, digest);
    }
    seen->is_there = true;
    if (strcmp(seen->digest, digest) == 0) {
        return false;
    }
    memcpy(seen->digest, digest, sizeof seen->digest);
    if (code != ERR_OK) {
        log_say(LOG_LEVEL_ERROR,
                "a manifest cannot be read: what it declared before "
                "stays",
                "reason", err.message, NULL);
    }
    return code == ERR_OK;
}

/* Files that were there and are not any more: said once, and forgotten. */
static void note_gone(struct folder *folder)
{
    struct seen **at = &folder->seen;

    while (*at != NULL) {
        struct seen *seen = *at;

        if (seen->is_there) {
            seen->is_there = false;
            at = &seen->next;
            continue;
        }
        log_say(LOG_LEVEL_WARNING,
                "a manifest is gone: what it declared stays; trellis "
                "delete removes it",
                "file", seen->path, NULL);
        *at = seen->next;
        free(seen);
    }
}

void folder_tell_again(struct folder *folder, const char *path)
{
    find_or_add(folder, path)->digest[0] = '?';
}

enum err_code folder_scan(struct folder *folder, struct instant now, struct arena *arena,
                          struct api_manifests *ret_changed, struct err *err)
{
    struct api_manifest *changed;
    struct names paths;
    size_t count = 0;
    enum err_code code;

    folder->deadline = instant_after(now, RESCAN_MS);
    (void)watch(folder); /* before looking, so that nothing happens in between */
    take_events(folder, now);
    code = files_list(folder->path, arena, &paths, err);
    if (code != ERR_OK) {
        return code;
    }
    changed = arena_array(arena, paths.count, sizeof *changed);
    for (size_t i = 0; i < paths.count; i++) {
        const char *path = paths.items[i];

        if (is_written_to(folder, path, now)) {
            find_or_add(folder, path)->is_there = true;
        } else {
            count += has_changed(folder, path, arena, &changed[count]);
        }
    }
    note_gone(folder);
    *ret_changed = (struct api_manifests){changed, count};
    return ERR_OK;
}
