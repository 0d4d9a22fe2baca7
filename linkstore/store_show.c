#include "linkstore/store_file.h"
#include "linkstore/store_internal.h"

/* Of every table that people ask about; doomed is the view. */
#define SELECT_COUNTS                                                                    \
    "SELECT 'applications', count(*) FROM application"                                   \
    " UNION ALL SELECT 'deployed', count(*) FROM application WHERE deployed IS NOT NULL" \
    " UNION ALL SELECT 'versions', count(*) FROM version"                                \
    " UNION ALL SELECT 'configs put', count(*) FROM ledger_config"                       \
    " UNION ALL SELECT 'links put', count(*) FROM ledger_link"                           \
    " UNION ALL SELECT 'components started', count(*) FROM ledger_workload"              \
    "  WHERE kind = 'component'"                                                         \
    " UNION ALL SELECT 'providers started', count(*) FROM ledger_workload"               \
    "  WHERE kind = 'provider'"                                                          \
    " UNION ALL SELECT 'to be removed', count(*) FROM doomed"                            \
    " UNION ALL SELECT 'hosts known', count(*) FROM host"                                \
    " UNION ALL SELECT 'commands in history', count(*) FROM command"                     \
    " UNION ALL SELECT 'events in history', count(*) FROM event"

enum err_code store_count(struct store *store, struct arena *arena,
                          struct store_counts *ret_counts, struct err *err)
{
    struct store_count *items = NULL;
    struct sql_query query;
    size_t capacity = 0;
    size_t count = 0;
    enum err_code code;

    sql_start(&query, &store->sql, SELECT_COUNTS);
    while (sql_step(&query)) {
        items = arena_grow(arena, items, count, &capacity, sizeof *items);
        items[count++] =
            (struct store_count){sql_text(&query, 0, arena), sql_integer(&query, 1)};
    }
    code = sql_end(&query, err);
    if (code == ERR_OK) {
        *ret_counts = (struct store_counts){items, count};
    }
    return code;
}

struct store_text store_read_text(struct sql_query *query, struct arena *arena)
{
    return (struct store_text){
        .application = sql_text(query, 0, arena),
        .version = sql_text(query, 1, arena),
        .source = sql_text(query, 2, arena),
        .digest = sql_text(query, 3, arena),
        .way = sql_text_or_null(query, 4, arena),
        .author = sql_text_or_null(query, 5, arena),
        .text = sql_text(query, 6, arena),
        .created_unix_ms = sql_integer(query, 7),
        .is_deployed = sql_integer(query, 8) != 0,
    };
}

enum err_code store_export(struct store *store, struct arena *arena,
                           struct store_texts *ret_texts, struct err *err)
{
    struct store_text *items = NULL;
    struct sql_query query;
    size_t capacity = 0;
    size_t count = 0;
    enum err_code code;

    sql_start(&query, &store->sql,
              "SELECT " STORE_TEXT_COLUMNS " FROM version AS v"
              " JOIN application AS a ON a.name = v.application"
              " ORDER BY v.application, v.revision");
    while (sql_step(&query)) {
        items = arena_grow(arena, items, count, &capacity, sizeof *items);
        items[count++] = store_read_text(&query, arena);
    }
    code = sql_end(&query, err);
    if (code == ERR_OK) {
        *ret_texts = (struct store_texts){items, count};
    }
    return code;
}
