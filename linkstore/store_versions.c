#include "linkstore/store_versions.h"

#include "linkstore/store_internal.h"

enum err_code store_versions(struct store *store, const char *application,
                             struct arena *arena,
                             struct store_known_versions *ret_versions, struct err *err)
{
    struct store_known *items = NULL;
    struct sql_query query;
    size_t capacity = 0;
    size_t count = 0;
    enum err_code code;

    sql_start(&query, &store->sql,
              "SELECT v.version, v.created_unix_ms, a.deployed IS v.id"
              " FROM version AS v JOIN application AS a ON a.name = v.application"
              " WHERE v.application = ? ORDER BY v.revision");
    sql_bind_text(&query, application);
    while (sql_step(&query)) {
        items = arena_grow(arena, items, count, &capacity, sizeof *items);
        items[count++] = (struct store_known){
            .version = sql_text(&query, 0, arena),
            .created_unix_ms = sql_integer(&query, 1),
            .is_deployed = sql_integer(&query, 2) != 0,
        };
    }
    code = sql_end(&query, err);
    if (code == ERR_OK && count == 0) {
        code = store_set_notfound(application, NULL, err);
    }
    if (code == ERR_OK) {
        *ret_versions = (struct store_known_versions){items, count};
    }
    return code;
}

// NOLINTNEXTLINE(readability-function-size): the object, what, where to, and the error
enum err_code store_find_text(struct store *store, const char *application,
                              const char *version, struct arena *arena,
                              struct store_text *ret_text, struct err *err)
{
    struct store_text found = {.application = NULL};
    struct sql_query query;
    enum err_code code;

    sql_start(&query, &store->sql,
              "SELECT " STORE_TEXT_COLUMNS
              " FROM version AS v JOIN application AS a ON a.name = v.application"
              " WHERE v.application = ?1 AND v.version = coalesce(?2, v.version)"
              " ORDER BY v.revision DESC LIMIT 1");
    sql_bind_text(&query, application);
    sql_bind_text(&query, version);
    if (sql_step(&query)) {
        found = store_read_text(&query, arena);
    }
    code = sql_end(&query, err);
    if (code == ERR_OK && found.application == NULL) {
        code = store_set_notfound(application, version, err);
    }
    if (code == ERR_OK) {
        *ret_text = found;
    }
    return code;
}
