#include "linkstore/sql.h"

#include <assert.h>
#include <string.h>

#include <sqlite3.h>

#include "linkstore/desired.h"
#include "linkstore/step.h"
#include "linkstore/store_lock.h"
#include "manifest/text.h"

/* Of a long path the end is shown: it is what tells files apart. */
#define PATH_SHOWN_MAX 200
/* Who has the file only for a moment is waited for; by a reader for as long as it takes
 * on a busy machine to make a store, which nobody can read meanwhile. */
#define BUSY_MS      200
#define BUSY_READ_MS 5000

static const char *shown_path(const char *path, struct arena *arena)
{
    const size_t length = strlen(path);

    if (length <= PATH_SHOWN_MAX) {
        return arena_copy(arena, path);
    }
    return arena_print(arena, "...%s", path + length - PATH_SHOWN_MAX);
}

static enum err_code set_locked(const struct sql *sql, struct err *err)
{
    const long holder = store_lock_holder(sql->file);

    if (holder == 0) {
        return err_set(err, ERR_CONFLICT,
                       "store %s is locked by another process: end it, or give another "
                       "--store",
                       sql->path);
    }
    return err_set(err, ERR_CONFLICT,
                   "store %s is locked by process %ld: end it, or give another --store",
                   sql->path, holder);
}

/* What code means to a person, and what to do about it. */
static enum err_code explain(const struct sql *sql, int code, struct err *err)
{
    const char *reason = sqlite3_extended_errcode(sql->connection) == code
                             ? sqlite3_errmsg(sql->connection)
                             : sqlite3_errstr(code);

    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return set_locked(sql, err);
    case SQLITE_NOTADB:
        return err_set(err, ERR_CONFLICT, "%s is no trellis store: give another --store",
                       sql->path);
    case SQLITE_FULL:
        return err_set(err, ERR_IO,
                       "no room is left for store %s: make some, then try again",
                       sql->path);
    case SQLITE_CORRUPT:
    case SQLITE_MISMATCH:
        return err_set(err, ERR_IO,
                       "store %s is damaged (%s): put back a copy of it, or give another "
                       "--store",
                       sql->path, reason);
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
        return err_set(err, ERR_IO,
                       "store %s cannot be written (%s): check the mode of the file and "
                       "of its folder",
                       sql->path, reason);
    default:
        return err_set(err, ERR_IO,
                       "store %s: %s (SQLite code %d): check the disk, then try again",
                       sql->path, reason, code);
    }
}

enum err_code sql_open(struct sql *sql, const char *path, enum sql_mode mode,
                       struct arena *arena, struct err *err)
{
    /* A name that begins with "file:" or ":" would mean something else to SQLite. */
    const bool is_plain = path[0] == '/' || strcmp(path, ":memory:") == 0;
    const char *name = is_plain ? path : arena_print(arena, "./%s", path);
    enum err_code code = ERR_OK;
    int answer;

    *sql = (struct sql){.file = arena_copy(arena, path), .path = shown_path(path, arena)};
    answer = sqlite3_open_v2(
        name, &sql->connection,
        (mode == SQL_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
            SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
        NULL);
    if (answer == SQLITE_OK && mode == SQL_WRITE &&
        sqlite3_db_readonly(sql->connection, "main") == 1) {
        answer = SQLITE_READONLY; /* which else would come out at the first change */
    }
    if (answer == SQLITE_OK) {
        answer = sqlite3_busy_timeout(sql->connection,
                                      mode == SQL_READ ? BUSY_READ_MS : BUSY_MS);
    }
    if (answer == SQLITE_OK) {
        answer =
            sqlite3_db_config(sql->connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    }
    if (answer != SQLITE_OK) {
        code = explain(sql, answer, err);
        sql_close(sql);
    }
    return code;
}

void sql_own(struct sql *sql)
{
    (void)sqlite3_db_config(sql->connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
}

void sql_close(struct sql *sql)
{
    int answer;

    for (size_t i = 0; i < sql->kept_count; i++) {
        (void)sqlite3_finalize(sql->kept[i].statement);
    }
    answer = sqlite3_close(sql->connection);
    assert(answer == SQLITE_OK); /* nothing is left unfinalized */
    *sql = (struct sql){0};
}

static struct sqlite3_stmt *find_kept(const struct sql *sql, const char *text)
{
    for (size_t i = 0; i < sql->kept_count; i++) {
        if (sql->kept[i].text == text) {
            return sql->kept[i].statement;
        }
    }
    return NULL;
}

void sql_start(struct sql_query *query, struct sql *sql, const char *text)
{
    *query = (struct sql_query){.sql = sql, .statement = find_kept(sql, text)};
    if (query->statement == NULL) {
        assert(sql->kept_count < SQL_STATEMENTS_MAX);
        query->code =
            sqlite3_prepare_v3(sql->connection, text, -1, SQLITE_PREPARE_PERSISTENT,
                               &query->statement, NULL);
        if (query->code == SQLITE_OK) {
            sql->kept[sql->kept_count].text = text;
            sql->kept[sql->kept_count].statement = query->statement;
            sql->kept_count++;
        }
    }
    assert(query->statement == NULL || !sqlite3_stmt_busy(query->statement));
}

void sql_bind_bytes(struct sql_query *query, const char *text, size_t length)
{
    if (query->code == SQLITE_OK) {
        query->code = sqlite3_bind_text64(query->statement, ++query->bound, text, length,
                                          SQLITE_STATIC, SQLITE_UTF8);
    }
}

void sql_bind_text(struct sql_query *query, const char *text)
{
    sql_bind_bytes(query, text, text != NULL ? strlen(text) : 0);
}

void sql_bind_integer(struct sql_query *query, int64_t value)
{
    if (query->code == SQLITE_OK) {
        query->code = sqlite3_bind_int64(query->statement, ++query->bound, value);
    }
}

void sql_bind_names(struct sql_query *query, const struct names *names)
{
    struct text text;

    text_init(&text, &query->arena, SIZE_MAX / 2);
    names_print(names, &text);
    sql_bind_bytes(query, text.bytes, text.count);
}

/* Transactions begin and end read-only, as SQLite sees it. */
static bool writes(struct sqlite3_stmt *statement)
{
    return sqlite3_stmt_readonly(statement) == 0 || sqlite3_column_count(statement) == 0;
}

bool sql_step(struct sql_query *query)
{
    int answer;

    if (query->code != SQLITE_OK) {
        return false;
    }
    assert(query->bound == sqlite3_bind_parameter_count(query->statement));
    if (writes(query->statement)) {
        step_pass();
    }
    answer = sqlite3_step(query->statement);
    if (writes(query->statement)) {
        step_pass();
    }
    if (answer != SQLITE_ROW && answer != SQLITE_DONE) {
        query->code = answer;
    }
    return answer == SQLITE_ROW;
}

int64_t sql_integer(struct sql_query *query, int column)
{
    return sqlite3_column_int64(query->statement, column);
}

const char *sql_text_or_null(struct sql_query *query, int column, struct arena *arena)
{
    const unsigned char *text = sqlite3_column_text(query->statement, column);
    const int length = sqlite3_column_bytes(query->statement, column);

    return text != NULL ? arena_text(arena, (const char *)text, (size_t)length) : NULL;
}

const char *sql_text(struct sql_query *query, int column, struct arena *arena)
{
    const char *text = sql_text_or_null(query, column, arena);

    if (text == NULL) {
        query->code = SQLITE_MISMATCH;
        return "";
    }
    return text;
}

/* Reset the statement for its next use, and return the first code that was not good. */
static int finish(struct sql_query *query)
{
    if (query->statement != NULL) {
        (void)sqlite3_reset(query->statement);
        (void)sqlite3_clear_bindings(query->statement);
    }
    arena_free(&query->arena);
    return query->code;
}

static struct names read_names(struct sql_query *query, int column, const char *text,
                               struct arena *arena)
{
    const char *json = (const char *)sqlite3_column_text(query->statement, column);
    const char **items = NULL;
    size_t capacity = 0;
    size_t count = 0;
    struct sql_query each;

    if (json == NULL || strcmp(json, "[]") == 0) {
        return (struct names){0};
    }
    sql_start(&each, query->sql, text);
    sql_bind_text(&each, json);
    while (sql_step(&each)) {
        items = arena_grow(arena, items, count, &capacity, sizeof *items);
        items[count++] = sql_text(&each, 0, arena);
    }
    if (finish(&each) != SQLITE_OK) {
        query->code = each.code;
    }
    return (struct names){.items = items, .count = count};
}

struct properties sql_properties(struct sql_query *query, int column, struct arena *arena)
{
    const char *json = (const char *)sqlite3_column_text(query->statement, column);
    struct property *items = NULL;
    size_t capacity = 0;
    size_t count = 0;
    struct sql_query each;

    if (json == NULL || strcmp(json, "{}") == 0) {
        return (struct properties){0};
    }
    sql_start(&each, query->sql, "SELECT key, value FROM json_each(?) ORDER BY key");
    sql_bind_text(&each, json);
    while (sql_step(&each)) {
        items = arena_grow(arena, items, count, &capacity, sizeof *items);
        items[count++] =
            (struct property){sql_text(&each, 0, arena), sql_text(&each, 1, arena)};
    }
    if (finish(&each) != SQLITE_OK) {
        query->code = each.code;
    }
    return (struct properties){items, count};
}

struct names sql_names(struct sql_query *query, int column, struct arena *arena)
{
    return read_names(query, column, "SELECT value FROM json_each(?) ORDER BY id", arena);
}

struct names sql_set(struct sql_query *query, int column, struct arena *arena)
{
    return read_names(query, column,
                      "SELECT DISTINCT value FROM json_each(?) ORDER BY value", arena);
}

enum err_code sql_end(struct sql_query *query, struct err *err)
{
    const int code = finish(query);

    return code == SQLITE_OK ? ERR_OK : explain(query->sql, code, err);
}

enum err_code sql_run(struct sql *sql, const char *text, struct err *err)
{
    struct sql_query query;
    bool has_row;

    sql_start(&query, sql, text);
    do {
        has_row = sql_step(&query);
    } while (has_row);
    return sql_end(&query, err);
}

enum err_code sql_run_script(struct sql *sql, const char *text, struct err *err)
{
    const int code = sqlite3_exec(sql->connection, text, NULL, NULL, NULL);

    return code == SQLITE_OK ? ERR_OK : explain(sql, code, err);
}

enum err_code sql_copy(struct sql *from, struct sql *to, struct err *err)
{
    sqlite3_backup *backup =
        sqlite3_backup_init(to->connection, "main", from->connection, "main");
    int code = sqlite3_errcode(to->connection);

    if (backup != NULL) {
        (void)sqlite3_backup_step(backup, -1);
        code = sqlite3_backup_finish(backup);
    }
    if (code == SQLITE_OK) {
        return ERR_OK;
    }
    switch (code & 0xff) {
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
        return explain(to, code, err);
    default:
        return explain(strcmp(to->file, ":memory:") == 0 ? from : to, code, err);
    }
}

int64_t sql_changes(const struct sql *sql)
{
    return sqlite3_changes64(sql->connection);
}

bool sql_is_in_transaction(const struct sql *sql)
{
    return sqlite3_get_autocommit(sql->connection) == 0;
}

void sql_roll_back(struct sql *sql)
{
    if (sql_is_in_transaction(sql)) {
        (void)sqlite3_exec(sql->connection, "ROLLBACK", NULL, NULL, NULL);
    }
}
