/*
 * store_history.h - what was done and what happened, as far back as there is room.
 *
 * That a version was put, deployed, undeployed or deleted the store notes by itself.
 */
#ifndef LINKSTORE_STORE_HISTORY_H
#define LINKSTORE_STORE_HISTORY_H

#include "linkstore/store.h"

/* A command that is about to be sent. */
struct store_command {
    const char *application;
    const char *kind;
    const char *text; /* the line that is logged, with its reason */
};

enum err_code store_note_commands(struct store *store,
                                  const struct store_command *commands, size_t count,
                                  int64_t now_unix_ms, struct err *err)
    __attribute__((warn_unused_result));

/* Component or provider id failed; noted for the applications that want it, if any. */
enum err_code store_note_failure(struct store *store, const char *id, const char *text,
                                 int64_t now_unix_ms, struct err *err)
    __attribute__((warn_unused_result));

/* One line of history. */
struct store_happening {
    int64_t unix_ms;
    const char *application;
    const char *kind; /* "put", "deployed", "undeployed", "deleted", "failed", or that of
                         a command */
    const char *version; /* NULL: it is of none */
    const char *text;
};

struct store_happenings {
    const struct store_happening *items; /* oldest first */
    size_t count;
};

/* The newest count_max of application, or of all when it is NULL. */
enum err_code store_history(struct store *store, const char *application,
                            size_t count_max, struct arena *arena,
                            struct store_happenings *ret_happenings, struct err *err)
    __attribute__((warn_unused_result));

#endif
