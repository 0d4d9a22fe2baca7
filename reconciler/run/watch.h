/*
 * watch.h - inotify for a folder and those below it: when to look, and who writes.
 *
 * It says nothing of what is there: events get lost, and some file systems have none.
 */
#ifndef RECONCILER_RUN_WATCH_H
#define RECONCILER_RUN_WATCH_H

#include <stdbool.h>

#include "manifest/model.h"
#include "reconciler/core/instant.h"

struct watch;

/* root, absolute and with a slash at the end, is borrowed.  NULL when the system has no
 * inotify left. */
struct watch *watch_new(const char *root);
void watch_free(struct watch *watch);

/* Readable when something has happened. */
int watch_fd(const struct watch *watch);

/* Take what has happened; is it worth a look? */
bool watch_take(struct watch *watch, struct instant now);

/*
 * Follow these folders, and the one that root is in, for root may be a link that is
 * turned elsewhere.  True when one is new: what happened in it before was not told.
 */
bool watch_follow(struct watch *watch, const struct names *folders);

/* Are there folders that the kernel does not want to watch for us? */
bool watch_is_incomplete(const struct watch *watch);

/* Is the file at path being written to?  It counts as written when it is closed, or was
 * left alone for five seconds: *ret_until. */
bool watch_is_written(struct watch *watch, const char *path, struct instant now,
                      struct instant *ret_until);

#endif
