/*
 * store_internal.h - what the files of the store share among themselves.
 *
 * A function that writes does so between store_enter and store_leave:
 *
 *     enum err_code code = store_enter(store, err);
 *
 *     if (code == ERR_OK) {
 *         code = store_leave(store, write_it(store, ..., err), err);
 *     }
 */
#ifndef LINKSTORE_STORE_INTERNAL_H
#define LINKSTORE_STORE_INTERNAL_H

#include "linkstore/sql.h"
#include "linkstore/store.h"
#include "linkstore/store_file.h"

#define STORE_IDENTITY_BYTES 33 /* 32 digits and the NUL */

struct store {
    struct sql sql;
    struct arena arena; /* holds this struct, too */
    unsigned depth;     /* 0 no transaction, 1 one, 2 one within that of store_begin */
    int lock;           /* of store_lock; -1: in memory */
    const char *lattice;
    char identity[STORE_IDENTITY_BYTES];
};

/* Make the folders on the way to path that are not there. */
enum err_code store_make_folders(const char *path, struct err *err)
    __attribute__((warn_unused_result));

/* Begin a transaction, or a part of the one that store_begin began. */
enum err_code store_enter(struct store *store, struct err *err)
    __attribute__((warn_unused_result));

/*
 * End what store_enter began: keep it when code is ERR_OK, or else undo it, and only
 * it.  Returns code, or the error that came of keeping it.
 */
enum err_code store_leave(struct store *store, enum err_code code, struct err *err)
    __attribute__((warn_unused_result));

/* ERR_NOTFOUND: there is no application, or it has no such version (NULL: none). */
enum err_code store_set_notfound(const char *application, const char *version,
                                 struct err *err) __attribute__((warn_unused_result));

/* What a query of STORE_TEXT_COLUMNS, of version AS v and application AS a, stands at. */
#define STORE_TEXT_COLUMNS                                                               \
    "v.application, v.version, v.source, v.digest, v.way, v.author, v.text,"             \
    " v.created_unix_ms, a.deployed IS v.id"
struct store_text store_read_text(struct sql_query *query, struct arena *arena);

/* Replace the rows of the version with this id by those of desired. */
enum err_code store_write_rows(struct store *store, int64_t version,
                               const struct desired *desired, struct err *err)
    __attribute__((warn_unused_result));

/*
 * application, or what is deployed of it, has changed: find out anew which components of
 * others it finds, and who finds its own.
 */
enum err_code store_update_shared(struct store *store, const char *application,
                                  struct err *err) __attribute__((warn_unused_result));

/*
 * A link as eight columns, in this order: source_id, wit_namespace, wit_package, name,
 * target, interfaces, source_config, target_config.
 */
#define STORE_LINK_COLUMNS 8
void store_bind_link(struct sql_query *query, const struct link *link);
void store_bind_link_key(struct sql_query *query, const struct link *link);
struct link store_read_link(struct sql_query *query, int column, struct arena *arena);

#endif
