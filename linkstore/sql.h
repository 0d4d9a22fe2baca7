/*
 * sql.h - SQLite as the store uses it: one connection, prepared statements that are
 * kept, and one place a query where errors come out.
 *
 *     sql_start(&query, sql, "SELECT revision FROM version WHERE application = ?");
 *     sql_bind_text(&query, application);
 *     while (sql_step(&query)) {
 *         revision = sql_integer(&query, 0);
 *     }
 *     code = sql_end(&query, err);
 *
 * What goes wrong on the way is kept, turns the calls after it into nothing, and is the
 * answer of sql_end, which must be called.  sqlite3.h is included in sql.c alone.
 */
#ifndef LINKSTORE_SQL_H
#define LINKSTORE_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/arena.h"
#include "manifest/err.h"
#include "manifest/model.h"

struct sqlite3;
struct sqlite3_stmt;

/* Statements of the whole program are fewer: each is a literal in linkstore/. */
#define SQL_STATEMENTS_MAX 100

struct sql {
    struct sqlite3 *connection;
    const char *file; /* its path, and as it is shown in messages; both in the arena */
    const char *path; /* given to sql_open */
    struct {
        const char *text; /* the literal itself, compared as a pointer */
        struct sqlite3_stmt *statement;
    } kept[SQL_STATEMENTS_MAX];
    size_t kept_count;
};

struct sql_query {
    struct sql *sql;
    struct sqlite3_stmt *statement; /* NULL after an error of sql_start */
    int code;                       /* SQLite's; the first that was not good */
    int bound;                      /* parameters bound so far */
    struct arena arena;             /* what was bound and is not the caller's */
};

enum sql_mode {
    SQL_WRITE,
    SQL_READ, /* beside the one that writes */
};

/*
 * Open the file at path, which is there, or ":memory:".  Errors: ERR_IO.  Nothing is
 * read yet: that it is no database, or is locked, comes out at the first query.
 */
enum err_code sql_open(struct sql *sql, const char *path, enum sql_mode mode,
                       struct arena *arena, struct err *err)
    __attribute__((warn_unused_result));

/*
 * Move SQLite's log into the file when it is closed, too.  Until this is called it is
 * left as it was found; whoever only reads never calls it.
 */
void sql_own(struct sql *sql);

void sql_close(struct sql *sql);

/* Begin text, a literal with one statement; it is prepared once and kept. */
void sql_start(struct sql_query *query, struct sql *sql, const char *text);

/* Bind the next parameter; text is the caller's until sql_end, and NULL binds NULL. */
void sql_bind_text(struct sql_query *query, const char *text);
void sql_bind_bytes(struct sql_query *query, const char *text, size_t length);
void sql_bind_integer(struct sql_query *query, int64_t value);
void sql_bind_names(struct sql_query *query, const struct names *names);

/* Is there one more row? */
bool sql_step(struct sql_query *query);

int64_t sql_integer(struct sql_query *query, int column);

/* A copy in arena.  NULL in the column is an error, and "" is returned then. */
const char *sql_text(struct sql_query *query, int column, struct arena *arena);

/* A copy in arena, or NULL. */
const char *sql_text_or_null(struct sql_query *query, int column, struct arena *arena);

/* A JSON array of strings as it is, and as a set: sorted, none twice. */
struct names sql_names(struct sql_query *query, int column, struct arena *arena);
/* A column that is a JSON object of strings, sorted by key. */
struct properties sql_properties(struct sql_query *query, int column,
                                 struct arena *arena);
struct names sql_set(struct sql_query *query, int column, struct arena *arena);

/*
 * Done with query, whether all rows were read or not.  ERR_CONFLICT when another
 * process has the file, or it is no database; else ERR_IO.
 */
enum err_code sql_end(struct sql_query *query, struct err *err)
    __attribute__((warn_unused_result));

/* A query without parameters and rows. */
enum err_code sql_run(struct sql *sql, const char *text, struct err *err)
    __attribute__((warn_unused_result));

/* Any number of statements, not kept: a migration. */
enum err_code sql_run_script(struct sql *sql, const char *text, struct err *err)
    __attribute__((warn_unused_result));

/*
 * Make to the same as from, as it is at one moment, whoever writes to it meanwhile.  What
 * is wrong with to is said of from when to is in memory.
 */
enum err_code sql_copy(struct sql *from, struct sql *to, struct err *err)
    __attribute__((warn_unused_result));

/* Rows that the last INSERT, UPDATE or DELETE changed, not counting cascades. */
int64_t sql_changes(const struct sql *sql);

/* Some errors end a transaction on their own. */
bool sql_is_in_transaction(const struct sql *sql);

/* End the transaction, if there is one, without a trace. */
void sql_roll_back(struct sql *sql);

#endif
