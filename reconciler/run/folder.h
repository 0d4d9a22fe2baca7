/*
 * folder.h - a folder of manifests, kept an eye on.
 *
 * inotify only says when to look; what counts is the content, by its digest, and every
 * now and then the folder is read without being told.  A file that goes away is not a
 * wish to remove what it declared.
 */
#ifndef RECONCILER_RUN_FOLDER_H
#define RECONCILER_RUN_FOLDER_H

#include "manifest/err.h"
#include "reconciler/core/event.h"
#include "reconciler/wire/api.h"

struct folder;

/* path is borrowed.  ERR_NOTFOUND when there is no such folder; ERR_IO. */
enum err_code folder_open(const char *path, struct folder **ret_folder, struct err *err)
    __attribute__((warn_unused_result));
void folder_close(struct folder *folder);

/* Readable when something has changed. */
int folder_fd(const struct folder *folder);
/* It is: look soon, when whoever writes has had time to finish. */
void folder_take(struct folder *folder, struct instant now);
/* Look at once. */
void folder_look(struct folder *folder);
struct instant folder_deadline(const struct folder *folder);

/* Tell of the file at path in the next scan, too, though it may not change. */
void folder_tell_again(struct folder *folder, const char *path);

/*
 * Read what is new or has changed since the last time, into arena; files that cannot be
 * read are logged, once, and left out.  A file that somebody writes to is left until it
 * is closed, or not written to for five seconds.
 */
enum err_code folder_scan(struct folder *folder, struct instant now, struct arena *arena,
                          struct api_manifests *ret_changed, struct err *err)
    __attribute__((warn_unused_result));

#endif
