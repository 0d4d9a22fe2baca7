#include "linkstore/store_schema.h"

#include <string.h>

#include "schemas/linkstore-1.sql.h"
#include "schemas/linkstore-2.sql.h"
#include "schemas/linkstore-3.sql.h"
#include "schemas/linkstore-4.sql.h"
#include "schemas/linkstore-5.sql.h"
#include "schemas/linkstore-6.sql.h"

/* The application_id of linkstore-1.sql: a SQLite file with it is ours. */
#define APPLICATION_ID 0x74726c73

/* In the order in which they are applied. */
static const char *const migrations[] = {linkstore_1_sql, linkstore_2_sql,
                                         linkstore_3_sql, linkstore_4_sql,
                                         linkstore_5_sql, linkstore_6_sql};

int64_t store_schema_newest(void)
{
    return (int64_t)(sizeof migrations / sizeof *migrations);
}

enum err_code store_schema_ask(struct sql *sql, const char *text, int64_t *ret_answer,
                               struct err *err)
{
    struct sql_query query;
    int64_t answer = 0;
    enum err_code code;

    sql_start(&query, sql, text);
    if (sql_step(&query)) {
        answer = sql_integer(&query, 0);
    }
    code = sql_end(&query, err);
    if (code == ERR_OK) {
        *ret_answer = answer;
    }
    return code;
}

static enum err_code check_owner(struct sql *sql, struct err *err)
{
    int64_t application_id = 0;
    int64_t tables = 0;
    enum err_code code =
        store_schema_ask(sql, "PRAGMA application_id", &application_id, err);

    if (code != ERR_OK || application_id == APPLICATION_ID) {
        return code;
    }
    code = store_schema_ask(sql, "SELECT count(*) FROM sqlite_schema", &tables, err);
    if (code == ERR_OK && (application_id != 0 || tables > 0)) {
        code = err_set(err, ERR_CONFLICT, "%s is no trellis store: give another --store",
                       sql->path);
    }
    return code;
}

enum err_code store_schema_check(struct sql *sql, struct err *err)
{
    int64_t version = 0;
    enum err_code code = check_owner(sql, err);

    if (code == ERR_OK) {
        code = store_schema_ask(sql, "PRAGMA user_version", &version, err);
    }
    if (code == ERR_OK && version > store_schema_newest()) {
        code = err_set(err, ERR_CONFLICT,
                       "store %s was written by a newer trellis (schema %lld, known are "
                       "%lld): use that one, or give another --store",
                       sql->path, (long long)version, (long long)store_schema_newest());
    }
    return code;
}

enum err_code store_schema_quick_check(struct sql *sql, struct err *err)
{
    struct arena arena = {0};
    struct sql_query query;
    const char *finding = "";
    enum err_code code;

    sql_start(&query, sql, "PRAGMA quick_check(1)");
    if (sql_step(&query)) {
        finding = sql_text(&query, 0, &arena);
    }
    code = sql_end(&query, err);
    if (code == ERR_OK && strcmp(finding, "ok") != 0) {
        code = err_set(err, ERR_IO,
                       "store %s is damaged (%.200s): put back a copy of it, or give "
                       "another --store",
                       sql->path, finding);
    }
    arena_free(&arena);
    return code;
}

/* Write who this store is, in one that was just made. */
static enum err_code write_meta(struct sql *sql, const char *lattice, struct err *err)
{
    struct sql_query query;

    sql_start(&query, sql,
              "INSERT INTO meta (one, identity, lattice)"
              " VALUES (1, lower(hex(randomblob(16))), ?) ON CONFLICT DO NOTHING");
    sql_bind_text(&query, lattice != NULL ? lattice : "");
    (void)sql_step(&query);
    return sql_end(&query, err);
}

enum err_code store_schema_migrate(struct sql *sql, const char *lattice, struct err *err)
{
    int64_t version = 0;
    enum err_code code = store_schema_ask(sql, "PRAGMA user_version", &version, err);

    if (code != ERR_OK || version >= store_schema_newest()) {
        return code;
    }
    for (int64_t i = version; i < store_schema_newest() && code == ERR_OK; i++) {
        code = sql_run_script(sql, migrations[i], err);
    }
    return code == ERR_OK && version == 0 ? write_meta(sql, lattice, err) : code;
}
