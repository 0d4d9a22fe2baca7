/*
 * store_schema.h - what a file has to be to be a store, and how an older one becomes one.
 */
#ifndef LINKSTORE_STORE_SCHEMA_H
#define LINKSTORE_STORE_SCHEMA_H

#include "linkstore/sql.h"

/* The newest schema, which is this program's: user_version counts them. */
int64_t store_schema_newest(void);

/* The first column of the first row of text, a literal; 0 when there is none. */
enum err_code store_schema_ask(struct sql *sql, const char *text, int64_t *ret_answer,
                               struct err *err) __attribute__((warn_unused_result));

/*
 * May the file be opened, as far as reading it tells?  ERR_CONFLICT: it is a database of
 * somebody else's, or a newer trellis's; an empty one may become ours.
 */
enum err_code store_schema_check(struct sql *sql, struct err *err)
    __attribute__((warn_unused_result));

/* ERR_IO when pages or rows are damaged: all of them are looked at, indexes are not. */
enum err_code store_schema_quick_check(struct sql *sql, struct err *err)
    __attribute__((warn_unused_result));

/* Bring an empty or an older file up to date, within the transaction of the caller. */
enum err_code store_schema_migrate(struct sql *sql, const char *lattice, struct err *err)
    __attribute__((warn_unused_result));

#endif
