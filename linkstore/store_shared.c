#include "linkstore/store.h"
#include "linkstore/store_internal.h"

/* The references that a change of application ?1 concerns: its own, and those to it. */
#define CONCERNED                                                                        \
    "(s.application = ?1 OR s.version IN (SELECT id FROM version WHERE application = "   \
    "?1))"

/* What each of them comes to.  An id that was known is kept while its component is away,
 * so that its links stay as they are. */
#define UPDATE_SHARED                                                                    \
    "UPDATE shared SET state = r.state, id = coalesce(r.id, shared.id) FROM"             \
    " (SELECT s.version, s.component, CASE WHEN v.id IS NULL THEN 'absent'"              \
    " WHEN NOT v.is_shared THEN 'closed' WHEN w.id IS NULL THEN 'unknown'"               \
    " ELSE 'there' END AS state, CASE WHEN v.is_shared THEN w.id END AS id"              \
    " FROM shared AS s"                                                                  \
    " LEFT JOIN application AS a ON a.name = s.application"                              \
    " LEFT JOIN version AS v ON v.id = a.deployed"                                       \
    " LEFT JOIN workload AS w ON w.version = v.id AND w.component = s.name"              \
    " AND w.kind = s.kind WHERE " CONCERNED ") AS r"                                     \
    " WHERE (shared.version, shared.component) = (r.version, r.component)"               \
    " AND (shared.state, shared.id) IS NOT (r.state, coalesce(r.id, shared.id))"

/* Two links that come to have one key are one. */
#define UPDATE_LINKS(id, component)                                                      \
    "UPDATE OR REPLACE link SET " id " = (SELECT s.id FROM shared AS s"                  \
    " WHERE s.version = link.version AND s.component = link." component ")"              \
    " WHERE " component " IS NOT NULL AND version IN"                                    \
    " (SELECT s.version FROM shared AS s WHERE " CONCERNED ")"

static enum err_code run(struct store *store, const char *text, const char *application,
                         struct err *err)
{
    struct sql_query query;

    sql_start(&query, &store->sql, text);
    sql_bind_text(&query, application);
    (void)sql_step(&query);
    return sql_end(&query, err);
}

enum err_code store_update_shared(struct store *store, const char *application,
                                  struct err *err)
{
    static const char *const texts[] = {
        UPDATE_LINKS("source_id", "source_shared"),
        UPDATE_LINKS("target", "target_shared"),
        "UPDATE application SET is_checked = 0 WHERE deployed IN"
        " (SELECT s.version FROM shared AS s WHERE " CONCERNED ")",
    };
    enum err_code code = run(store, UPDATE_SHARED, application, err);

    if (code != ERR_OK || sql_changes(&store->sql) == 0) {
        return code;
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts && code == ERR_OK; i++) {
        code = run(store, texts[i], application, err);
    }
    return code;
}

/* Read the names in the first column of all rows, and end query. */
static enum err_code end_names(struct sql_query *query, struct arena *arena,
                               struct names *ret_names, struct err *err)
{
    const char **items = NULL;
    size_t capacity = 0;
    size_t count = 0;
    enum err_code code;

    while (sql_step(query)) {
        items = arena_grow(arena, items, count, &capacity, sizeof *items);
        items[count++] = sql_text(query, 0, arena);
    }
    code = sql_end(query, err);
    if (code == ERR_OK) {
        *ret_names = (struct names){items, count};
    }
    return code;
}

#define SELECT_USERS                                                                     \
    "SELECT DISTINCT a.name FROM shared AS s"                                            \
    " JOIN application AS a ON a.deployed = s.version"                                   \
    " WHERE s.application = ?1 AND a.name <> ?1"

enum err_code store_users(struct store *store, const char *application,
                          struct arena *arena, struct names *ret_users, struct err *err)
{
    struct sql_query query;

    sql_start(&query, &store->sql, SELECT_USERS " ORDER BY a.name");
    sql_bind_text(&query, application);
    return end_names(&query, arena, ret_users, err);
}

enum err_code store_waiting(struct store *store, const char *application,
                            struct arena *arena, struct names *ret_users, struct err *err)
{
    struct sql_query query;

    sql_start(&query, &store->sql,
              SELECT_USERS " AND s.state <> 'there' ORDER BY a.name");
    sql_bind_text(&query, application);
    return end_names(&query, arena, ret_users, err);
}

// NOLINTNEXTLINE(readability-function-size): the object, what of it, where to, the error
enum err_code store_missing(struct store *store, const char *application,
                            const char *version, struct arena *arena,
                            struct names *ret_components, struct err *err)
{
    struct sql_query query;

    sql_start(&query, &store->sql,
              "SELECT component FROM shared WHERE state <> 'there' AND version ="
              " (SELECT id FROM version WHERE application = ?1"
              " AND version = coalesce(?2, version) ORDER BY revision DESC LIMIT 1)"
              " ORDER BY source_line, source_column");
    sql_bind_text(&query, application);
    sql_bind_text(&query, version);
    return end_names(&query, arena, ret_components, err);
}
