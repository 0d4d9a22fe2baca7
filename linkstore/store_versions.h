/*
 * store_versions.h - the versions of one application, and the text of each.
 */
#ifndef LINKSTORE_STORE_VERSIONS_H
#define LINKSTORE_STORE_VERSIONS_H

#include "linkstore/store_file.h"

/* A version, without its text. */
struct store_known {
    const char *version;
    int64_t created_unix_ms;
    bool is_deployed;
};

struct store_known_versions {
    const struct store_known *items; /* in the order they were put */
    size_t count;
};

/* The versions of application; ERR_NOTFOUND when there is none. */
enum err_code store_versions(struct store *store, const char *application,
                             struct arena *arena,
                             struct store_known_versions *ret_versions, struct err *err)
    __attribute__((warn_unused_result));

/* A version of application with its text; the newest when version is NULL.  ERR_NOTFOUND
 * there is none. */
enum err_code store_find_text(struct store *store, const char *application,
                              const char *version, struct arena *arena,
                              struct store_text *ret_text, struct err *err)
    __attribute__((warn_unused_result));

#endif
