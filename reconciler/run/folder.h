/*
 * folder.h - a folder of manifests, and all folders below it, kept an eye on.
 *
 * inotify only says when to look; what counts is what a look finds, and every now and
 * then there is one without being told.  Where inotify is not to be had, or not wanted,
 * looking every few seconds has to do.
 */
#ifndef RECONCILER_RUN_FOLDER_H
#define RECONCILER_RUN_FOLDER_H

#include "manifest/err.h"
#include "reconciler/core/event.h"
#include "reconciler/wire/api.h"

struct folder;

/*
 * path is borrowed.  poll_ms is the time between looks without inotify; 0: with it.
 * ERR_NOTFOUND when there is no such folder; ERR_IO.
 */
enum err_code folder_open(const char *path, int64_t poll_ms, struct folder **ret_folder,
                          struct err *err) __attribute__((warn_unused_result));
void folder_close(struct folder *folder);

/* The folder's absolute path, with a slash at the end: every file's path begins so. */
const char *folder_root(const struct folder *folder);

/* Readable when something has changed; -1 without inotify. */
int folder_fd(const struct folder *folder);
/* It is: look soon, when whoever writes has had time to finish. */
void folder_take(struct folder *folder, struct instant now);
/* Look at once. */
void folder_look(struct folder *folder);
struct instant folder_deadline(const struct folder *folder);

/* Tell of the file at path in the next scan, too, though it may not change. */
void folder_tell_again(struct folder *folder, const char *path);

enum folder_finding {
    FOLDER_SAME,
    FOLDER_CHANGED,
    FOLDER_WRITTEN,    /* somebody writes to it: left for a later look */
    FOLDER_UNREADABLE, /* said in the log once */
};

struct folder_file {
    const char *path;
    enum folder_finding finding;
    struct api_manifest manifest; /* when it has changed */
};

struct folder_view {
    const struct folder_file *files; /* sorted by path */
    size_t count;
    const char *unreadable; /* the part of the folder that could not be seen; or NULL */
};

/*
 * Look, into arena.  A file that somebody writes to is left until it is closed, or not
 * written to for five seconds; without inotify, for 200 ms.  After an error nothing is
 * known of any file, and none counts as gone.
 */
enum err_code folder_scan(struct folder *folder, struct instant now, struct arena *arena,
                          struct folder_view *ret_view, struct err *err)
    __attribute__((warn_unused_result));

#endif
