#include "linkstore/store.h"
#include "linkstore/store_internal.h"

/* Columns in the order of read_application; the newest version is n, the deployed d. */
#define SELECT_APPLICATIONS                                                              \
    "SELECT a.name, n.version, d.version, n.description,"                                \
    " coalesce(d.source, n.source), n.digest, coalesce(d.revision, 0),"                  \
    " (SELECT count(*) FROM version AS v WHERE v.application = a.name),"                 \
    " CASE WHEN d.id IS NULL THEN n.way ELSE d.way END, coalesce(a.paused_unix_ms, 0)"   \
    " FROM application AS a"                                                             \
    " JOIN version AS n ON n.application = a.name AND n.revision ="                      \
    " (SELECT max(v.revision) FROM version AS v WHERE v.application = a.name)"           \
    " LEFT JOIN version AS d ON d.id = a.deployed "

static struct store_application read_application(struct sql_query *query,
                                                 struct arena *arena)
{
    return (struct store_application){
        .name = sql_text(query, 0, arena),
        .version = sql_text(query, 1, arena),
        .deployed = sql_text_or_null(query, 2, arena),
        .description = sql_text_or_null(query, 3, arena),
        .source = sql_text(query, 4, arena),
        .digest = sql_text(query, 5, arena),
        .revision = (uint64_t)sql_integer(query, 6),
        .versions_count = (size_t)sql_integer(query, 7),
        .way = sql_text_or_null(query, 8, arena),
        .paused_unix_ms = sql_integer(query, 9),
    };
}

enum err_code store_list(struct store *store, struct arena *arena,
                         struct store_applications *ret_applications, struct err *err)
{
    struct store_application *items = NULL;
    struct sql_query query;
    size_t capacity = 0;
    size_t count = 0;
    enum err_code code;

    sql_start(&query, &store->sql, SELECT_APPLICATIONS "ORDER BY a.name");
    while (sql_step(&query)) {
        items = arena_grow(arena, items, count, &capacity, sizeof *items);
        items[count++] = read_application(&query, arena);
    }
    code = sql_end(&query, err);
    if (code == ERR_OK) {
        *ret_applications = (struct store_applications){.items = items, .count = count};
    }
    return code;
}

enum err_code store_find(struct store *store, const char *application,
                         struct arena *arena, struct store_application *ret_application,
                         struct err *err)
{
    struct store_application found = {0};
    struct sql_query query;
    enum err_code code;

    sql_start(&query, &store->sql, SELECT_APPLICATIONS "WHERE a.name = ?");
    sql_bind_text(&query, application);
    if (sql_step(&query)) {
        found = read_application(&query, arena);
    }
    code = sql_end(&query, err);
    if (code == ERR_OK && found.name == NULL) {
        code = store_set_notfound(application, NULL, err);
    }
    if (code == ERR_OK) {
        *ret_application = found;
    }
    return code;
}
